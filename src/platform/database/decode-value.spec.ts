import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { decoderOf } from './decode-value.js';

const TIMESTAMPTZ = 1184;
const decode = decoderOf(TIMESTAMPTZ);
const driver = pg.types.getTypeParser(TIMESTAMPTZ, 'text') as (text: string) => unknown;

describe('a moment', () => {
  it.each([
    ['2026-11-25 22:31:32.123+00', '2026-11-25T22:31:32.123Z'],
    ['2026-11-25 22:31:32.1+00', '2026-11-25T22:31:32.100Z'],
    ['2026-11-25 22:31:32.05+00', '2026-11-25T22:31:32.050Z'],
    ['2026-11-25 22:31:32+00', '2026-11-25T22:31:32.000Z'],
    ['2026-11-25 22:31:32.123999+00', '2026-11-25T22:31:32.123Z'],
    ['1969-12-31 23:59:59.999+00', '1969-12-31T23:59:59.999Z'],
  ])('%s is read without the driver’s help', (text, iso) => {
    expect((decode(text) as Date).toISOString()).toBe(iso);
    expect(driver(text)).toEqual(decode(text));
  });

  it.each([
    '2026-11-25 22:31:32.123+02',
    '2026-11-25 22:31:32.123-03:30',
    '0044-03-15 12:00:00+00 BC',
    '0099-03-15 12:00:00+00',
    '12026-03-15 12:00:00.25+00',
    'infinity',
    '-infinity',
  ])('%s is read as the driver reads it', (text) => {
    expect(decode(text)).toEqual(driver(text));
  });
});

it('reads everything else as the driver does', () => {
  expect(decoderOf(20)('9007199254740993')).toBe('9007199254740993');
  expect(decoderOf(23)('42')).toBe(42);
  expect(decoderOf(16)('t')).toBe(true);
  expect(decoderOf(114)('{"a":1}')).toEqual({ a: 1 });
  expect(decoderOf(1009)('{a,"b c",NULL}')).toEqual(['a', 'b c', null]);
  expect(decoderOf(17)('\\x00ff')).toEqual(Buffer.from([0, 255]));
});
