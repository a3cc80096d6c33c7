import pg from 'pg';

/** Turns what PostgreSQL sent for a value that is not null into ours. */
export type Decode = (text: string) => unknown;

const TIMESTAMPTZ = 1184;
const TEXT_LIKE: ReadonlySet<number> = new Set([20, 25, 1043, 2950]);

/** What the driver makes of this type, the common ones faster. Its own table stays as it is: a host may use the driver too. */
export function decoderOf(type: number): Decode {
  if (TEXT_LIKE.has(type)) return asItIs;
  const decode = pg.types.getTypeParser(type, 'text') as Decode;
  return type === TIMESTAMPTZ ? (text) => decodeUtc(text) ?? decode(text) : decode;
}

function asItIs(text: string): string {
  return text;
}

/**
 * `2026-11-25 22:31:32.123456+00`, as a session in UTC writes moments of the years 1 to 9999; digits behind the milliseconds are cut.
 *
 * @returns undefined for anything else, such as `infinity`
 */
function decodeUtc(text: string): Date | undefined {
  const { length } = text;
  const isUtc = length >= 22 && length <= 29 && text.endsWith('+00') && text.charCodeAt(4) === DASH;
  if (!isUtc || text.charCodeAt(10) !== SPACE) return undefined;
  let ms = 0;
  for (let place = 20, worth = 100; place < length - 3 && worth >= 1; place += 1, worth /= 10)
    ms += digit(text, place) * worth;
  const year = digit(text, 0) * 1000 + digit(text, 1) * 100 + two(text, 2);
  // Date.UTC takes the years 0 to 99 for those of the last century.
  if (year < 100) return undefined;
  return new Date(Date.UTC(year, two(text, 5) - 1, two(text, 8), two(text, 11), two(text, 14), two(text, 17), ms));
}

const DASH = 0x2d;
const SPACE = 0x20;
const ZERO = 0x30;

function digit(text: string, place: number): number {
  return text.charCodeAt(place) - ZERO;
}

function two(text: string, place: number): number {
  return digit(text, place) * 10 + digit(text, place + 1);
}
