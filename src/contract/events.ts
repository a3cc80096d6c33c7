import type { Content } from './content.js';
import type { JsonObject, JsonValue } from './json.js';
import type { Tier } from './limits.js';
import type { RemoteError } from './outcomes.js';

/** Which sender identity (a phone number, a page, a bot) an event is about. */
export interface AccountAddress {
  /** the account's id at the network, e.g. a phone number id */
  readonly address: string;
  /** what the network subscribes, e.g. a WhatsApp Business Account id */
  readonly group?: string;
}

/** Who wrote, as far as the network says; at least one of `phone` and `userId` is there. */
export interface PersonIdentity {
  /** digits, with country code */
  readonly phone?: string;
  /** channel-scoped id: BSUID, PSID, chat id */
  readonly userId?: string;
  readonly username?: string;
  readonly name?: string;
  /** other spellings of the phone that the network uses for the same person */
  readonly aliases?: readonly string[];
}

/**
 * The network tells that a person has other names than those that the event names them by. What is absent stays as it was; a
 * `null` is no longer known.
 */
export interface IdentityMove {
  readonly phone?: string | null;
  readonly userId?: string;
}

/** A person said something. `providerId` is the dedupe key within the account. */
export interface MessageReceived {
  readonly type: 'message';
  readonly account: AccountAddress;
  readonly providerId: string;
  readonly sender: PersonIdentity;
  readonly occurredAt: Date;
  readonly content: Content;
  /** false for what must not open the answer window (system notices) */
  readonly opensWindow: boolean;
  readonly replyTo?: { readonly providerId: string };
  readonly referral?: JsonObject;
  readonly forwarded?: 'once' | 'often';
  /** what of a catalogue it is about, in the network's own words */
  readonly product?: JsonObject;
  /** the person goes by other names from now on */
  readonly moved?: IdentityMove;
  /** another responder owns the conversation: it is not ours to answer */
  readonly standby?: true;
  /** who owns the conversation from now on, where the message tells that it changed */
  readonly handover?: 'us' | 'other';
  /** set when the kind is new to us: the message is passed on, and also listed for attention */
  readonly attention?: string;
  /** the sender is a conversation of several people */
  readonly group?: true;
  /** who of them wrote */
  readonly author?: PersonIdentity;
  /** variables of the dialog that it sets, an empty one removes; names need no prefix, and a later message may set them anew */
  readonly variables?: Readonly<Record<string, string>>;
  /** the network waits to hear that it has come: what {@link DialogFacet.confirm} is told */
  readonly confirm?: JsonObject;
}

/**
 * A person can no longer be written to until they come back, because they blocked or left the account; or they are back. A
 * message of theirs says the latter, too.
 */
export interface ReachChanged {
  readonly type: 'reach';
  readonly account: AccountAddress;
  readonly person: PersonIdentity;
  readonly state: 'lost' | 'back';
  readonly occurredAt: Date;
  /** as of {@link MessageReceived} */
  readonly group?: true;
}

/**
 * Somebody else wrote to a person on this account: a human in the network's own app, or another system that shares it.
 * `providerId` is the dedupe key within the account; receipts of it come to us as well.
 */
export interface EchoReceived {
  readonly type: 'echo';
  readonly account: AccountAddress;
  readonly providerId: string;
  readonly recipient: PersonIdentity;
  readonly occurredAt: Date;
  readonly content: Content;
  readonly by: 'app' | 'integration';
  readonly replyTo?: { readonly providerId: string };
  readonly forwarded?: 'once' | 'often';
  /** as of {@link MessageReceived} */
  readonly attention?: string;
}

export const RECEIPT_STATUSES = ['sent', 'delivered', 'read', 'played', 'failed'] as const;
export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number];

export interface Price {
  readonly category: string;
  readonly type: string;
  /** why it costs less than its type says, in the network's words */
  readonly subtype?: string;
  readonly model?: string;
}

/** The network tells what became of a message of ours (or of another system's on the same account). */
export interface ReceiptReceived {
  readonly type: 'receipt';
  readonly account: AccountAddress;
  readonly providerId: string;
  /** one of RECEIPT_STATUSES, or a word we do not know, kept as it is */
  readonly status: string;
  /** group messages: who of them */
  readonly participant?: string;
  readonly occurredAt: Date;
  /** our own attempt reference, echoed */
  readonly attempt?: string;
  readonly recipient?: PersonIdentity;
  readonly error?: RemoteError;
  readonly price?: Price;
  readonly raw: JsonValue;
}

/**
 * The network tells that everything which the account wrote to a person until a moment was delivered, or read, without naming the
 * messages. What was on its way at that moment counts as written.
 */
export interface ReceiptsUpTo {
  readonly type: 'receipts';
  readonly account: AccountAddress;
  readonly person: PersonIdentity;
  readonly status: 'delivered' | 'read';
  /** by the network's clock */
  readonly upTo: Date;
  readonly raw: JsonValue;
}

