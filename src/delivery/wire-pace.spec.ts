import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WirePace } from './wire-pace.js';

const NOW = Date.UTC(2026, 10, 20);

describe('the last look at the pace', () => {
  it('lets nobody leave before the slot, and who is in time at it', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ wait: fc.nat(200), ahead: fc.integer({ min: -10, max: 80 }) })), (jobs) => {
        const pace = new WirePace();
        let now = NOW;
        for (const { wait, ahead } of jobs) {
          now += wait;
          expect(pace.take('a', 50, now + ahead, now)).toBe(now + Math.max(0, ahead));
        }
      }),
    );
  });

  it('spreads what a stall has made late over the pace, whenever it comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.record({ wait: fc.nat(50), late: fc.integer({ min: 21, max: 5_000 }) }), {
          minLength: 1,
          maxLength: 80,
        }),
        (perSecond, jobs) => {
          const pace = new WirePace();
          let now = NOW;
          const times = jobs.map(({ wait, late }) => {
            now += wait;
            const at = pace.take('a', perSecond, now - late, now);
            expect(at).toBeGreaterThanOrEqual(now);
            return at;
          });
          const burst = Math.max(1, perSecond / 20);
          times.forEach((from, first) => {
            for (let last = first; last < times.length; last += 1)
              expect(last - first + 1).toBeLessThanOrEqual(
                (perSecond * ((times[last] ?? 0) - from)) / 1_000 + burst + 1e-3,
              );
          });
        },
      ),
    );
  });

  it('counts each account by itself', () => {
    const pace = new WirePace();
    for (let count = 0; count < 10; count += 1) pace.take('a', 1, NOW - 1_000, NOW);
    expect(pace.take('b', 1, NOW - 1_000, NOW)).toBe(NOW);
  });
});
