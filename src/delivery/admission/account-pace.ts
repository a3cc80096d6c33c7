/**
 * How fast an account may send: GCRA, so that no interval of any length holds more than `budget × t + burst` messages. A fixed
 * window would let twice as many pass around its edge.
 */
export interface AccountPace {
  /** when the next message is due if the pace is kept, in milliseconds of Unix time; in the past: the account rested */
  readonly tat: number;
  /** what a refusal for speed has left of the pace when it came, above 0 up to 1 */
  readonly factor: number;
  /** when that was, in milliseconds of Unix time */
  readonly loweredAt: number | null;
}

export const FULL_PACE: AccountPace = { tat: 0, factor: 1, loweredAt: null };

/** Slots are given this far ahead, since jobs and timers are late; whoever gets a slot waits for it in the worker. */
export const LOOK_AHEAD_MS = 120;

/** Our clock and the network's count messages at slightly different moments. */
const MARGIN = 0.05;
/** However much comes in, this part of the throughput is left for going out. */
const INBOUND_FLOOR = 0.1;
/** Of one second’s messages; together with what is late on the way it stays below the 5 % that are left. */
const BURST = 0.01;
const LEAST_FACTOR = 1 / 32;
const CLIMB_PER_MS = 1 / 60_000;
const LOWER_ONCE_MS = 1_000;

/**
 * Messages per second that may leave now.
 *
 * @param throughput what the network allows the account, in and out together
 * @param inbound messages that came in during the last second
 */
export function budgetOf(throughput: number, inbound: number, pace: AccountPace, now: number): number {
  const left = Math.max(throughput - inbound, throughput * INBOUND_FLOOR);
  return Math.max(left * (1 - MARGIN) * factorAt(pace, now), 0.01);
}

/** Halved by a refusal, it climbs back by itself within half a minute. */
export function factorAt({ factor, loweredAt }: AccountPace, now: number): number {
  if (loweredAt === null) return factor;
  return Math.min(1, factor + Math.max(0, now - loweredAt) * CLIMB_PER_MS);
}

/** After the network said that it was too fast: half, once a second at most, since one mistake is refused many times. */
export function lowered(pace: AccountPace, now: number): AccountPace {
  if (pace.loweredAt !== null && now - pace.loweredAt < LOWER_ONCE_MS) return pace;
  return { ...pace, factor: Math.max(LEAST_FACTOR, factorAt(pace, now) / 2), loweredAt: now };
}

/** Messages that came in: `counts` by tenths of seconds, the latest first, which is the tenth since 1970 that `tenth` counts. */
export interface CameInLately {
  readonly tenth: number;
  readonly counts: readonly number[];
}

/** Tenths that a second touches: of the oldest only the part that is less than a second ago counts. */
export const TENTHS = 11;

/** Messages that came in during the last second. */
export function inboundRate({ tenth, counts }: CameInLately, now: number): number {
  const [passed, part] = [Math.floor(now / 100) - tenth, (now % 100) / 100];
  return counts.reduce((sum, count, place) => {
    const age = Math.max(0, place + passed);
    if (age >= TENTHS) return sum;
    return sum + (age === TENTHS - 1 ? count * (1 - part) : count);
  }, 0);
}

export interface Slots {
  /** when each message may leave, in milliseconds of Unix time, in order */
  readonly times: readonly number[];
  /** when the one after these may */
  readonly nextAt: number;
}

/**
 * The next moments at which messages may leave, from now on and not further ahead than `lookAhead`. Taking the first n of them
 * moves the pace on by {@link afterSlots}.
 */
export function slotsOf(
  { tat }: AccountPace,
  budget: number,
  now: number,
  { lookAheadMs, max }: { lookAheadMs: number; max: number },
): Slots {
  const interval = 1_000 / budget;
  const tolerance = toleranceOf(budget);
  const times: number[] = [];
  let due = tat;
  let at = Math.max(now, due - tolerance);
  while (times.length < max && at <= now + lookAheadMs) {
    times.push(at);
    due = Math.max(due, at) + interval;
    at = Math.max(now, due - tolerance);
  }
  return { times, nextAt: at };
}

/** The pace after messages left at these moments. */
export function afterSlots(pace: AccountPace, budget: number, times: readonly number[]): AccountPace {
  const interval = 1_000 / budget;
  return { ...pace, tat: times.reduce((due, at) => Math.max(due, at) + interval, pace.tat) };
}

function toleranceOf(budget: number): number {
  return ((Math.max(1, BURST * budget) - 1) * 1_000) / budget;
}
