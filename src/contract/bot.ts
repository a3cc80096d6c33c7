import type { Content } from './content.js';
import type { JsonObject } from './json.js';

/** Every event that a bot can be told. */
export const BOT_EVENT_TYPES = [
  'message.received',
  'message.accepted',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.held',
  'message.expired',
  'message.undelivered',
  'dialog.opened',
  'dialog.closed',
  'account.updated',
  'gateway.updated',
  'template.updated',
] as const;

export type BotEventType = (typeof BOT_EVENT_TYPES)[number];

/** What becomes of a message that we sent. */
export type MessageStatusEventType = Exclude<Extract<BotEventType, `message.${string}`>, 'message.received'>;

/** What every event has, whoever is told it. */
export interface BotEventBase {
  /** `evt_…`; the same in every attempt */
  readonly id: string;
  /** RFC 3339 */
  readonly occurredAt: string;
  /** counts from 1 */
  readonly attempt: number;
  readonly gateway: { readonly id: string; readonly uri: string; readonly type: string };
}

/** What every event of a dialog has. */
export interface DialogEventBase extends BotEventBase {
  readonly channel: string;
  /** who of us: its address at the network, e.g. a phone number id */
  readonly account: { readonly id: string; readonly name: string };
  readonly dialog: {
    readonly id: string;
    readonly isNew: boolean;
    readonly startedAt: string;
    readonly window: { readonly state: 'open' | 'closed' | 'unknown'; readonly expiresAt?: string };
    /** only while the bot is silent; `reason`: operator, human, standby */
    readonly bot?: { readonly paused: boolean; readonly reason?: string; readonly until?: string };
    /** the operator who has it */
    readonly assignee?: { readonly to: string; readonly since: string; readonly until?: string };
  };
  readonly contact: {
    readonly id: string;
    readonly name?: string;
    /** E.164 */
    readonly phone?: string;
    /** channel-scoped */
    readonly userId?: string;
    readonly username?: string;
  };
  /** `chat`, `user`, `from`, the channel's own, and what bots and operators set */
  readonly variables: Readonly<Record<string, string>>;
}

/** A person said something. */
export interface MessageReceivedEvent extends DialogEventBase {
  readonly type: 'message.received';
  readonly message: {
    readonly id: string;
    readonly providerId: string;
    readonly sentAt: string;
    /** a plain rendering of any content */
    readonly text: string;
    readonly content: Content;
    readonly replyTo?: { readonly id?: string; readonly providerId: string };
    readonly referral?: JsonObject;
  };
}

/** Something became of a message that we sent. */
export interface MessageStatusEvent extends DialogEventBase {
  readonly type: MessageStatusEventType;
  readonly message: {
    readonly id: string;
    readonly providerId?: string;
    readonly status: string;
    readonly metadata?: JsonObject;
    /** `code` is ours and stable; `provider` is the network's own */
    readonly error?: {
      readonly code: string;
      readonly title: string;
      readonly detail: string;
      readonly retryable: boolean;
      readonly provider?: { readonly code: number | string; readonly details?: string };
    };
    readonly price?: { readonly category: string; readonly type: string; readonly model?: string };
  };
}

/** A dialog began or ended. */
export interface DialogEvent extends DialogEventBase {
  readonly type: 'dialog.opened' | 'dialog.closed';
  /** of `dialog.closed`: who ended it */
  readonly reason?: 'api' | 'bot' | 'network' | 'idle' | 'customer';
}

/** Something about a gateway, an account or a template that people who run it want to know. */
export interface GatewayNewsEvent extends BotEventBase {
  readonly type: 'account.updated' | 'gateway.updated' | 'template.updated';
  readonly channel?: string;
  readonly account?: { readonly id: string; readonly name: string };
  /** what happened, by kind of event */
  readonly [member: string]: unknown;
}

/** What bots and webhooks are told, in every process and over HTTP alike. */
export type BotEvent = MessageReceivedEvent | MessageStatusEvent | DialogEvent | GatewayNewsEvent;

/** What a bot answers, in its HTTP response or as what its handler returns; carried out once, in this order. */
export interface BotReply {
  /** sent to the person, one after the other; at most 50 */
  readonly replies?: readonly Content[];
  /** set on the dialog: a hundred at most, of 4,096 characters each */
  readonly variables?: Readonly<Record<string, string>>;
  /** ends the dialog */
  readonly close?: boolean;
}
