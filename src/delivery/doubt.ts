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

/** From then on a later message that has its receipts ends the wait: had this one arrived, its receipt would be here too. */
export const EARLIEST_MS = 10_000;

export interface DoubtFacts {
  readonly doubtSince: Date;
  readonly upSince: Date;
  readonly settleMs: number;
  /** when the receipt of a message came that the same number sent later; absent: none did, or it proves nothing */
  readonly provedAt?: Date | undefined;
}

/** When it is decided without a receipt. The clock only runs while our callback is up: no receipt can reach us otherwise. */
export function settlesAt({ doubtSince, upSince, settleMs, provedAt }: DoubtFacts): Date {
  const late = Math.max(doubtSince.getTime(), upSince.getTime()) + settleMs;
  const early = provedAt ? Math.max(doubtSince.getTime() + EARLIEST_MS, provedAt.getTime()) : late;
  return new Date(Math.min(early, late));
}
