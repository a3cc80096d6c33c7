import type { Content, JsonObject, Price } from '../contract/index.js';
import { timeOfId } from '../platform/ids/ids.js';
import type { Held, MessageError, MessagePart, MessageStatus } from './message-status.js';
import type { TimelineNote } from './timeline.js';

/** A message as it is written the first time. `createdAt` is the time inside `id`. */
export interface NewMessage {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly gatewayId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly threadId: string;
  readonly dialogId: string;
  readonly contactId: string;
  /** who made it: customer, api, bot, human */
  readonly origin: string;
  readonly class?: string;
  readonly status: MessageStatus;
  /** default: content */
  readonly part?: MessagePart;
  readonly content: Content;
  readonly fallback?: Content;
  /** outbound: how the caller named the person */
  readonly recipient?: JsonObject;
  readonly metadata?: JsonObject;
  readonly replyTo?: string;
  readonly replyToProvider?: string;
  readonly referral?: JsonObject;
  /** what else came with it: forwarded, product, standby, by */
  readonly context?: JsonObject;
  readonly providerId?: string;
  readonly error?: MessageError;
  readonly occurredAt: Date;
  readonly expiresAt?: Date;
  /** not before this moment */
  readonly sendAt?: Date;
  /** seconds in which it should be delivered */
  readonly deliverWithin?: number;
  /** outbound: what is changed, so that the channel can show it */
  readonly notes?: readonly string[];
  readonly held?: Held;
  /** what happened to it before it is written */
  readonly timeline?: readonly TimelineNote[];
}

export interface MessageRecord extends Omit<NewMessage, 'class' | 'error' | 'part' | 'held' | 'notes' | 'timeline'> {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly seq: string;
  readonly class: string | null;
  readonly part: MessagePart;
  readonly notes: readonly string[];
  readonly error: MessageError | null;
  readonly held: Held | null;
  readonly price: Price | null;
}

/** As it is read. */
export type MessageRow = Record<string, unknown> & { id: string };

/** What a record is made of: all but the timeline, which few want. */
export const MESSAGE_COLUMNS = [
  'id',
  'created_at',
  'updated_at',
  'seq',
  'direction',
  'gateway_id',
  'account_id',
  'channel',
  'thread_id',
  'dialog_id',
  'contact_id',
  'origin',
  'class',
  'status',
  'part',
  'content',
  'fallback',
  'recipient',
  'metadata',
  'notes',
  'reply_to',
  'reply_to_provider',
  'referral',
  'provider_id',
  'error',
  'held',
  'price',
  'occurred_at',
  'expires_at',
  'send_at',
  'deliver_within',
  'context',
]
  .map((column) => `m.${column}`)
  .join(', ');

/** A message that was just written, as reading it back would show it. */
export function freshRecord(message: NewMessage, seq: string): MessageRecord {
  const {
    id,
    class: messageClass = null,
    part = 'content',
    error = null,
    held = null,
    notes = [],
    timeline: _timeline,
    ...given
  } = message;
  const createdAt = timeOfId(id) ?? message.occurredAt;
  return {
    id,
    part,
    error,
    held,
    class: messageClass,
    seq,
    createdAt,
    updatedAt: createdAt,
    notes,
    price: null,
    ...given,
  };
}

export function toRecord(row: MessageRow): MessageRecord {
  const optional = <K extends string>(name: K, value: unknown): Record<K, never> | object =>
    value === null ? {} : { [name]: value };
  return {
    id: row.id,
    createdAt: row['created_at'] as Date,
    updatedAt: row['updated_at'] as Date,
    seq: row['seq'] as string,
    direction: row['direction'] as 'in' | 'out',
    gatewayId: row['gateway_id'] as string,
    accountId: row['account_id'] as string,
    channel: row['channel'] as string,
    threadId: row['thread_id'] as string,
    dialogId: row['dialog_id'] as string,
    contactId: row['contact_id'] as string,
    origin: row['origin'] as string,
    class: row['class'] as string | null,
    status: row['status'] as MessageStatus,
    part: row['part'] as MessagePart,
    content: row['content'] as Content,
    notes: (row['notes'] as readonly string[] | null) ?? [],
    error: row['error'] as MessageError | null,
    held: row['held'] as Held | null,
    price: row['price'] as Price | null,
    occurredAt: row['occurred_at'] as Date,
    ...optional('fallback', row['fallback']),
    ...optional('recipient', row['recipient']),
    ...optional('metadata', row['metadata']),
    ...optional('replyTo', row['reply_to']),
    ...optional('replyToProvider', row['reply_to_provider']),
    ...optional('referral', row['referral']),
    ...optional('context', row['context']),
    ...optional('providerId', row['provider_id']),
    ...optional('expiresAt', row['expires_at']),
    ...optional('sendAt', row['send_at']),
    ...optional('deliverWithin', row['deliver_within']),
  };
}
