import { describe, expect, it } from '@jest/globals';
import type { TierStanding } from '../../contract/index.js';
import { nextTier } from './next-tier.js';

const standing = (limit: number | null, more: Partial<TierStanding> = {}): TierStanding => ({
  limit,
  opened: { in7Days: 0, in30Days: 0 },
  groups: [],
  accounts: [],
  ...more,
});

describe('the way to the next tier', () => {
  it.each([
    [50, 250],
    [250, 2_000],
    [1_000, 2_000],
    [2_000, 10_000],
    [10_000, 100_000],
    [100_000, null],
  ])('leads from %s to %s', (from, to) => {
    expect(nextTier(standing(from))?.limit).toBe(to);
  });

  it('ends at unlimited', () => {
    expect(nextTier(standing(null))).toBeUndefined();
  });

  it('asks the smallest for verification, or for 2,000 people in 30 days', () => {
    const needs = nextTier(standing(250, { opened: { in7Days: 90, in30Days: 1_234 } }))?.needs;
    expect(needs).toEqual([expect.stringMatching(/Verify the business.*1,234 of 2,000 were counted here/)]);
    const groups = [{ business_verification_status: 'verified' }];
    expect(nextTier(standing(250, { groups }))?.needs[0]).toContain('is verified');
  });

  it('asks the others for half of the limit in 7 days', () => {
    const needs = (in7Days: number) => nextTier(standing(2_000, { opened: { in7Days, in30Days: 5_000 } }))?.needs[0];
    expect(needs(999)).toContain('999 of 1,000 people');
    expect(needs(1_000)).toContain('enough');
  });

  it('names the numbers whose quality is in the way', () => {
    const accounts = [
      { quality_rating: 'RED', display_phone_number: '+1 555-078-3881' },
      { quality_rating: 'GREEN', display_phone_number: '+1 555-078-3882' },
    ];
    expect(nextTier(standing(2_000, { accounts }))?.needs[1]).toBe('Raise the quality of +1 555-078-3881: it is RED.');
  });
});
