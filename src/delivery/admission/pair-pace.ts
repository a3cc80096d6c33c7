/**
 * What the network allows to one person: one message in `everyMs`, and `burst` of them at once that are borrowed from the
 * future (Meta: 1 in 6 s, 45). GCRA like the account's pace.
 */
export interface PairLimit {
  readonly everyMs: number;
  readonly burst: number;
  /** any burst of n rests n × everyMs before the next message: the stricter reading of "borrowed from the future" */
  readonly strict: boolean;
}

export interface PairPace {
  /** until when the messages sent so far have used up the pace, in milliseconds of Unix time */
  readonly tat: number;
  /** when the burst began that is being repaid; 0: nothing was sent since the last refusal, or ever */
  readonly burst: number;
  /** refusals in a row: what comes long after the last one begins anew */
  readonly strikes: number;
}

/** 4^6 s are more than an hour. */
const MOST_STRIKES = 6;

export const RESTED: PairPace = { tat: 0, burst: 0, strikes: 0 };

/** When the next message to this person may leave; not later than `now`: at once. */
export function pairFreeAt(pace: PairPace, limit: PairLimit, now: number): number {
  const lenient = pace.tat - (limit.burst - 1) * limit.everyMs;
  if (!limit.strict || pace.tat <= now) return lenient;
  // Being repaid: only a message that still belongs to the same burst may join it.
  return now - pace.burst < limit.everyMs ? lenient : pace.tat;
}

/** Refusals are in a row until a message was sent after one, was not refused, and the pace has rested. */
export function afterPairMessage(pace: PairPace, { everyMs }: PairLimit, at: number): PairPace {
  const isRested = pace.tat <= at;
  return {
    tat: Math.max(pace.tat, at) + everyMs,
    burst: isRested || pace.burst === 0 ? at : pace.burst,
    strikes: isRested && pace.burst !== 0 ? 0 : pace.strikes,
  };
}

/**
 * The network refused: it waits 4^n seconds, or until what was borrowed is repaid, whichever is longer. Messages that were
 * under way together are refused together: that is one refusal.
 */
export function afterPairRefusal(pace: PairPace, now: number): { readonly pace: PairPace; readonly until: number } {
  const isSameRefusal = pace.burst === 0 && pace.strikes > 0 && now < pace.tat;
  if (isSameRefusal) return { pace, until: pace.tat };
  const until = Math.max(now + 4 ** Math.min(pace.strikes, MOST_STRIKES) * 1_000, pace.tat);
  return { pace: { tat: until, burst: 0, strikes: pace.strikes + 1 }, until };
}
