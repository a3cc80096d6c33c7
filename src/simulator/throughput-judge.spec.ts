import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { INTERVALS_MS, ThroughputJudge } from './throughput-judge.js';

/** Times in order, with pauses from none to more than the longest interval. */
const times = fc
  .array(fc.oneof(fc.nat(3), fc.nat(200), fc.nat(8000), fc.nat(70_000)), { minLength: 1, maxLength: 200 })
  .map((pauses) => {
    let at = 1000;
    return pauses.map((pause) => (at += pause));
  });

describe('the throughput judge', () => {
  it('finds the fullest interval of each length, as counting them all does', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 10 }), (all, mps, burst) => {
        const judge = new ThroughputJudge(mps, burst);
        all.forEach((at) => judge.add(at));
        const { worst, violations } = judge.report();
        const counts = INTERVALS_MS.map((ms) =>
          all.map((end, index) => all.filter((at, other) => other <= index && at > end - ms).length),
        );
        const allowed = INTERVALS_MS.map((ms) => (mps * ms) / 1000 + burst);
        expect(worst.map(({ ms }) => ms)).toEqual([...INTERVALS_MS]);
        worst.forEach(({ count, excess }, index) => {
          const most = Math.max(...(counts[index] as number[]));
          expect(count).toBe(most);
          expect(excess).toBeCloseTo(most - (allowed[index] as number), 6);
        });
        const over = all.filter((_, place) =>
          counts.some((ofLength, index) => (ofLength[place] as number) > (allowed[index] as number)),
        );
        expect(violations).toBe(over.length);
      }),
    );
  });

  it('keeps more than its first ring holds', () => {
    const judge = new ThroughputJudge(80, 4);
    for (let index = 0; index < 10_000; index += 1) {
      judge.add(index);
    }
    expect(judge.report().worst.map(({ count }) => count)).toEqual([100, 1000, 5000, 10_000]);
    for (let index = 0; index < 200_000; index += 1) {
      judge.add(10_000 + index);
    }
    expect(judge.report().worst.at(-1)).toMatchObject({ ms: 60_000, count: 60_000 });
  });

  it('is full when the last second holds the limit and the burst', () => {
    const judge = new ThroughputJudge(80, 4);
    for (let index = 0; index < 84; index += 1) {
      expect(judge.isFull(500)).toBe(false);
      judge.add(500);
    }
    expect([judge.isFull(500), judge.isFull(1499), judge.isFull(1500)]).toEqual([true, true, false]);
  });

  it('judges by a new limit only what comes after it', () => {
    const judge = new ThroughputJudge(1000, 50);
    for (let index = 0; index < 500; index += 1) {
      judge.add(index);
    }
    judge.change(80, 4);
    judge.add(500);
    expect(judge.report()).toMatchObject({ mps: 80, violations: 0 });
  });
});
