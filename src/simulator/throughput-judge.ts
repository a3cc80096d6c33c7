import type { NumberReport, WorstInterval } from './limits.types.js';

/** The lengths that are looked at: short ones show bursts, long ones drift. */
export const INTERVALS_MS = [100, 1000, 5000, 60_000] as const;
const SECOND = 1;
const FIRST_CAPACITY = 1024;

/**
 * The messages of one number, in and out of all types, against its messages per second. Exact: the times of the last minute are
 * kept in a ring, and the tail of each interval moves along, so that a message costs the same however many there are.
 * Meta: about-the-platform, "throughput"
 */
export class ThroughputJudge {
  sent = 0;
  foreign = 0;
  inbound = 0;
  refused = 0;
  private violations = 0;
  private times = new Float64Array(FIRST_CAPACITY);
  /** Counts from the first message on; the place in the ring is the rest of the division. */
  private next = 0;
  private readonly tails = INTERVALS_MS.map(() => 0);
  private last = Number.NEGATIVE_INFINITY;
  private readonly worst: WorstInterval[];

  constructor(
    private mps: number,
    private burst: number,
  ) {
    this.worst = INTERVALS_MS.map((ms) => ({ ms, count: 0, excess: -this.allowed(ms), at: 0 }));
  }

  /** Another limit from now on: what came before was judged by the old one and does not count towards the new one. */
  change(mps: number, burst: number): void {
    if (mps === this.mps && burst === this.burst) {
      return;
    }
    this.mps = mps;
    this.burst = burst;
    this.tails.fill(this.next);
  }

  /** Whether one more message within the last second would be too many. */
  isFull(at: number): boolean {
    const now = Math.max(at, this.last);
    return this.countWithin(SECOND, now) + 1 > this.allowed(INTERVALS_MS[SECOND]);
  }

  /** Takes down one message. An interval holds what is less than its length ago. */
  add(at: number): void {
    // A clock that is set back must not make the ring unsorted.
    const now = Math.max(at, this.last);
    this.last = now;
    this.push(now);
    let isOver = false;
    for (let index = 0; index < this.worst.length; index += 1) {
      const worst = this.worst[index] as WorstInterval;
      const count = this.countWithin(index, now);
      const excess = count - this.allowed(worst.ms);
      if (excess > worst.excess) {
        worst.excess = excess;
        worst.at = now;
      }
      worst.count = Math.max(worst.count, count);
      isOver ||= excess > 0;
    }
    this.violations += isOver ? 1 : 0;
  }

  report(): NumberReport {
    const { mps, burst, sent, foreign, inbound, refused, violations } = this;
    return { mps, burst, sent, foreign, inbound, refused, violations, worst: this.worst.map((one) => ({ ...one })) };
  }

  private allowed(ms: number): number {
    return (this.mps * ms) / 1000 + this.burst;
  }

  private countWithin(index: number, now: number): number {
    const { times, next } = this;
    const mask = times.length - 1;
    const start = now - (INTERVALS_MS[index] as number);
    let tail = this.tails[index] as number;
    while (tail < next && (times[tail & mask] as number) <= start) {
      tail += 1;
    }
    this.tails[index] = tail;
    return next - tail;
  }

  private push(at: number): void {
    if (this.next - (this.tails.at(-1) as number) === this.times.length) {
      this.grow();
    }
    this.times[this.next & (this.times.length - 1)] = at;
    this.next += 1;
  }

  /** Capacities are powers of two, so that the place in the ring is a mask away. */
  private grow(): void {
    const old = this.times;
    this.times = new Float64Array(old.length * 2);
    for (let index = this.next - old.length; index < this.next; index += 1) {
      this.times[index & (this.times.length - 1)] = old[index & (old.length - 1)] as number;
    }
  }
}
