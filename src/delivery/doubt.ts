import type { DeliveryPolicies } from '../contract/index.js';

const SETTLE_MS = 120_000;
const SETTLE_AUTHENTICATION_MS = 30_000;

/** How long a receipt is awaited before an attempt in doubt is decided without it. */
export function settleMsOf(policies: Pick<DeliveryPolicies, 'settleMs'>, messageClass: string | null): number {
  return policies.settleMs ?? (messageClass === 'authentication' ? SETTLE_AUTHENTICATION_MS : SETTLE_MS);
}

/** What happens when no receipt came: replies are sent again, everything else is reported as unknown. */
export function inDoubtAction(
  policies: Pick<DeliveryPolicies, 'inDoubt'>,
  messageClass: string | null,
  settles: 'attempt-reference' | 'none',
): 'resend' | 'fail' {
  if (policies.inDoubt) return policies.inDoubt;
  if (settles === 'none') return 'fail';
  return messageClass === 'reply' ? 'resend' : 'fail';
}

/** The clock only runs while our callback is up, since a receipt cannot reach us otherwise. */
export function isDue(facts: { doubtSince: Date; upSince: Date; settleMs: number }, now: Date): boolean {
  const start = Math.max(facts.doubtSince.getTime(), facts.upSince.getTime());
  return now.getTime() - start >= facts.settleMs;
}
