import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../contract/index.js';
import { limits, readTier } from './limits.js';

describe('what a phone number may send', () => {
  it.each<[JsonObject, number | undefined]>([
    [{ throughput: { level: 'STANDARD' } }, 80],
    [{ throughput: { level: 'HIGH' } }, 1000],
    [{ throughput: 'high' }, 1000],
    [{ throughput: { level: 'NOT_APPLICABLE' } }, undefined],
    [{ throughput: { level: 'LUDICROUS' } }, undefined],
    [{ throughput: { level: 250 } }, 250],
    [{ throughput: { level: '250' } }, 250],
    [{ throughput: 40 }, 40],
    [{ throughput: { level: 0 } }, undefined],
    [{ throughput: { level: -1 } }, undefined],
    [{ throughput: null }, undefined],
    [{}, undefined],
    [{ is_on_biz_app: true, platform_type: 'CLOUD_API', throughput: { level: 'HIGH' } }, 20],
    [{ is_on_biz_app: false, throughput: { level: 'HIGH' } }, 1000],
  ])('%j is %s messages a second', (details, expected) => {
    expect(limits(details).throughput).toBe(expected);
  });

  it.each<[JsonValue, number | null | undefined]>([
    ['TIER_50', 50],
    ['TIER_250', 250],
    ['TIER_1K', 1000],
    ['TIER_2K', 2000],
    ['TIER_10K', 10_000],
    ['TIER_100K', 100_000],
    ['TIER_1M', 1_000_000],
    ['tier_25k', 25_000],
    ['TIER_UNLIMITED', null],
    ['TIER_NOT_SET', undefined],
    ['TIER_0', undefined],
    ['', undefined],
    [2000, 2000],
    ['2000', 2000],
    [-1, null],
    [-2, undefined],
    [0.5, undefined],
    [null, undefined],
    [{ limit: 1 }, undefined],
  ])('%j is %s people', (value, expected) => {
    expect(readTier(value)?.limit).toBe(expected);
  });

  it('names a tier in the network’s way when it was told as a number', () => {
    expect([250, 2000, 10_000, -1].map((number) => readTier(number)?.name)).toEqual([
      'TIER_250',
      'TIER_2K',
      'TIER_10K',
      'TIER_UNLIMITED',
    ]);
  });

  it('takes the portfolio’s limit before the older name, also when it is not set', () => {
    const older = { messaging_limit_tier: 'TIER_1K' };
    expect(limits(older).tier).toEqual({ name: 'TIER_1K', limit: 1000 });
    expect(limits({ ...older, whatsapp_business_manager_messaging_limit: 'TIER_10K' }).tier?.limit).toBe(10_000);
    expect(limits({ ...older, whatsapp_business_manager_messaging_limit: 'TIER_NOT_SET' }).tier).toBeUndefined();
  });

  it('never throws, and never tells what a table could not hold', () => {
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }).map((value) => value as JsonValue),
      fc.double(),
      fc.integer(),
      fc.integer({ min: 0, max: 999_999_999 }).map((n) => `TIER_${n}M`),
    );
    fc.assert(
      fc.property(odd, odd, (throughput, tier) => {
        const told = limits({ throughput, whatsapp_business_manager_messaging_limit: tier });
        expect(told.throughput ?? 1).toBeGreaterThan(0);
        const limit = told.tier?.limit ?? 1;
        expect(Number.isInteger(limit) && limit > 0 && limit <= 2_147_483_647).toBe(true);
      }),
    );
  });
});