/** The network tells that a template is no longer what it was. Members that are absent did not change, as far as it says. */
export interface TemplateChanged {
  readonly type: 'template';
  /** what the network subscribes; templates belong to it, not to one of its accounts */
  readonly group: string;
  /** the dedupe key: the same news has the same key, however often it is told */
  readonly key: string;
  readonly occurredAt: Date;
  readonly name: string;
  /** spelled as the list of templates spells it */
  readonly language: string;
  readonly status?: string;
  /** why, in the network's word, where it gives one */
  readonly reason?: string;
  /** until when a pause is expected to last */
  readonly pausedUntil?: Date;
  readonly quality?: string;
  readonly category?: string;
  /** its text or buttons changed: the definition must be read again */
  readonly definition?: true;
  /** the category that it will get, and when, unless somebody objects; nothing has changed yet */
  readonly notice?: { readonly category: string; readonly at?: Date };
  readonly raw: JsonValue;
}

/**
 * The network tells that an account is no longer what it was, that the limit which it shares has changed, or anything else about
 * an account or its group that people who run it must hear of.
 */
export interface AccountChanged {
  readonly type: 'account';
  /** what the network subscribes */
  readonly group: string;
  /** the kind of news, e.g. the webhook field, and what happened, in the network's words */
  readonly topic: string;
  readonly event?: string;
  /** which account of the group, by its address or its phone in digits; both absent: all of them, or the group itself */
  readonly address?: string;
  readonly phone?: string;
  /** the dedupe key: the same news has the same key, however often it is told */
  readonly key: string;
  readonly occurredAt: Date;
  /** members of the account's stored details that have other values now */
  readonly details?: JsonObject;
  /** its name is another one now */
  readonly name?: string;
  /** members of the group's stored details that have other values now */
  readonly groupDetails?: JsonObject;
  /**
   * The last news of this key is kept beside the details: of the account where one is named, else of the group. What setup reads
   * from the network does not overwrite it.
   */
  readonly news?: { readonly key: string; readonly value: JsonObject };
  /** a fact that is said over and over, with no time of its own: only another value is news */
  readonly standing?: true;
  /** of everything that shares the limit with this account */
  readonly limit?: Tier;
  /** what kept the account from sending may be over */
  readonly mended?: true;
  readonly raw: JsonValue;
}

/** A person told the network itself, not us in a message, what they want to get. */
export interface ConsentChanged {
  readonly type: 'consent';
  readonly account: AccountAddress;
  readonly person: PersonIdentity;
  /** what it is about: everything, or marketing alone */
  readonly topic: 'all' | 'marketing';
  readonly state: 'in' | 'out';
  readonly occurredAt: Date;
  /** in the network's own words */
  readonly detail?: string;
  readonly raw: JsonValue;
}

/** The other side ended the conversation: its dialog is over, and what is said next opens another one. */
export interface ConversationClosed {
  readonly type: 'closed';
  readonly account: AccountAddress;
  readonly person: PersonIdentity;
  /** when; what was said later by the network's own clock belongs to another dialog, which stays open */
  readonly occurredAt: Date;
}

/** Something we cannot act on: kept, shown under `GET /events?state=unhandled`. */
export interface UnhandledUpdate {
  readonly type: 'unhandled';
  readonly account?: AccountAddress;
  /** what the network subscribes, where it is known without an account */
  readonly group?: string;
  /** stable machine-readable reason: `field.unknown`, `type.unknown`, `item.broken`, … */
  readonly code: string;
  readonly detail: string;
  /** where in the body, e.g. `entry[0].changes[3].value.messages[1]` */
  readonly path: string;
  readonly raw: JsonValue;
}

/** Something that is known and of which no use is made: the journal keeps the bytes, a metric counts it. */
export interface UnusedUpdate {
  readonly type: 'unused';
  readonly account?: AccountAddress;
  readonly group?: string;
  /** of a closed list of the channel's: it labels the metric */
  readonly kind: string;
  /** how many of them, e.g. messages of a history */
  readonly count: number;
  readonly path: string;
}

export type InboundEvent =
  | MessageReceived
  | EchoReceived
  | ReceiptReceived
  | ReceiptsUpTo
  | TemplateChanged
  | AccountChanged
  | ConsentChanged
  | ConversationClosed
  | ReachChanged
  | UnusedUpdate
  | UnhandledUpdate;

/** One piece of a webhook body that concerns one channel and (where known) one account. */
export interface ChannelUpdate {
  readonly channel: string;
  readonly account?: AccountAddress;
  /** what the network subscribes; also there when a piece concerns a group and none of its accounts */
  readonly group?: string;
  readonly path: string;
  readonly body: JsonValue;
  /** when it was taken from the network; for what the network gives no time of its own */
  readonly receivedAt?: Date;
}
