import { describe, expect, it } from '@jest/globals';
import { type Backlog, drainSeconds } from './drain.js';

const NOW = new Date('2026-11-20T12:00:00Z');
const HOUR = 3_600;

describe('how long a backlog takes', () => {
  it.each<[string, Backlog, number | null]>([
    ['nothing waits', { queued: 0, pace: 80 }, 0],
    ['the pace', { queued: 801, pace: 80 }, 11],
    ['no bound', { queued: 801, pace: Number.POSITIVE_INFINITY }, 0],
    ['free places', { queued: 80, pace: 80, tier: { held: 50, free: 50, limit: 250 } }, 1],
    ['the limit', { queued: 80, pace: 80, tier: { held: 500, free: 0, limit: 250 } }, 48 * HOUR],
    ['unlimited', { queued: 80, pace: 80, tier: { held: 500, free: null, limit: null } }, 1],
    ['a pause', { queued: 80, pace: 80, pausedUntil: new Date(NOW.getTime() + HOUR * 1000) }, HOUR + 1],
    ['a pause without an end', { queued: 80, pace: 80, pausedUntil: null }, null],
  ])('%s', (_, backlog, expected) => {
    expect(drainSeconds(backlog, NOW)).toBe(expected);
  });
});
