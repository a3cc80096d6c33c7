import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '../platform/clock/clock.js';
import { AUTHENTICATION, MARKETING } from './message-class.js';
import { WirePace } from './wire-pace.js';

describe('the last look at the pace', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.UTC(2026, 10, 20) });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('wakes whoever leaves at each slot, and gives a code that comes later the next one', async () => {
    const pace = new WirePace(new SystemClock());
    const began = Date.now();
    const left: [string, number][] = [];
    const turn = (name: string, rank: 0 | 3, inMs: number) =>
      void pace
        .turn('a', { notBefore: began + inMs, perSecond: 100, rank })
        .then(() => left.push([name, Date.now() - began]));
    turn('promotion 1', MARKETING, 10);
    turn('promotion 2', MARKETING, 20);
    await jest.advanceTimersByTimeAsync(12);
    turn('code', AUTHENTICATION, 30);
    await jest.advanceTimersByTimeAsync(30);
    expect(left).toEqual([
      ['promotion 1', 10],
      ['code', 20],
      ['promotion 2', 30],
    ]);
  });

  it('counts each account by itself, and one that rested anew', async () => {
    const pace = new WirePace(new SystemClock());
    const late = { notBefore: Date.now() - 1_000, perSecond: 1, rank: MARKETING };
    const left: string[] = [];
    for (const account of ['a', 'a', 'b']) void pace.turn(account, late).then(() => left.push(account));
    await jest.advanceTimersByTimeAsync(0);
    expect(left).toEqual(['a', 'b']);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(left).toEqual(['a', 'b', 'a']);
    await jest.advanceTimersByTimeAsync(120_000);
    void pace.turn('c', { ...late, notBefore: Date.now() });
    void pace.turn('a', { ...late, notBefore: Date.now() }).then(() => left.push('a again'));
    await jest.advanceTimersByTimeAsync(0);
    expect(left).toEqual(['a', 'b', 'a', 'a again']);
  });
});
