import type { OutcomeAction, OutcomeScope } from '../contract/index.js';

/** Where an outbound message stands; inbound ones are `received`. */
export const MESSAGE_STATUSES = [
  'queued',
  'held',
  'sending',
  'accepted',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'expired',
  'cancelled',
  'received',
] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** The content itself, or the fallback that went in its place. */
export type MessagePart = 'content' | 'fallback';

export const HELD_REASONS = [
  'tier',
  'window',
  'pair',
  'template',
  'account',
  'gateway',
  'consent',
  'paused',
  'retry',
  'doubt',
  'schedule',
  'budget',
] as const;
export type HeldReason = (typeof HELD_REASONS)[number];

/** What holds a message that is not on its way, in plain words, and until when where that is known. */
export interface Held {
  readonly reason: HeldReason;
  readonly detail: string;
  readonly until?: string;
}

/** Why a message failed: our neutral code, plain words, and the network's own code. */
export interface MessageError {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly scope: OutcomeScope;
  readonly action: OutcomeAction;
  readonly retryAfter?: string;
  readonly provider?: {
    readonly code: number | string;
    readonly subcode?: number;
    readonly details?: string;
    readonly traceId?: string;
  };
}

/** The neutral code of an attempt that the network never spoke of: any receipt overrules it. */
export const OUTCOME_UNKNOWN = 'outcome.unknown';

const RANK: Readonly<Record<MessageStatus, number>> = {
  queued: 0,
  held: 0,
  sending: 1,
  accepted: 2,
  sent: 3,
  failed: 3.5,
  expired: 3.5,
  cancelled: 3.5,
  delivered: 4,
  read: 5,
  played: 6,
  received: 0,
};

/** The natural order of statuses, for those that carry the same second. */
export function rankOf(status: string): number {
  return MESSAGE_STATUSES.find((known) => known === status) === undefined ? 0 : RANK[status as MessageStatus];
}

/**
 * The status after a receipt. A receipt never lowers: `failed` does not undo `delivered`, a late `sent` does not undo `failed`;
 * but `delivered` wins over `failed`, and anything the network says wins over an outcome that was unknown to us.
 */
export function mergeStatus(
  current: MessageStatus,
  receipt: MessageStatus,
  errorCode: string | undefined,
): MessageStatus {
  if (current === 'failed' && errorCode === OUTCOME_UNKNOWN) return receipt;
  return RANK[receipt] > RANK[current] ? receipt : current;
}
