import type { LimitSettings, PairExample, PairReport } from './limits.types.js';

/** One message to the same person in this time … Meta: about-the-platform, "pair rate limits" */
export const PAIR_PERIOD_MS = 6000;
/** … but as many as this at once, borrowed from the times to come. */
export const PAIR_BURST = 45;
const KEPT_EXAMPLES = 20;
const KEPT_PAIRS = 1000;
const SWEEP_FROM = 10_000;

interface Pair {
  /** When everything that was sent is paid for at one message per period. */
  paidAt: number;
  /** The same for the strict reading, in which what would have been refused costs nothing. */
  strictPaidAt: number;
  burstAt: number;
  burst: number;
  refusals: number;
  refusedAt: number;
}

/** The messages of each number to each person, against the pair limit. */
export class PairJudge {
  private pairs = new Map<string, Pair>();
  private sweepAt = SWEEP_FROM;
  private violating = new Map<string, number>();
  private examples: PairExample[] = [];
  private violations = 0;
  private beforePaidBack = 0;
  private refused = 0;
  private hasty = 0;

  /** Looks at an attempt and counts it when it has to be refused. */
  refuses(number: string, to: string, now: number, reading: LimitSettings['pair']): boolean {
    const pair = this.pairs.get(`${number} ${to}`);
    if (pair === undefined) {
      return false;
    }
    // Meta: wait 4^n seconds after the n-th failure in a row, counted from 0.
    if (pair.refusals > 0 && now < pair.refusedAt + 4 ** (pair.refusals - 1) * 1000) {
      this.hasty += 1;
    }
    const isRefused = reading === 'strict' ? strictEarly(pair, now) > 0 : leniently(pair, now) > 0;
    if (isRefused) {
      pair.refusals += 1;
      pair.refusedAt = now;
      this.refused += 1;
    }
    return isRefused;
  }

  /** Takes down an accepted message. */
  add(number: string, to: string, now: number): void {
    const key = `${number} ${to}`;
    const pair = this.pairs.get(key);
    if (pair === undefined) {
      const paidAt = now + PAIR_PERIOD_MS;
      this.pairs.set(key, { paidAt, strictPaidAt: paidAt, burstAt: now, burst: 1, refusals: 0, refusedAt: 0 });
      this.sweep(now);
      return;
    }
    pair.refusals = 0;
    const early = leniently(pair, now);
    if (early > 0) {
      this.note(key, { number, to, at: now, earlyMs: early });
    } else {
      pair.paidAt = Math.max(pair.paidAt, now) + PAIR_PERIOD_MS;
    }
    if (strictEarly(pair, now) > 0) {
      this.beforePaidBack += 1;
    } else if (now >= pair.strictPaidAt) {
      Object.assign(pair, { burstAt: now, burst: 1, strictPaidAt: now + PAIR_PERIOD_MS });
    } else {
      pair.burst += 1;
      pair.strictPaidAt += PAIR_PERIOD_MS;
    }
  }

  report(): PairReport {
    const { violations, beforePaidBack, refused, hasty, examples } = this;
    const pairs = Object.fromEntries(this.violating);
    return { violations, beforePaidBack, refused, hasty, pairs, examples: [...examples] };
  }

  private note(key: string, example: PairExample): void {
    this.violations += 1;
    if (this.violating.size < KEPT_PAIRS || this.violating.has(key)) {
      this.violating.set(key, (this.violating.get(key) ?? 0) + 1);
    }
    if (this.examples.length < KEPT_EXAMPLES) {
      this.examples.push(example);
    }
  }

  /** A pair that has paid everything is as good as a new one. Now and then, so that it costs next to nothing each. */
  private sweep(now: number): void {
    if (this.pairs.size < this.sweepAt) {
      return;
    }
    for (const [key, pair] of this.pairs) {
      if (Math.max(pair.paidAt, pair.strictPaidAt) <= now && pair.refusals === 0) {
        this.pairs.delete(key);
      }
    }
    this.sweepAt = Math.max(SWEEP_FROM, this.pairs.size * 2);
  }
}

/** @returns by how much a message comes before the 45 have room for it; 0 or less = it may go. */
function leniently(pair: Pair, now: number): number {
  return pair.paidAt - now - (PAIR_BURST - 1) * PAIR_PERIOD_MS;
}

/** The burst has 6 seconds; after it nothing goes until all of it is paid back. */
function strictEarly(pair: Pair, now: number): number {
  const isInBurst = now - pair.burstAt < PAIR_PERIOD_MS && pair.burst < PAIR_BURST;
  return isInBurst ? 0 : pair.strictPaidAt - now;
}
