import type { SimPhoneNumber } from './world.types.js';

/** Meta: about-the-platform, "throughput" */
const STANDARD_MPS = 80;
const HIGH_MPS = 1000;
const COEXISTENCE_MPS = 20;

/** Messages per second of a number, in and out together. A level may be a number of its own, for tests. */
export function mpsOf(number: SimPhoneNumber): number {
  if (number.mps !== undefined) {
    return number.mps;
  }
  if (number.extra['is_on_biz_app'] === true) {
    return COEXISTENCE_MPS;
  }
  const { level } = number.throughput;
  return level === 'HIGH' ? HIGH_MPS : Number(level) > 0 ? Number(level) : STANDARD_MPS;
}

/** The name of a messaging limit, as Graph and webhooks write it. */
export function tierName(limit: number | 'unlimited'): string {
  if (limit === 'unlimited') {
    return 'TIER_UNLIMITED';
  }
  return `TIER_${limit >= 1000 && limit % 1000 === 0 ? `${limit / 1000}K` : limit}`;
}
