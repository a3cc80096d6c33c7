import { describe, expect, it } from '@jest/globals';
import { type PairPace, RESTED, afterPairMessage, afterPairRefusal } from './pair-pace.js';

const LIMIT = { everyMs: 6_000, burst: 45, strict: false };
const START = Date.parse('2026-11-20T12:00:00Z');

describe('the pace to a person after a refusal', () => {
  /** One message at that moment, refused; how many seconds later the next one may go. */
  function refuse(pace: PairPace, now: number): { pace: PairPace; seconds: number; until: number } {
    const refused = afterPairRefusal(afterPairMessage(pace, LIMIT, now), now);
    return { ...refused, seconds: (refused.until - now) / 1_000 };
  }

  it('waits 4^n seconds, and never less than what the burst has borrowed', () => {
    let { pace, until, seconds } = refuse(RESTED, START);
    const waits = [seconds];
    for (let n = 0; n < 7; n += 1) {
      ({ pace, until, seconds } = refuse(pace, until));
      waits.push(seconds);
    }
    expect(waits).toEqual([6, 6, 16, 64, 256, 1_024, 4_096, 4_096]);
  });

  it('forgets its refusals when the person was left in peace for longer than the next wait', () => {
    const first = refuse(RESTED, START);
    const second = refuse(first.pace, first.until);
    expect(afterPairMessage(second.pace, LIMIT, second.until + 15_000).strikes).toBe(2);
    expect(afterPairMessage(second.pace, LIMIT, second.until + 16_000).strikes).toBe(0);
  });
});
