import { describe, expect, it } from '@jest/globals';
import { encodeValue } from './encode-value.js';

describe('a parameter', () => {
  it.each([
    ['text as it is', 'a "b" \\', 'a "b" \\'],
    ['a number', 1.5, '1.5'],
    ['a bigint', 2n ** 60n, '1152921504606846976'],
    ['a boolean', false, 'false'],
    ['null', null, null],
    ['undefined', undefined, null],
    ['an object as JSON', { a: ['"'] }, '{"a":["\\""]}'],
    ['a moment in UTC', new Date(Date.UTC(2026, 10, 25, 22, 31, 2, 7)), '2026-11-25T22:31:02.007Z'],
    ['a moment before 1970', new Date(-1), '1969-12-31T23:59:59.999Z'],
    ['a moment of a far year', new Date('+012026-01-02T03:04:05.678Z'), '12026-01-02T03:04:05.678Z'],
    ['a moment of an early year', new Date('0099-01-02T03:04:05.678Z'), '0099-01-02T03:04:05.678Z'],
    ['a moment before the year 1', new Date('-000001-01-02T03:04:05.678Z'), '0002-01-02T03:04:05.678Z BC'],
  ])('is %s', (_, value, text) => {
    expect(encodeValue(value)).toBe(text);
  });

  it('is bytes where bytes are given', () => {
    expect(encodeValue(Buffer.from('ab'))).toEqual(Buffer.from('ab'));
    expect(encodeValue(new Uint8Array([1, 2]).subarray(1))).toEqual(Buffer.from([2]));
  });

  it('is refused where a moment is none', () => {
    expect(() => encodeValue(new Date(Number.NaN))).toThrow(RangeError);
    expect(() => encodeValue([new Date(Number.NaN)])).toThrow(RangeError);
  });
});

describe('an array', () => {
  it.each([
    ['none', [], '{}'],
    ['numbers, booleans and nulls', [1, -2.5, true, null, undefined, 3n], '{1,-2.5,true,NULL,NULL,3}'],
    ['words that mean something', ['NULL', '', '{}', 'a,b'], '{"NULL","","{}","a,b"}'],
    ['quotes and backslashes', ['a"b', 'c\\d', '\\"'], '{"a\\"b","c\\\\d","\\\\\\""}'],
    ['quotes among line breaks', ['"\n\t\\\u0001'], '{"\\"\n\t\\\\\u0001"}'],
    ['quotes among letters of all kinds', ['"é💬\u2028'], '{"\\"é💬\u2028"}'],
    ['quotes beside half a pair', ['"\ud83d'], '{"\\"\ud83d"}'],
    ['objects', [{ a: 'b' }], '{"{\\"a\\":\\"b\\"}"}'],
    ['moments', [new Date(0), new Date(61_001)], '{"1970-01-01T00:00:00.000Z","1970-01-01T00:01:01.001Z"}'],
    ['bytes', [Buffer.from([0, 255])], '{"\\\\x00ff"}'],
    ['arrays', [[1], ['a']], '{{1},{"a"}}'],
  ])('of %s', (_, values, text) => {
    expect(encodeValue(values)).toBe(text);
  });
});
