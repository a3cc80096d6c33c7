/** The messages of PostgreSQL's extended query protocol that a statement is made of. https://www.postgresql.org/docs/current/protocol-message-formats.html */

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
/** all rows of the unnamed portal */
const EXECUTE = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const DESCRIBE_PORTAL = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0]);

export const EXECUTE_AND_SYNC = Buffer.concat([EXECUTE, SYNC]);
export const DESCRIBE_EXECUTE_AND_SYNC = Buffer.concat([DESCRIBE_PORTAL, EXECUTE, SYNC]);

/** A statement without parameters and rows that others of the same write stand behind: if it fails they are not looked at. */
export function immediately(text: string): Buffer {
  return Buffer.concat([parse('', text), bind('', []), EXECUTE]);
}

/** What needs no parameters; several statements may stand in it. Its answer ends as one of a synchronized statement does. */
export function simply(text: string): Buffer {
  const message = Buffer.allocUnsafe(1 + 4 + Buffer.byteLength(text) + 1);
  cString(message, begin(message, 0x51), text);
  return message;
}

/** @param name '' for one that is used once */
export function parse(name: string, text: string): Buffer {
  const [nameBytes, textBytes] = [Buffer.byteLength(name), Buffer.byteLength(text)];
  const message = Buffer.allocUnsafe(1 + 4 + nameBytes + 1 + textBytes + 1 + 2);
  let at = begin(message, 0x50);
  at = cString(message, at, name);
  at = cString(message, at, text);
  message.writeInt16BE(0, at);
  return message;
}

/** Forgets a prepared statement; one that is not there is no mistake. */
export function close(name: string): Buffer {
  const message = Buffer.allocUnsafe(1 + 4 + 1 + Buffer.byteLength(name) + 1);
  const at = begin(message, 0x43);
  message[at] = 0x53;
  cString(message, at + 1, name);
  return message;
}

/** @param values text, bytes in binary format, or null */
export function bind(name: string, values: readonly (string | Buffer | null)[]): Buffer {
  const lengths = values.map((value) =>
    value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.length,
  );
  let size = 1 + 4 + 1 + Buffer.byteLength(name) + 1 + 2 + 2 * values.length + 2 + 4 * values.length + 2;
  for (const length of lengths) size += length;
  const message = Buffer.allocUnsafe(size);
  let at = begin(message, 0x42);
  at = cString(message, at, '');
  at = cString(message, at, name);
  at = message.writeInt16BE(values.length, at);
  for (const value of values) at = message.writeInt16BE(Buffer.isBuffer(value) ? 1 : 0, at);
  at = message.writeInt16BE(values.length, at);
  values.forEach((value, index) => {
    const length = lengths[index] as number;
    at = message.writeInt32BE(value === null ? -1 : length, at);
    if (typeof value === 'string') message.write(value, at, 'utf8');
    else value?.copy(message, at);
    at += length;
  });
  // all results as text
  message.writeInt16BE(0, at);
  return message;
}

/** @returns where the body begins */
function begin(message: Buffer, type: number): number {
  message[0] = type;
  return message.writeInt32BE(message.length - 1, 1);
}

/** @returns where it ends */
function cString(message: Buffer, at: number, text: string): number {
  const end = at + message.write(text, at, 'utf8');
  message[end] = 0;
  return end + 1;
}
