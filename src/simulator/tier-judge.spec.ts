import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TIER_PERIOD_MS, TierJudge } from './tier-judge.js';

const deliveries = fc
  .array(fc.record({ person: fc.nat(15).map(String), pause: fc.oneof(fc.nat(1000), fc.nat(TIER_PERIOD_MS / 3)) }), {
    minLength: 1,
    maxLength: 150,
  })
  .map((all) => {
    let at = 1000;
    return all.map(({ person, pause }) => ({ person, at: (at += pause) }));
  });

describe('the tier judge', () => {
  it('counts the people of every moving day, as counting them all does', () => {
    fc.assert(
      fc.property(deliveries, fc.integer({ min: 1, max: 12 }), (all, limit) => {
        const judge = new TierJudge();
        let violations = 0;
        const people = all.map(({ person, at }, index) => {
          const before = new Set(
            all.slice(0, index).flatMap((one) => (one.at > at - TIER_PERIOD_MS ? [one.person] : [])),
          );
          expect(judge.isFull(person, at, limit)).toBe(before.size >= limit && !before.has(person));
          judge.add(person, at, limit);
          const size = before.add(person).size;
          violations += size > limit && !isKnown(all, index) ? 1 : 0;
          return size;
        });
        const last = all.at(-1) as { at: number };
        expect(judge.report(last.at, limit)).toMatchObject({
          worst: Math.max(...people),
          unique: people.at(-1),
          excess: Math.max(0, Math.max(...people) - limit),
          violations,
        });
      }),
    );
  });

  it('is never full without a limit', () => {
    const judge = new TierJudge();
    judge.add('ann', 0, 'unlimited');
    expect(judge.isFull('bob', 0, 'unlimited')).toBe(false);
    expect(judge.isFull('bob', 0, 1)).toBe(true);
    expect(judge.isFull('bob', TIER_PERIOD_MS, 1)).toBe(false);
  });
});

/** Whether this person was reached within the day before. */
function isKnown(all: readonly { person: string; at: number }[], index: number): boolean {
  const { person, at } = all[index] as { person: string; at: number };
  return all.slice(0, index).some((one) => one.person === person && one.at > at - TIER_PERIOD_MS);
}
