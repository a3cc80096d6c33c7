import type { PortfolioReport } from './limits.types.js';

export const TIER_PERIOD_MS = 24 * 60 * 60 * 1000;

/**
 * The people whom one portfolio's numbers reached outside a customer service window in the last 24 hours: a moving day, each
 * person once. Meta: messaging-limits
 */
export class TierJudge {
  refused = 0;
  /** In the order of their last messages. */
  private readonly reachedAt = new Map<string, number>();
  private worst = 0;
  private excess = 0;
  private violations = 0;

  /** Whether one more person would be too many. */
  isFull(person: string, now: number, limit: number | 'unlimited'): boolean {
    this.forget(now);
    return limit !== 'unlimited' && this.reachedAt.size >= limit && !this.reachedAt.has(person);
  }

  add(person: string, now: number, limit: number | 'unlimited'): void {
    this.forget(now);
    const isNew = !this.reachedAt.delete(person);
    this.reachedAt.set(person, now);
    const { size } = this.reachedAt;
    this.worst = Math.max(this.worst, size);
    // A limit that was lowered is broken by the next person, not by those of before.
    if (isNew && limit !== 'unlimited' && size > limit) {
      this.violations += 1;
      this.excess = Math.max(this.excess, size - limit);
    }
  }

  report(now: number, limit: number | 'unlimited'): PortfolioReport {
    this.forget(now);
    const { worst, excess, violations, refused } = this;
    return { limit, unique: this.reachedAt.size, worst, excess, violations, refused };
  }

  private forget(now: number): void {
    for (const [person, at] of this.reachedAt) {
      if (at > now - TIER_PERIOD_MS) {
        return;
      }
      this.reachedAt.delete(person);
    }
  }
}
