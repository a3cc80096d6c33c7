import type { GraphErrorInput } from './graph-error.js';

export type MessageStatus = 'sent' | 'delivered' | 'read' | 'played' | 'failed';

/** Which calls or webhooks a fault meets. Everything given must hold; nothing given = all of them. */
export interface FaultMatch {
  /** Graph calls: HTTP method. */
  method?: string;
  /** Graph calls: a path without version, whole (`/1065…/messages`) or its end (`/messages`), or a pattern over it. */
  path?: string | RegExp;
  /** The same as a pattern in `path`, for JSON. */
  pathPattern?: string;
  /** The customer concerned: phone (digits count) or BSUID. */
  to?: string;
  /** Webhooks: the field, such as `messages`. */
  field?: string;
  /** Webhooks: what is inside. */
  update?: 'message' | 'status' | 'other';
  /** Webhooks: only statuses of this kind. */
  status?: MessageStatus;
  /** Only the n-th that meets the rest, counted from 1. */
  nth?: number;
  /** Every n-th that meets the rest. */
  every?: number;
  /** At most so many times. */
  times?: number;
  /** Only so long from when the fault was added: a storm of a minute. */
  forMs?: number;
  /** By the seeded dice, 0 to 1. */
  probability?: number;
}

/** What happens to a Graph call. */
export interface CallFault {
  /** HTTP status; alone with `error` omitted it carries Graph's code 1 (4xx) or 2 (5xx). */
  status?: number;
  error?: GraphErrorInput;
  /** Answer with the status and no body, as a broken proxy between us and Meta does. */
  bodyless?: true;
  /** The call is carried out at once, the answer comes late. */
  delayMs?: number;
  /** The call is carried out at once, the answer comes when `releaseAnswers()` is called. */
  withholdAnswer?: true;
  /** Cut the connection: before the call is carried out, or after, so that the caller cannot know. */
  drop?: 'before' | 'after';
  /** The message is accepted and fails later with this status. */
  statusError?: GraphErrorInput;
  /** Keep back these statuses (true = all) until `releaseStatuses()`. */
  withholdStatuses?: true | MessageStatus[];
  /** All statuses of the message come so much later. */
  delayStatusesMs?: number;
  /** `read` comes without `delivered`, as when the chat is open. Meta: webhooks/reference/messages/status */
  readWithoutDelivered?: true;
  /** The `sent` webhook is on the wire before the caller has its answer. */
  statusBeforeAnswer?: true;
}

/** What happens to webhooks on their way. */
export interface WebhookFault {
  /** So many further deliveries of the same bytes, all at once. */
  duplicate?: number;
  /** Collect so many updates (true = 2) and deliver them one by one in another order. */
  reorder?: true | number;
  /** Collect so many updates into one POST. Meta: up to 1,000 */
  batch?: number;
  /** Do not wait longer than this for a full batch. Default 100. */
  withinMs?: number;
}

export interface FaultInput {
  match?: FaultMatch;
  do: CallFault | WebhookFault;
}

/** A fault in force. */
export interface Fault {
  readonly id: number;
  readonly hits: number;
  readonly match: FaultMatch;
  readonly do: CallFault | WebhookFault;
  remove(): void;
}
