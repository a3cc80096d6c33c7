/**
 * A parameter as PostgreSQL reads it: text, bytes, or null. The same as the driver's own, for values that are hundreds at a time:
 * text is looked at once, and a moment is written in UTC without asking for the offset of the process's time zone.
 *
 * @throws RangeError for a Date that is none
 */
export function encodeValue(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value as number | bigint | boolean);
  if (Array.isArray(value)) return encodeArray(value);
  if (value instanceof Date) return encodeDate(value);
  return ArrayBuffer.isView(value) ? bytesOf(value) : JSON.stringify(value);
}

/** An array literal: strings stand in quotes, so that none of them is read as NULL. */
function encodeArray(values: readonly unknown[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    text += encodeElement(values[index]);
  }
  return `${text}}`;
}

function encodeElement(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value as number | bigint | boolean);
  if (Array.isArray(value)) return encodeArray(value);
  if (value instanceof Date) return `"${encodeDate(value)}"`;
  return ArrayBuffer.isView(value) ? `"\\\\x${bytesOf(value).toString('hex')}"` : quote(JSON.stringify(value));
}

/** Of text without control characters JSON makes the same, several times faster than replacing does. */
function quote(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  return PLAIN.test(text) ? JSON.stringify(text) : `"${text.replace(EACH_SPECIAL, '\\$&')}"`;
}

const SPECIAL = /["\\]/;
const EACH_SPECIAL = /["\\]/g;
/** no control characters, and no halves of surrogate pairs */
const PLAIN = /^[ -\ud7ff\ue000-\uffff]*$/;

const MINUTE_MS = 60_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));
let lastMinute = { ms: Number.NaN, before: '', after: '' };

/** The moments of one array mostly lie in one minute, of which all but seconds and milliseconds is written once. */
function encodeDate(date: Date): string {
  const ms = date.getTime();
  const minuteMs = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  if (minuteMs !== lastMinute.ms) lastMinute = minuteOf(minuteMs);
  const rest = ms - minuteMs;
  const seconds = TWO_DIGITS[Math.floor(rest / 1_000)] as string;
  return `${lastMinute.before}${seconds}.${THREE_DIGITS[rest % 1_000] as string}${lastMinute.after}`;
}

/** PostgreSQL knows no sign before a year: later ones have more digits, and those before the year 1 are counted back from it. */
function minuteOf(ms: number): typeof lastMinute {
  const date = new Date(ms);
  const text = date.toISOString();
  const year = date.getUTCFullYear();
  const shown = year > 0 ? year : 1 - year;
  const before = `${String(shown).padStart(4, '0')}${text.slice(text.indexOf('-', 1), -'00.000Z'.length)}`;
  return { ms, before, after: year > 0 ? 'Z' : 'Z BC' };
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.isBuffer(view) ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
