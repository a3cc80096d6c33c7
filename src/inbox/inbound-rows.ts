import type { Content, JsonObject, MessageReceived, PersonIdentity } from '../contract/index.js';
import { type EventSubject, dialogEvent, isWanted, receivedEvent } from '../dialog/dialog-events.js';
import type { NewMessage } from '../dialog/message-record.js';
import { NOBODY_ELSE, isPausedAt } from '../dialog/responder.js';
import { BOT_SUBSCRIBER, type OutboxEvent, without } from '../platform/outbox/outbox.js';
import { type Fresh, type Quoted, answered } from './claim-new.service.js';

type Inbound = Fresh<MessageReceived> & { readonly content: Content };

export function newInbound(item: Inbound, threadId: string, dialogId: string, quoted: Quoted): NewMessage {
  const { event, account, gateway } = item;
  const replyTo = answered(item, quoted);
  const context = contextOf(event);
  return {
    id: item.id,
    direction: 'in',
    gatewayId: gateway.id,
    accountId: account.id,
    channel: account.channel,
    threadId,
    dialogId,
    contactId: item.contactId,
    origin: 'customer',
    status: 'received',
    content: item.content,
    providerId: event.providerId,
    occurredAt: event.occurredAt,
    ...(replyTo !== undefined && { replyTo }),
    ...(event.replyTo && { replyToProvider: event.replyTo.providerId }),
    ...(event.referral && { referral: event.referral }),
    ...(context && { context }),
  };
}

/** What came while a number or its gateway was inactive stays in the history and is not given to the bot. */
export function eventsOf(item: Inbound, subject: EventSubject, quoted: Quoted, now: Date): OutboxEvent[] {
  const { gateway, account, event } = item;
  if (!gateway.enabled || !account.active || !account.enabled) return [];
  const events: OutboxEvent[] = [];
  if (subject.dialog.isNew && isWanted(gateway, account, 'dialog.opened')) {
    events.push(dialogEvent('dialog.opened', subject, event.occurredAt, now, item.receivedAt));
  }
  if (isWanted(gateway, account, 'message.received')) {
    const id = answered(item, quoted);
    const context = contextOf(event);
    const received = receivedEvent(
      subject,
      {
        id: item.id,
        providerId: event.providerId,
        sentAt: event.occurredAt,
        content: item.content,
        ...(event.replyTo && { replyTo: { ...(id !== undefined && { id }), providerId: event.replyTo.providerId } }),
        ...(event.referral && { referral: event.referral }),
        ...(context && { context }),
      },
      item.receivedAt,
      now,
    );
    events.push(isForBot(subject, event, now) ? received : without(BOT_SUBSCRIBER, received));
  }
  return events;
}

/** What somebody else answers is in the history and told to webhooks; the bot has nothing to do with it. */
function isForBot({ bot = NOBODY_ELSE }: EventSubject, { occurredAt }: MessageReceived, now: Date): boolean {
  const written = latestOf(occurredAt);
  return !bot.isStandby && !isPausedAt(bot, written < now ? written : now);
}

/** Networks stamp whole seconds: what was written in the second in which a pause ended is answered rather than left to nobody. */
function latestOf(occurredAt: Date): Date {
  return occurredAt.getMilliseconds() === 0 ? new Date(occurredAt.getTime() + 999) : occurredAt;
}

/** What else is told of a message, in history and events. */
function contextOf({ forwarded, product, standby, author }: MessageReceived): JsonObject | undefined {
  const context = {
    ...(forwarded && { forwarded }),
    ...(product && { product }),
    ...(standby && { standby }),
    ...(author && { author: personView(author) }),
  };
  return Object.keys(context).length > 0 ? context : undefined;
}

function personView({ name, username, phone, userId }: PersonIdentity): JsonObject {
  return {
    ...(userId !== undefined && { userId }),
    ...(name !== undefined && { name }),
    ...(username !== undefined && { username }),
    ...(phone !== undefined && { phone: `+${phone}` }),
  };
}
