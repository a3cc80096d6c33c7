const CAP_MS = 5 * 60_000;

/** Attempts at one content before a passing fault counts as final. */
export const MAX_ATTEMPTS = 8;

/** Attempts for which no connection could be made: some hours' worth, since they are no fault of the message's and cost nobody anything. */
export const MAX_UNSENT = 50;

/**
 * Full jitter: anything between the shortest wait the network asks for and an exponentially growing ceiling, so that messages
 * which failed together do not come back together.
 *
 * @param attempt 1 for the first one
 */
export function backoffMs(attempt: number, baseMs: number, minimumMs = 0, random: () => number = Math.random): number {
  const ceiling = Math.min(CAP_MS, baseMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(Math.max(minimumMs, ceiling * random()));
}
