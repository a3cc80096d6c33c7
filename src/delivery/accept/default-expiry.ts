import type { MessageClass } from '../message-class.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What comes later than this helps nobody: an old code, an answer to yesterday's question, last month's offer. */
const DEFAULT_EXPIRY_MS: Readonly<Record<MessageClass, number>> = {
  authentication: 10 * MINUTE_MS,
  reply: 24 * HOUR_MS,
  utility: 7 * DAY_MS,
  marketing: 30 * DAY_MS,
};

/** When a message expires whose sender named no moment. `from`: when it may leave. */
export function defaultExpiry(messageClass: MessageClass, from: Date): Date {
  return new Date(from.getTime() + DEFAULT_EXPIRY_MS[messageClass]);
}
