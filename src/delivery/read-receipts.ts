import { RECEIPT_STATUSES, type ReceiptReceived, type ReceiptStatus } from '../contract/index.js';
import type { MessageRecord } from '../dialog/message-record.js';
import type { MessageError } from '../dialog/message-status.js';
import { hasNote, receiptKey } from '../dialog/timeline.js';
import type { Arrival } from './arrival.repository.js';
import { FREE_FORM, type MessageClass, kindOf, rankOfClass } from './message-class.js';
import type { NewOutbound } from './outbound.repository.js';
import type { MessageStep } from './progress-events.service.js';
import type { Progress, Standing } from './progress.repository.js';

/** A receipt, and the message that it is about. */
export interface MatchedReceipt {
  readonly messageId: string;
  /** set when the receipt named the attempt itself */
  readonly attemptId: string | null;
  readonly accountId: string;
  readonly receipt: ReceiptReceived;
}

/** Those that were not told yet, each once, by message. */
export function newReceipts(
  matched: readonly MatchedReceipt[],
  standings: readonly Standing[],
): ReadonlyMap<string, readonly MatchedReceipt[]> {
  const fresh = new Map(standings.map(({ id }): [string, Map<string, MatchedReceipt>] => [id, new Map()]));
  const timelines = new Map(standings.map(({ id, timeline }) => [id, timeline]));
  for (const match of matched) {
    const key = receiptKey(match.receipt);
    const own = fresh.get(match.messageId);
    if (own && !own.has(key) && !hasNote(timelines.get(match.messageId) ?? '', key)) own.set(key, match);
  }
  return new Map([...fresh].map(([id, own]) => [id, [...own.values()]]));
}

export function asReceiptStatus(status: string): ReceiptStatus | undefined {
  return RECEIPT_STATUSES.find((known) => known === status);
}

/** Its next attempt has not been accepted yet: a receipt that settles none is late news of one that it replaces. */
export function isUnderWay({ status }: Standing): boolean {
  return status === 'queued' || status === 'held' || status === 'sending';
}

const ARRIVED: ReadonlySet<string> = new Set(['delivered', 'read', 'played']);

/** What arrives for the first time is what the network may charge. Reactions are neither charged nor counted. */
export function arrivalOf(standing: Standing, progress: Progress, own: readonly MatchedReceipt[]): readonly Arrival[] {
  if (ARRIVED.has(standing.status) || !ARRIVED.has(progress.status)) return [];
  if (standing.part === 'content' && standing.isReaction) return [];
  const receipt = own.find(({ receipt: { status } }) => ARRIVED.has(status))?.receipt;
  if (!receipt) return [];
  const { phone, userId } = receipt.recipient ?? {};
  const price = progress.price ?? standing.price;
  return [
    {
      messageId: standing.id,
      accountId: standing.accountId,
      at: receipt.occurredAt,
      ...(phone !== undefined && { phone }),
      ...(userId !== undefined && { userId }),
      ...(price && { price }),
    },
  ];
}

/** The fallback takes the message's own old place in its line. */
export function restartOf(record: MessageRecord): NewOutbound {
  return {
    messageId: record.id,
    threadId: record.threadId,
    class: rankOfClass((record.class ?? 'utility') as MessageClass),
    seq: record.seq,
    gatewayId: record.gatewayId,
    accountId: record.accountId,
    contactId: record.contactId,
    part: 'fallback',
    kind: record.fallback ? kindOf(record.fallback) : FREE_FORM,
    hasFallback: true,
    opens: true,
    windowUntil: null,
    expiresAt: record.expiresAt ?? null,
    sendAt: null,
    templateId: null,
  };
}

export function stepOf(
  type: MessageStep['type'],
  message: Standing,
  receipt: ReceiptReceived,
  error: MessageError | undefined,
): MessageStep {
  return {
    type,
    at: receipt.occurredAt,
    message,
    status: receipt.status,
    providerId: receipt.providerId,
    ...(error && { error }),
    ...(receipt.price && { price: receipt.price }),
  };
}
