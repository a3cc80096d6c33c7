import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type AccountPace,
  FULL_PACE,
  LOOK_AHEAD_MS,
  afterSlots,
  budgetOf,
  factorAt,
  inboundRate,
  lowered,
  slotsOf,
} from './account-pace.js';

const NOW = Date.UTC(2026, 10, 20);
const polls = fc.array(fc.record({ waitMs: fc.nat(400), max: fc.nat(30) }), { minLength: 1, maxLength: 60 });

/** Asks for slots as admission does, again and again, and takes what it gets. */
function take(budget: number, asked: readonly { waitMs: number; max: number }[], lookAheadMs = LOOK_AHEAD_MS) {
  let pace: AccountPace = FULL_PACE;
  let now = NOW;
  return asked.map(({ waitMs, max }) => {
    now += waitMs;
    const { times, nextAt } = slotsOf(pace, budget, now, { lookAheadMs, max });
    pace = afterSlots(pace, budget, times);
    return { now, times, nextAt, max };
  });
}

describe('the pace of an account', () => {
  it('lets no stretch of any length hold more than the budget and the burst', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1_000, noNaN: true }), polls, (budget, asked) => {
        const times = take(budget, asked).flatMap((slots) => slots.times);
        const burst = Math.max(1, budget / 20);
        times.forEach((from, first) => {
          for (let last = first; last < times.length; last += 1) {
            const seconds = ((times[last] ?? 0) - from) / 1_000;
            expect(last - first + 1).toBeLessThanOrEqual(budget * seconds + burst + 1e-3);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('gives slots in order, from now on, no further ahead than it looks, and as many as there is room for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1_000, noNaN: true }), polls, (budget, asked) => {
        const given = take(budget, asked);
        const times = given.flatMap((slots) => slots.times);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        for (const { now, times: own, nextAt, max } of given) {
          for (const at of own) expect(at >= now && at <= now + LOOK_AHEAD_MS).toBe(true);
          expect(own.length === max || nextAt > now + LOOK_AHEAD_MS).toBe(true);
        }
      }),
    );
  });

  it('reaches its budget when it is asked for without a pause', () => {
    const asked = Array.from({ length: 1_000 }, () => ({ waitMs: 20, max: 100 }));
    const times = take(76, asked).flatMap((slots) => slots.times);
    expect(times.length).toBeGreaterThan(76 * 19.9);
  });

  it.each([
    [80, 0, 80],
    [80, 30, 50],
    [80, 79, 8],
    [80, 500, 8],
    [20, 5, 15],
  ])('leaves of %i messages a second, %i of them coming in, room for %i', (throughput, inbound, room) => {
    const budget = budgetOf(throughput, inbound, FULL_PACE, NOW);
    expect(budget).toBeLessThanOrEqual(room);
    expect(budget).toBeGreaterThan(room * 0.9);
    // In any second, whatever it begins with.
    const asked = Array.from({ length: 200 }, () => ({ waitMs: 20, max: 100 }));
    const times = take(budget, asked).flatMap((slots) => slots.times);
    for (const from of times)
      expect(times.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(Math.max(1, room));
  });
});

describe('the pace after refusals for speed', () => {
  const waits = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 80 });

  it('is halved once a second at most, keeps a rest, and climbs back by itself', () => {
    fc.assert(
      fc.property(waits, (gaps) => {
        let pace: AccountPace = FULL_PACE;
        let now = NOW;
        let halvedAt = Number.NEGATIVE_INFINITY;
        for (const gap of gaps) {
          const after = factorAt(pace, now);
          now += gap;
          const before = factorAt(pace, now);
          expect(before).toBeGreaterThanOrEqual(after);
          pace = lowered(pace, now);
          const left = factorAt(pace, now);
          if (now - halvedAt < 1_000) expect(left).toBe(before);
          else {
            halvedAt = now;
            expect(left).toBeCloseTo(Math.max(before / 2, 1 / 32), 10);
          }
        }
        expect(factorAt(pace, now)).toBeGreaterThanOrEqual(1 / 32);
        expect(factorAt(pace, now + 60_000)).toBe(1);
      }),
    );
  });

  it('is not changed by news of a refusal that is older than the last one', () => {
    const pace = lowered(FULL_PACE, NOW);
    expect(lowered(pace, NOW - 60_000)).toEqual(pace);
  });
});

describe('what came in during the last second', () => {
  it('is what its tenths say, the oldest by the part of it that is less than a second ago', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 60 }), fc.nat(1_500), (ages, sinceLast) => {
        const latest = NOW + 123;
        const tenth = Math.floor(latest / 100);
        const counts = Array.from({ length: 11 }, () => 0);
        const times = [0, ...ages].map((age) => latest - age);
        for (const at of times) {
          const place = tenth - Math.floor(at / 100);
          if (place < counts.length) counts[place] = (counts[place] ?? 0) + 1;
        }
        const now = latest + sinceLast;
        const rate = inboundRate({ tenth, counts }, now);
        const within = (ms: number): number => times.filter((at) => at > now - ms).length;
        expect(rate).toBeGreaterThanOrEqual(within(900) - 1e-9);
        expect(rate).toBeLessThanOrEqual(within(1_100) + 1e-9);
      }),
    );
  });

  it('is not lost when another process counts by a clock that is a little ahead', () => {
    expect(inboundRate({ tenth: Math.floor(NOW / 100) + 2, counts: [5] }, NOW)).toBe(5);
  });
});
