import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PAIR_BURST, PAIR_PERIOD_MS, PairJudge } from './pair-judge.js';

const NUMBER = '66';
const times = fc
  .array(fc.oneof(fc.nat(10), fc.nat(PAIR_PERIOD_MS), fc.nat(60_000)), { minLength: 1, maxLength: 250 })
  .map((pauses) => {
    let at = 1000;
    return pauses.map((pause) => (at += pause));
  });

/** Sends unless it is refused. @returns the times of what went. */
function enforce(judge: PairJudge, all: readonly number[], reading: 'lenient' | 'strict'): number[] {
  return all.filter((at) => {
    const goes = !judge.refuses(NUMBER, 'ann', at, reading);
    if (goes) {
      judge.add(NUMBER, 'ann', at);
    }
    return goes;
  });
}

describe('the pair judge', () => {
  it('lets no interval hold more than 45 and one per 6 s, and refuses nothing else', () => {
    fc.assert(
      fc.property(times, (all) => {
        const taken: number[] = [];
        const judge = new PairJudge();
        for (const at of all) {
          // What goes is what leaves every interval that ends now within its bounds.
          const fits = [...taken, at].every(
            (from, index) => taken.length - index + 1 <= PAIR_BURST + (at - from) / PAIR_PERIOD_MS,
          );
          expect(judge.refuses(NUMBER, 'ann', at, 'lenient')).toBe(!fits);
          if (fits) {
            judge.add(NUMBER, 'ann', at);
            taken.push(at);
          }
        }
        expect(judge.report()).toMatchObject({ violations: 0, refused: all.length - taken.length });
      }),
    );
  });

  it('counts in a record without refusals exactly what would have been refused', () => {
    fc.assert(
      fc.property(times, (all) => {
        const [record, strict, lenient] = [new PairJudge(), new PairJudge(), new PairJudge()];
        all.forEach((at) => record.add(NUMBER, 'ann', at));
        const { violations, beforePaidBack } = record.report();
        expect(violations).toBe(all.length - enforce(lenient, all, 'lenient').length);
        expect(beforePaidBack).toBe(all.length - enforce(strict, all, 'strict').length);
      }),
    );
  });

  it('wants a burst of 20 paid back in two minutes when it is strict, and one more in 6 s when not', () => {
    const burst = Array.from({ length: 20 }, (_, index) => 1000 + index);
    const later = [7000, 13_000, 120_999, 121_000];
    expect(enforce(new PairJudge(), [...burst, ...later], 'strict').slice(20)).toEqual([121_000]);
    expect(enforce(new PairJudge(), [...burst, ...later], 'lenient').slice(20)).toEqual(later);
  });

  it('notes who was too early, and tries again that did not wait 4^n s', () => {
    const judge = new PairJudge();
    const burst = Array.from({ length: PAIR_BURST }, () => 0);
    // The first waits 1 s, the second not its 4, the third not its 16, though by then there is room.
    expect(enforce(judge, [...burst, 10, 1010, 1500, 6000], 'lenient')).toHaveLength(PAIR_BURST + 1);
    expect(judge.report()).toMatchObject({ refused: 3, hasty: 2 });
    judge.add(NUMBER, 'ann', 6001);
    judge.add(NUMBER, 'bob', 6001);
    expect(judge.report()).toMatchObject({
      violations: 1,
      pairs: { '66 ann': 1 },
      examples: [{ number: NUMBER, to: 'ann', at: 6001, earlyMs: 5999 }],
    });
  });

  it('forgets pairs that owe nothing', () => {
    const judge = new PairJudge();
    for (let index = 0; index < 50_000; index += 1) {
      judge.add(NUMBER, String(index), index * 10);
    }
    expect((judge as unknown as { pairs: Map<string, unknown> }).pairs.size).toBeLessThan(15_000);
  });
});
