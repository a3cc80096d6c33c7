import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it('stays between what the network asks for and its ceiling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const wait = backoffMs(attempt, 1_000, 200, () => random);
        expect(wait).toBeGreaterThanOrEqual(200);
        expect(wait).toBeLessThanOrEqual(Math.min(300_000, 1_000 * 2 ** (attempt - 1)));
      }),
    );
  });

  it('grows with the attempts', () => {
    expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, 1_000, 0, () => 1))).toEqual([
      1_000, 2_000, 4_000, 300_000,
    ]);
  });
});
