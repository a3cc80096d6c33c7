import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitText, textLength } from './text-length.js';

const UNITS = ['utf16', 'code-point', 'utf8-byte'] as const;
const FAMILY = '👨‍👩‍👧';

describe('textLength', () => {
  it.each([
    ['abc', 3, 3, 3],
    ['é', 1, 1, 2],
    ['日', 1, 1, 3],
    ['😀', 2, 1, 4],
    [FAMILY, 8, 5, 18],
  ])('of %s', (text, utf16, codePoints, bytes) => {
    expect(UNITS.map((unit) => textLength(text, unit))).toEqual([utf16, codePoints, bytes]);
  });
});

describe('splitText', () => {
  it.each<[string, number, string[]]>([
    ['short', 10, ['short']],
    ['one two three', 8, ['one two ', 'three']],
    ['line one\nline two', 12, ['line one\n', 'line two']],
    ['a bbbbbbbbbbbb', 10, ['a bbbbbbbb', 'bbbb']],
    [FAMILY + FAMILY, 6, [FAMILY, FAMILY]],
    ['e\u0301'.repeat(3), 3, ['e\u0301', 'e\u0301', 'e\u0301']],
    ['a' + '\u0301'.repeat(5), 4, ['a' + '\u0301'.repeat(3), '\u0301'.repeat(2)]],
    ['ab' + ' '.repeat(6), 2, ['ab']],
    ['', 5, []],
  ])('cuts %j at %i', (text, max, parts) => {
    expect(splitText(text, max, 'code-point')).toEqual(parts);
  });

  it('loses nothing but blanks, and no part is too long, in any unit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 4, max: 40 }),
        fc.constantFrom(...UNITS),
        (text, max, unit) => {
          const parts = splitText(text, max, unit);
          const unblank = (value: string): string => value.replaceAll(/\s/gu, '');
          expect(unblank(parts.join(''))).toBe(unblank(text));
          for (const part of parts) expect(textLength(part, unit)).toBeLessThanOrEqual(max);
        },
      ),
    );
  });

  it('never cuts what a person sees as one character', () => {
    const text = `${FAMILY}🇺🇦👍🏽`.repeat(50);
    const graphemes = (value: string): number => [...new Intl.Segmenter().segment(value)].length;
    const parts = splitText(text, 17, 'code-point');
    expect(parts.join('')).toBe(text);
    expect(parts.reduce((sum, part) => sum + graphemes(part), 0)).toBe(graphemes(text));
  });
});
