/** Whether free-form content may be sent: see `docs/architecture.md`, "Window". */
export interface Window {
  readonly state: 'open' | 'closed' | 'unknown';
  /** when an open one closes, or when a closed one closed (as far as known) */
  readonly expiresAt?: Date;
}

export interface WindowFacts {
  /** null: the channel knows no window */
  readonly durationMs: number | null;
  /** when the customer last wrote, by the provider's time */
  readonly lastInboundAt: Date | null;
  /** since when this account has been connected here without a gap */
  readonly connectedSince: Date | null;
}

/**
 * Open for as long as the network allows after the customer's last message. Without any message it is only known to be
 * closed when we would have seen one: when the account has been connected here, without a gap, for a whole window.
 */
export function windowOf({ durationMs, lastInboundAt, connectedSince }: WindowFacts, now: Date): Window {
  if (durationMs === null) return { state: 'open' };
  if (lastInboundAt) {
    const expiresAt = new Date(lastInboundAt.getTime() + durationMs);
    return { state: expiresAt > now ? 'open' : 'closed', expiresAt };
  }
  if (connectedSince && now.getTime() - connectedSince.getTime() >= durationMs) return { state: 'closed' };
  return { state: 'unknown' };
}

/** The wire form, as in `dialog.window`. */
export function windowView(window: Window): { state: Window['state']; expiresAt?: string } {
  return { state: window.state, ...(window.expiresAt && { expiresAt: window.expiresAt.toISOString() }) };
}
