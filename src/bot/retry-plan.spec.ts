import { describe, expect, it } from '@jest/globals';
import { planRetry } from './retry-plan.js';

const start = new Date('2026-11-20T12:00:00Z');
const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1_000);

describe('planRetry', () => {
  it('keeps the line waiting with growing delays', () => {
    expect(planRetry(1, start, start, undefined)).toEqual({ step: 'defer', nextAt: after(1), lineAt: after(1) });
    expect(planRetry(3, start, after(10), undefined)).toEqual({ step: 'defer', nextAt: after(14), lineAt: after(14) });
  });

  it('never keeps a line longer than two minutes, whatever the bot asks for', () => {
    expect(planRetry(1, start, start, 600_000)).toEqual({ step: 'defer', nextAt: after(600), lineAt: after(120) });
    expect(planRetry(8, start, after(120), undefined)).toEqual({ step: 'detach', nextAt: after(240) });
  });

  it('obeys Retry-After when it is longer than our own delay', () => {
    expect(planRetry(1, start, start, 30_000)).toMatchObject({ nextAt: after(30) });
    expect(planRetry(6, start, after(60), 1_000)).toMatchObject({ nextAt: after(90) });
  });

  it('parks after a day', () => {
    expect(planRetry(40, start, after(86_399), undefined)).toMatchObject({ step: 'detach' });
    expect(planRetry(40, start, after(86_400), undefined)).toEqual({ step: 'park' });
  });
});
