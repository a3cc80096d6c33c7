import { describe, expect, it } from '@jest/globals';
import { windowOf } from './window.js';

const hour = 3_600_000;
const now = new Date('2026-11-20T12:00:00Z');
const ago = (hours: number): Date => new Date(now.getTime() - hours * hour);
const day = { durationMs: 24 * hour, connectedSince: ago(1) };

describe('windowOf', () => {
  it('is open for 24 h after the customer wrote, to the millisecond', () => {
    expect(windowOf({ ...day, lastInboundAt: ago(23.99) }, now)).toMatchObject({ state: 'open' });
    expect(windowOf({ ...day, lastInboundAt: ago(24) }, now)).toEqual({ state: 'closed', expiresAt: now });
  });

  it('is unknown without a message, until the account was connected for a whole window', () => {
    expect(windowOf({ ...day, lastInboundAt: null }, now).state).toBe('unknown');
    expect(windowOf({ ...day, connectedSince: null, lastInboundAt: null }, now).state).toBe('unknown');
    expect(windowOf({ ...day, connectedSince: ago(24), lastInboundAt: null }, now).state).toBe('closed');
  });

  it('is always open where the network knows none', () => {
    expect(windowOf({ durationMs: null, connectedSince: null, lastInboundAt: null }, now)).toEqual({ state: 'open' });
  });
});
