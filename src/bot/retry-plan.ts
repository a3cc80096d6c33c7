const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const DELAYS_MS = [1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600].map((seconds) => seconds * SECOND);

/** For this long the events behind a failing one wait for it; then they go on past it. */
const IN_ORDER_FOR_MS = 2 * MINUTE;

/** After this long an event is parked. */
export const GIVE_UP_AFTER_MS = 24 * HOUR;

export type RetryPlan =
  /** the line waits too; it is looked at again at `lineAt`, when its two minutes are over at the latest */
  | { readonly step: 'defer'; readonly nextAt: Date; readonly lineAt: Date }
  | { readonly step: 'detach'; readonly nextAt: Date }
  | { readonly step: 'park' };

/**
 * What happens to an event that its bot did not take.
 *
 * @param attempts failures so far, this one included
 */
export function planRetry(
  attempts: number,
  firstTriedAt: Date,
  now: Date,
  retryAfterMs: number | undefined,
): RetryPlan {
  if (now.getTime() - firstTriedAt.getTime() >= GIVE_UP_AFTER_MS) return { step: 'park' };
  const delay = Math.max(DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? HOUR, retryAfterMs ?? 0);
  const nextAt = new Date(now.getTime() + Math.min(delay, GIVE_UP_AFTER_MS));
  const detachAt = detachTime(firstTriedAt);
  if (now >= detachAt) return { step: 'detach', nextAt };
  return { step: 'defer', nextAt, lineAt: nextAt < detachAt ? nextAt : detachAt };
}

/** When the events behind a failing one no longer wait for it. */
export function detachTime(firstTriedAt: Date): Date {
  return new Date(firstTriedAt.getTime() + IN_ORDER_FOR_MS);
}
