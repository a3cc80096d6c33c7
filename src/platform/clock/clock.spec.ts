import { describe, expect, it } from '@jest/globals';
import { SystemClock } from './clock.js';

function driftOf(clock: SystemClock): number {
  return clock.now().getTime() - Date.now();
}

describe('the clock of a process', () => {
  it('goes by the time of the database', () => {
    const clock = new SystemClock();
    const now = Date.now();
    clock.align(now + 90_000, now, now + 2);
    expect(Math.abs(driftOf(clock) - 90_000)).toBeLessThan(5);
  });

  it('does not follow what may be the noise of measuring', () => {
    const clock = new SystemClock();
    const now = Date.now();
    clock.align(now + 4, now, now + 2);
    clock.align(now + 40, now, now + 100);
    expect(Math.abs(driftOf(clock))).toBeLessThan(2);
  });
});
