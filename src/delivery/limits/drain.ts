const DAY_SECONDS = 24 * 60 * 60;

export interface Backlog {
  /** messages that are due */
  readonly queued: number;
  /** messages per second; may be infinite */
  readonly pace: number;
  /** set while all of the account is paused; null: without an end */
  readonly pausedUntil?: Date | null;
  /** the messaging limit that it shares: what waits for a place, and how many places there are */
  readonly tier?: { readonly held: number; readonly free: number | null; readonly limit: number | null };
}

/**
 * When what waits will have left, roughly: at the pace, or as places come back where the messaging limit is what binds. Null
 * while nobody can say.
 */
export function drainSeconds({ queued, pace, pausedUntil, tier }: Backlog, now: Date): number | null {
  if (pausedUntil === null) return null;
  const paused = pausedUntil === undefined ? 0 : Math.max(0, (pausedUntil.getTime() - now.getTime()) / 1000);
  const byPace = queued === 0 ? 0 : queued / pace;
  const beyond = tier && tier.limit !== null ? tier.held - (tier.free ?? 0) : 0;
  const byTier = tier?.limit && beyond > 0 ? (beyond / tier.limit) * DAY_SECONDS : 0;
  return Math.ceil(paused + Math.max(byPace, byTier));
}
