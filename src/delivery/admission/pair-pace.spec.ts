import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PairLimit, type PairPace, RESTED, afterPairMessage, afterPairRefusal, pairFreeAt } from './pair-pace.js';

const NOW = Date.UTC(2026, 10, 20);
/** Meta: one message in 6 s to one person; a burst of up to 45 is borrowed from the future. */
const LENIENT: PairLimit = { everyMs: 6_000, burst: 45, strict: false };
const STRICT: PairLimit = { ...LENIENT, strict: true };

const waits = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.nat(300) },
    { weight: 2, arbitrary: fc.nat(20_000) },
    { weight: 1, arbitrary: fc.nat(400_000) },
  ),
  { minLength: 1, maxLength: 200 },
);

/** Somebody wants to send after each wait, and sends as soon as it is allowed. */
function send(limit: PairLimit, wanted: readonly number[]): number[] {
  let pace: PairPace = RESTED;
  let now = NOW;
  return wanted.map((wait) => {
    now = Math.max(now + wait, pairFreeAt(pace, limit, now + wait));
    pace = afterPairMessage(pace, limit, now);
    return now;
  });
}

describe('the pace to one person', () => {
  it('is never more than the burst and one message in six seconds, over any stretch', () => {
    fc.assert(
      fc.property(waits, fc.boolean(), (wanted, isStrict) => {
        const times = send(isStrict ? STRICT : LENIENT, wanted);
        times.forEach((from, first) => {
          for (let last = first; last < times.length; last += 1)
            expect(last - first + 1).toBeLessThanOrEqual(45 + Math.floor(((times[last] ?? 0) - from) / 6_000));
        });
      }),
    );
  });

  it('uses what it is given: 45 at once, then one in six seconds', () => {
    const times = send(
      LENIENT,
      Array.from({ length: 60 }, () => 0),
    );
    expect(times.filter((at) => at === NOW)).toHaveLength(45);
    expect(times.slice(45).map((at) => (at - NOW) / 6_000)).toEqual(
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
  });

  it('strict: any burst of n rests n times six seconds, counted from its beginning', () => {
    fc.assert(
      fc.property(waits, (wanted) => {
        const times = send(STRICT, wanted);
        for (let start = 0; start < times.length;) {
          const from = times[start] ?? 0;
          let n = 1;
          while (start + n < times.length && (times[start + n] ?? 0) < from + 6_000) n += 1;
          expect(n).toBeLessThanOrEqual(45);
          if (start + n < times.length) expect(times[start + n]).toBeGreaterThanOrEqual(from + n * 6_000);
          start += n;
        }
      }),
    );
  });
});

describe('the pace to one person after refusals', () => {
  it('waits 4^n s for the n-th in a row, and never less than what was borrowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 45 }), fc.integer({ min: 1, max: 6 }), (burst, refusals) => {
        let pace: PairPace = RESTED;
        let now = NOW;
        for (let count = 0; count < burst; count += 1) pace = afterPairMessage(pace, LENIENT, now);
        let borrowed = NOW + burst * 6_000;
        for (let n = 0; n < refusals; n += 1) {
          const refused = afterPairRefusal(pace, now);
          expect(refused.until).toBe(Math.max(now + 4 ** n * 1_000, borrowed));
          now = refused.until;
          pace = afterPairMessage(refused.pace, LENIENT, now);
          borrowed = now + 6_000;
        }
      }),
    );
  });

  it('counts messages that were refused together once', () => {
    const first = afterPairRefusal(afterPairMessage(RESTED, LENIENT, NOW), NOW);
    const second = afterPairRefusal(first.pace, NOW + 40);
    expect(second).toEqual(first);
  });

  it('begins anew once a message went through and the pace has rested', () => {
    const refused = afterPairRefusal(afterPairRefusal(RESTED, NOW).pace, NOW + 10_000);
    const through = afterPairMessage(refused.pace, LENIENT, refused.until);
    expect(through.strikes).toBe(2);
    expect(afterPairMessage(through, LENIENT, refused.until + 60_000).strikes).toBe(0);
  });
});
