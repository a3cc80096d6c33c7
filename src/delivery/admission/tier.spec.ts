import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AUTHENTICATION, type ClassRank, MARKETING, REPLY, UTILITY } from '../message-class.js';
import { type TierState, freePlaces, withOneMore } from './tier.js';

const fresh = (limit: number | null): TierState => ({ limit, used: 0, usedAuthentication: 0, usedUtility: 0 });
const ranks = fc.array(fc.constantFrom<ClassRank>(0, 1, 2, 3), { maxLength: 600 });

function openAll(state: TierState, rank: ClassRank): { state: TierState; opened: number } {
  let opened = 0;
  let now = state;
  while (freePlaces(now, rank) > 0 && opened < 10_000) {
    now = withOneMore(now, rank);
    opened += 1;
  }
  return { state: now, opened };
}

describe('the messaging limit', () => {
  it('lets marketing open 200 of 250, utility and replies 225, and codes all', () => {
    expect(openAll(fresh(250), MARKETING).opened).toBe(200);
    expect(openAll(fresh(250), UTILITY).opened).toBe(225);
    expect(openAll(fresh(250), REPLY).opened).toBe(225);
    expect(openAll(fresh(250), AUTHENTICATION).opened).toBe(250);
  });

  it('still has 25 for utility and 25 for codes after marketing has taken what it may', () => {
    const { state } = openAll(fresh(250), MARKETING);
    const utility = openAll(state, UTILITY);
    expect(utility.opened).toBe(25);
    expect(openAll(utility.state, AUTHENTICATION).opened).toBe(25);
  });

  it('is never exceeded, and never free for a class while a better one has none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), ranks, (limit, wanted) => {
        let state = fresh(limit);
        let [codes, utility] = [0, 0];
        for (const rank of wanted) {
          const free = freePlaces(state, rank);
          expect(free).toBeLessThanOrEqual(freePlaces(state, AUTHENTICATION));
          expect(freePlaces(state, MARKETING)).toBeLessThanOrEqual(freePlaces(state, UTILITY));
          if (free === 0) continue;
          state = withOneMore(state, rank);
          if (rank === AUTHENTICATION) codes += 1;
          else if (rank !== MARKETING) utility += 1;
          expect(state.used).toBeLessThanOrEqual(limit);
          // What is kept for others has not been eaten by those it is kept from.
          const share = Math.floor(limit / 10);
          if (rank !== AUTHENTICATION)
            expect(limit - state.used).toBeGreaterThanOrEqual(Math.min(share - codes, share));
          if (rank === MARKETING) {
            const kept = Math.max(0, share - codes) + Math.max(0, share - utility);
            expect(limit - state.used).toBeGreaterThanOrEqual(kept);
          }
        }
      }),
    );
  });

  it('is no limit where there is none', () => {
    expect(freePlaces({ ...fresh(null), used: 1_000_000 }, MARKETING)).toBe(Number.POSITIVE_INFINITY);
  });
});
