import { describe, expect, it } from '@jest/globals';
import {
  NOBODY_ELSE,
  type ResponderNews,
  type ThreadResponder,
  assigneeView,
  botView,
  isPausedAt,
  responderAfter,
} from './responder.js';

const T = Date.parse('2026-11-20T12:00:00Z');
const at = (seconds: number): Date => new Date(T + seconds * 1_000);
const DAY = 24 * 3_600;

/** Who answers after each of these, one after the other. */
function walk(...news: readonly (ResponderNews & { silentSince?: Date })[]): (string | undefined)[] {
  let current: ThreadResponder | null = null;
  return news.map((one) => {
    current = responderAfter(current, one, one.silentSince ?? at(0));
    return current?.who;
  });
}

describe('who answers a conversation', () => {
  it('is we, as long as nobody else was heard of', () => {
    expect(walk({ at: at(1) })).toEqual([undefined]);
  });

  it('is another as long as their traffic comes as copies, and we with the first newer message that comes to us', () => {
    expect(walk({ at: at(1), standby: true }, { at: at(1) }, { at: at(2) })).toEqual(['standby', 'standby', 'us']);
  });

  it('is another after a handover until control comes back', () => {
    expect(
      walk(
        { at: at(1), handover: 'other' },
        { at: at(2) },
        { at: at(3), standby: true },
        { at: at(4), handover: 'us' },
        { at: at(5) },
      ),
    ).toEqual(['handover', 'handover', 'handover', 'us', 'us']);
  });

  it('is we again when the customer was silent for a day after a handover', () => {
    expect(walk({ at: at(1), handover: 'other' }, { at: at(2 + DAY), silentSince: at(1) })).toEqual(['handover', 'us']);
    expect(walk({ at: at(1), handover: 'other' }, { at: at(DAY), silentSince: at(1) })).toEqual([
      'handover',
      'handover',
    ]);
  });

  it('is not changed by news that comes late', () => {
    expect(walk({ at: at(5), handover: 'us' }, { at: at(4), handover: 'other' }, { at: at(3), standby: true })).toEqual(
      ['us', 'us', 'us'],
    );
  });
});

describe('a pause', () => {
  const paused = { ...NOBODY_ELSE, pausedUntil: at(60), pausedBy: 'human' };

  it('concerns what was written before it ends, and is shown until then', () => {
    expect([at(59), at(60)].map((when) => isPausedAt(paused, when))).toEqual([true, false]);
    expect(botView(paused, at(0))).toEqual({ paused: true, reason: 'human', until: at(60).toISOString() });
    expect(botView(paused, at(60))).toEqual({ paused: false });
    expect(botView({ ...paused, isStandby: true }, at(0))).toEqual({ paused: true, reason: 'standby' });
  });
});

describe('an operator', () => {
  const has = (until: Date | null) => ({ ...NOBODY_ELSE, assignment: { to: 'Ann', since: at(0), until } });

  it('keeps the bot quiet until they let go', () => {
    expect(isPausedAt(has(null), at(1_000_000))).toBe(true);
    expect(botView(has(null), at(1))).toEqual({ paused: true, reason: 'operator' });
    expect(assigneeView(has(null), at(1))).toEqual({ to: 'Ann', since: at(0).toISOString() });
  });

  it('has the dialog no longer than was said', () => {
    const until = at(60).toISOString();
    expect([at(59), at(60)].map((when) => isPausedAt(has(at(60)), when))).toEqual([true, false]);
    expect(botView(has(at(60)), at(59))).toEqual({ paused: true, reason: 'operator', until });
    expect(assigneeView(has(at(60)), at(59))).toMatchObject({ to: 'Ann', until });
    expect(assigneeView(has(at(60)), at(60))).toBeUndefined();
  });

  it('is named before a pause that stands beside', () => {
    expect(botView({ ...has(null), pausedUntil: at(60), pausedBy: 'human' }, at(0))).toEqual({
      paused: true,
      reason: 'operator',
    });
  });
});
