import { type AccountPace, FULL_PACE, afterSlots, slotsOf } from './admission/account-pace.js';

/** A slot missed by more than this is not simply used later: others have been given out since. */
const LATE_MS = 10;

/** Accounts that have not sent for this long are forgotten. */
const FORGET_MS = 60_000;

/**
 * The last look at the pace before a message goes on the wire. Admission gave it a slot: it waits for it. After a stall many
 * slots are missed at once, and using them all together would be the burst that pacing is there to prevent; so whoever is late
 * goes at the account's pace, behind those that this process has sent meanwhile.
 */
export class WirePace {
  private readonly accounts = new Map<string, AccountPace>();
  private sweptAt = 0;

  /** Resolves when the message may leave. */
  async turn(accountId: string, perSecond: number, notBefore: number, now: number): Promise<void> {
    const waitMs = this.take(accountId, perSecond, notBefore, now) - now;
    if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** When it may leave; takes that moment, in milliseconds of Unix time. */
  take(accountId: string, perSecond: number, notBefore: number, now: number): number {
    this.forget(now);
    const pace = this.accounts.get(accountId) ?? FULL_PACE;
    const isLate = now - notBefore > LATE_MS;
    const { nextAt } = slotsOf(pace, perSecond, now, { lookAheadMs: 0, max: 0 });
    const at = isLate ? Math.max(now, nextAt) : Math.max(now, notBefore);
    this.accounts.set(accountId, afterSlots(pace, perSecond, [at]));
    return at;
  }

  private forget(now: number): void {
    if (now - this.sweptAt < FORGET_MS) return;
    this.sweptAt = now;
    for (const [accountId, { tat }] of this.accounts) if (tat < now - FORGET_MS) this.accounts.delete(accountId);
  }
}
