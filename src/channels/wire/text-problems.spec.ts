import { describe, expect, it } from '@jest/globals';
import { textProblems } from './text-problems.js';

describe('a text', () => {
  it.each([
    ['👍👍', 'code-point', 2, []],
    ['👍👍', 'utf16', 3, ['content.too_long', 'is 4 characters long; 3 are allowed']],
    ['é', 'utf8-byte', 1, ['content.too_long', 'is 2 bytes long; 1 are allowed']],
    ['', 'utf16', 3, ['content.invalid', 'is empty']],
    [' \n', 'utf16', 3, ['content.invalid', 'is empty']],
  ] as const)('%j in %s, of which there may be %i, has the problems %j', (text, unit, maxLength, [code, message]) => {
    const problems = textProblems('content.text', text, { unit, maxLength });
    expect(problems).toEqual(code === undefined ? [] : [{ path: 'content.text', code, message }]);
  });
});
