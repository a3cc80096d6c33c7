import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../platform/problem/problem.js';
import { onward, orProblem } from './refusable.js';

const refusal = (code: string): Problem => new Problem(422, code, 'no');

describe('many items of which some are refused', () => {
  it('go on together, the refused ones stay where they are', async () => {
    const seen: (readonly number[])[] = [];
    const result = await onward([1, refusal('a'), 3, 4], async (remaining) => {
      seen.push(remaining);
      return remaining.map((value) => (value === 3 ? refusal('b') : value * 10));
    });
    expect(seen).toEqual([[1, 3, 4]]);
    expect(result.map((item) => (item instanceof Problem ? item.code : item))).toEqual([10, 'a', 'b', 40]);
  });

  it('cost no step when none is left', async () => {
    const result = await onward([refusal('a')], () => Promise.reject(new Error('called')));
    expect(result).toHaveLength(1);
  });

  it('are not refused by a bug', () => {
    expect(() =>
      orProblem(() => {
        throw new Error('bug');
      }),
    ).toThrow('bug');
  });
});
