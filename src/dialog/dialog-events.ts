import { type Content, type JsonObject, type PersonIdentity, type Price, textOf } from '../contract/index.js';
import type { BotEventType } from '../gateway/bot-event-types.js';
import { type LoadedAccount, type LoadedGateway, identityOf } from '../gateway/loaded-gateway.js';
import { BOT_SUBSCRIBER, NETWORK_SUBSCRIBER, type OutboxEvent, without } from '../platform/outbox/outbox.js';
import { newId } from '../platform/ids/ids.js';
import type { CloseReason, DialogRecord } from './dialog.repository.js';
import type { MessageError } from './message-status.js';
import { type BotStanding, NOBODY_ELSE, assigneeView, assignmentAt, botView } from './responder.js';
import { type Window, windowOf, windowView } from './window.js';

export type EventType = BotEventType;

/** The dialog that an event is about, with everything an event tells of it. */
export interface EventSubject {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly threadId: string;
  readonly dialog: {
    readonly id: string;
    readonly isNew: boolean;
    readonly openedAt: Date;
    readonly variables: Readonly<Record<string, string>>;
    /** of one that ended */
    readonly closeReason?: CloseReason | null;
  };
  readonly lastInboundAt: Date | null;
  /** default: the bot answers */
  readonly bot?: BotStanding;
  readonly contact: {
    readonly id: string;
    readonly name: string | null;
    readonly phone: string | null;
    readonly userId: string | null;
    readonly username: string | null;
  };
}

export function subjectOf(gateway: LoadedGateway, account: LoadedAccount, record: DialogRecord): EventSubject {
  return {
    gateway,
    account,
    threadId: record.threadId,
    dialog: {
      id: record.id,
      isNew: false,
      openedAt: record.openedAt,
      variables: record.variables,
      closeReason: record.closeReason,
    },
    lastInboundAt: record.lastInboundAt,
    bot: record.bot,
    contact: record.contact,
  };
}

export interface ReceivedMessage {
  readonly id: string;
  readonly providerId: string;
  readonly sentAt: Date;
  readonly content: Content;
  readonly replyTo?: { readonly id?: string; readonly providerId: string };
  readonly referral?: JsonObject;
  /** what else came with it */
  readonly context?: JsonObject;
}

/** What status events tell of a message. */
export interface MessageProgress {
  readonly id: string;
  readonly providerId?: string;
  readonly status: string;
  readonly metadata?: JsonObject;
  readonly error?: MessageError;
  readonly price?: Price;
  /** of what others wrote: who, and what */
  readonly origin?: string;
  readonly text?: string;
  readonly content?: Content;
}

/** Whether anybody, the bot, a webhook or the network, wants to be told. What nobody wants is never written. */
export function isWanted(gateway: LoadedGateway, account: LoadedAccount, type: EventType): boolean {
  return gateway.subscribersOf(type, account).length > 0;
}

export function windowOfSubject(
  { gateway, account, lastInboundAt }: Pick<EventSubject, 'gateway' | 'account' | 'lastInboundAt'>,
  now: Date,
): Window {
  const durationMs = gateway.channel(account.channel)?.capabilities.window?.durationMs ?? null;
  return windowOf({ durationMs, lastInboundAt, connectedSince: account.connectedSince ?? null }, now);
}

/** The variables of a dialog: what bots and operators set, below what the network says. */
export function variablesOf({
  gateway,
  account,
  dialog,
  contact,
}: Pick<EventSubject, 'gateway' | 'account' | 'dialog' | 'contact'>): Record<string, string> {
  return {
    ...dialog.variables,
    chat: account.channel,
    user: contact.phone ?? contact.userId ?? contact.id,
    from: contact.name ?? '',
    ...gateway.channel(account.channel)?.dialog.variablesFor(identityOf(account)),
  };
}

/** @param receivedAt when the webhook came in: the event's id carries it, and its lag is measured from there */
export function receivedEvent(
  subject: EventSubject,
  message: ReceivedMessage,
  receivedAt: Date,
  now: Date,
): OutboxEvent {
  return dialogEvent('message.received', subject, message.sentAt, now, receivedAt, {
    id: message.id,
    providerId: message.providerId,
    sentAt: message.sentAt.toISOString(),
    text: textOf(message.content),
    content: message.content,
    ...(message.replyTo && { replyTo: message.replyTo }),
    ...(message.referral && { referral: message.referral }),
    ...message.context,
  });
}

export function progressEvent(
  type: EventType,
  subject: EventSubject,
  progress: MessageProgress,
  at: Date,
  now: Date,
): OutboxEvent {
  return dialogEvent(type, subject, at, now, now, { ...progress });
}

/** That a dialog ended, and why. A network that told us so is not told it back. */
export function closedEvent(subject: EventSubject, now: Date): OutboxEvent {
  const event = dialogEvent('dialog.closed', subject, now, now);
  return subject.dialog.closeReason === 'network' ? without(NETWORK_SUBSCRIBER, event) : event;
}

/**
 * `attempt` is added when the event is delivered. While an operator has the dialog, its bot hears of nothing but its end: everything
 * that it is told, it could answer.
 */
export function dialogEvent(
  type: EventType,
  subject: EventSubject,
  at: Date,
  now: Date,
  receivedAt: Date = now,
  message?: object,
): OutboxEvent {
  const { gateway, account, dialog, contact } = subject;
  const standing = subject.bot ?? NOBODY_ELSE;
  const bot = botView(standing, now);
  const assignee = assigneeView(standing, now);
  const reason = dialog.closeReason ?? undefined;
  const id = newId(receivedAt);
  const event: OutboxEvent = {
    id,
    type,
    subscribers: gateway.subscribersOf(type, account),
    gatewayId: gateway.id,
    line: subject.threadId,
    session: dialog.id,
    occurredAt: at,
    body: {
      id: `evt_${id}`,
      type,
      occurredAt: at.toISOString(),
      attempt: 1,
      ...(type === 'dialog.closed' && reason !== undefined && { reason }),
      gateway: { id: gateway.id, uri: gateway.uri, type: gateway.type.type },
      channel: account.channel,
      account: { id: account.address, name: account.name },
      dialog: {
        id: dialog.id,
        isNew: dialog.isNew,
        startedAt: dialog.openedAt.toISOString(),
        window: windowView(windowOfSubject(subject, now)),
        ...(bot.paused && { bot }),
        ...(assignee && { assignee }),
        ...(reason !== undefined && { closeReason: reason }),
      },
      contact: contactView(contact),
      variables: variablesOf(subject),
      ...(message && { message }),
    },
  };
  return type !== 'dialog.closed' && assignmentAt(standing, now) ? without(BOT_SUBSCRIBER, event) : event;
}

export function contactView(contact: EventSubject['contact']): object {
  return {
    id: contact.id,
    ...(contact.name !== null && { name: contact.name }),
    ...(contact.phone !== null && { phone: `+${contact.phone}` }),
    ...(contact.userId !== null && { userId: contact.userId }),
    ...(contact.username !== null && { username: contact.username }),
  };
}

export function personToContact(id: string, person: PersonIdentity): EventSubject['contact'] {
  return {
    id,
    name: person.name ?? null,
    phone: person.phone ?? null,
    userId: person.userId ?? null,
    username: person.username ?? null,
  };
}
