import { type ArrayType, writeArray } from './array-types.js';
import { encodeValue } from './encode-value.js';
import { WireWriter } from './wire-writer.js';

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

const writer = new WireWriter();

/**
 * @param values as {@link encodeValue} takes them
 * @param types of those that are arrays in binary format, by their places
 * @throws RangeError for a Date that is none
 */
export function bind(name: string, values: readonly unknown[], types: readonly (ArrayType | undefined)[] = []): Buffer {
  writer.reset();
  writer.ensure(5)[0] = 0x42;
  writer.at = 5;
  // the unnamed portal
  writer.cString('');
  writer.cString(name);
  writer.int16(values.length);
  const formats = writer.at;
  for (let index = 0; index < values.length; index += 1) writer.int16(0);
  writer.int16(values.length);
  for (let index = 0; index < values.length; index += 1) {
    if (writeParameter(values[index], types[index]) === 'binary') writer.int16At(formats + 2 * index, 1);
  }
  // all results as text
  writer.int16(0);
  writer.int32At(1, writer.at - 1);
  return writer.take();
}

function writeParameter(value: unknown, type: ArrayType | undefined): 'text' | 'binary' {
  if (type && Array.isArray(value)) {
    const start = writer.at;
    writer.int32(0);
    if (writeArray(writer, type, value)) {
      writer.int32At(start, writer.at - start - 4);
      return 'binary';
    }
    writer.at = start;
  }
  const encoded = encodeValue(value);
  if (encoded === null) {
    writer.int32(-1);
  } else if (typeof encoded === 'string') {
    writer.text(encoded);
  } else {
    writer.int32(encoded.length);
    writer.bytes(encoded);
    return 'binary';
  }
  return 'text';
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
