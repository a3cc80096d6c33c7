import type { WireWriter } from './wire-writer.js';

/**
 * An array in PostgreSQL's binary format, in which nothing has to be quoted, escaped and read again: of statements that carry hundreds of
 * rows, the text of the arrays is a good part of what they cost on both sides.
 */
export interface ArrayType {
  /** of an element, in pg_type */
  readonly oid: number;
  /** with its length before it; false for a value that has to travel as text, and be judged there */
  readonly write: (writer: WireWriter, value: unknown) => boolean;
}

/** By the cast of a parameter, such as `$1::uuid[]`. */
const TYPES: ReadonlyMap<string, ArrayType> = new Map([
  ['uuid', { oid: 2950, write: writeUuid }],
  ['text', { oid: 25, write: writeText }],
  ['timestamptz', { oid: 1184, write: writeMoment }],
  ['boolean', { oid: 16, write: writeBoolean }],
  ['smallint', { oid: 21, write: integer(2, -(2 ** 15), 2 ** 15 - 1) }],
  ['integer', { oid: 23, write: integer(4, -(2 ** 31), 2 ** 31 - 1) }],
  ['int', { oid: 23, write: integer(4, -(2 ** 31), 2 ** 31 - 1) }],
  ['bigint', { oid: 20, write: writeBigint }],
  ['float8', { oid: 701, write: writeFloat }],
]);

const CAST = /\$(\d+)(?:::([a-z0-9]+)(\[\])?)?/g;

/** Statements that are put together for one occasion must not fill the memory. */
const MAX_KNOWN = 1_000;
const known = new Map<string, readonly (ArrayType | undefined)[]>();

/**
 * Which parameters of a statement are arrays of a type that is written in binary, by their places: those that are cast to it wherever
 * they stand, so that PostgreSQL takes them for nothing else.
 */
export function arrayTypesOf(text: string): readonly (ArrayType | undefined)[] {
  const before = known.get(text);
  if (before) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const types: (ArrayType | undefined)[] = [];
  const seen = new Set<number>();
  for (const [, number = '', type = '', brackets] of text.matchAll(CAST)) {
    const place = Number(number) - 1;
    const own = brackets === undefined ? undefined : TYPES.get(type);
    types[place] = seen.has(place) && types[place] !== own ? undefined : own;
    seen.add(place);
  }
  known.set(text, types);
  return types;
}

/** One dimension. @returns false, and nothing of use is written, where an element has to travel as text */
export function writeArray(writer: WireWriter, { oid, write }: ArrayType, values: readonly unknown[]): boolean {
  writer.int32(values.length === 0 ? 0 : 1);
  const nulls = writer.at;
  writer.int32(0);
  writer.int32(oid);
  if (values.length === 0) return true;
  writer.int32(values.length);
  // where it begins
  writer.int32(1);
  let hasNulls = false;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) {
      hasNulls = true;
      writer.int32(-1);
    } else if (!write(writer, value)) {
      return false;
    }
  }
  if (hasNulls) writer.int32At(nulls, 1);
  return true;
}

function writeText(writer: WireWriter, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  writer.text(value);
  return true;
}

const DASHES: ReadonlySet<number> = new Set([8, 13, 18, 23]);
const UUID_LENGTH = 36;
const NO_DIGIT = 0x100;
const HEX_DIGITS = Uint16Array.from({ length: 0x80 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? NO_DIGIT : digit;
});
/** of the 16 bytes, where their first digits stand in the text */
const PLACES = Array.from({ length: UUID_LENGTH }, (_, place) => place)
  .filter((place) => !DASHES.has(place))
  .filter((_, digit) => digit % 2 === 0);

function writeUuid(writer: WireWriter, value: unknown): boolean {
  if (typeof value !== 'string' || value.length !== UUID_LENGTH) return false;
  for (const place of DASHES) if (value.charCodeAt(place) !== 0x2d) return false;
  writer.int32(16);
  const buffer = writer.ensure(16);
  let { at } = writer;
  let seen = 0;
  for (let index = 0; index < 16; index += 1) {
    const place = PLACES[index] as number;
    const high = HEX_DIGITS[value.charCodeAt(place)] ?? NO_DIGIT;
    const low = HEX_DIGITS[value.charCodeAt(place + 1)] ?? NO_DIGIT;
    seen |= high | low;
    buffer[at++] = (high << 4) | low;
  }
  writer.at = at;
  return seen < NO_DIGIT;
}

/** PostgreSQL counts microseconds from the beginning of 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const HALF = 2 ** 32;

function writeMoment(writer: WireWriter, value: unknown): boolean {
  if (!(value instanceof Date)) return false;
  const micros = (value.getTime() - EPOCH_MS) * 1_000;
  return writeInteger64(writer, micros);
}

function writeBigint(writer: WireWriter, value: unknown): boolean {
  if (typeof value === 'string' && !/^-?\d+$/.test(value)) return false;
  return (
    (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') &&
    writeInteger64(writer, Number(value))
  );
}

/** Only where a number holds it exactly. */
function writeInteger64(writer: WireWriter, value: number): boolean {
  if (!Number.isSafeInteger(value)) return false;
  writer.int32(8);
  writer.int32(Math.floor(value / HALF));
  writer.int32(value % HALF);
  return true;
}

function writeBoolean(writer: WireWriter, value: unknown): boolean {
  if (typeof value !== 'boolean') return false;
  writer.int32(1);
  writer.ensure(1)[writer.at++] = value ? 1 : 0;
  return true;
}

function writeFloat(writer: WireWriter, value: unknown): boolean {
  if (typeof value !== 'number') return false;
  writer.int32(8);
  writer.float64(value);
  return true;
}

function integer(size: 2 | 4, least: number, most: number): ArrayType['write'] {
  return (writer, value) => {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) return false;
    writer.int32(size);
    if (size === 2) writer.int16(value as number);
    else writer.int32(value as number);
    return true;
  };
}
