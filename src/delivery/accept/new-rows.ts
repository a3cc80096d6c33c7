import type { Held } from '../../dialog/message-status.js';
import type { NewMessage } from '../../dialog/message-record.js';
import type { Thread } from '../../dialog/thread.repository.js';
import { newId } from '../../platform/ids/ids.js';
import { FREE_FORM, type MessageClass, NATIVE, kindOf, rankOfClass } from '../message-class.js';
import type { NewOutbound } from '../outbound.repository.js';
import { defaultExpiry } from './default-expiry.js';
import type { WindowVerdict } from './judge-window.js';
import type { Prepared, Submission } from './submission.js';

/** Everything that is known of a message when it is written. */
export interface Draft {
  readonly item: Prepared;
  readonly messageId?: string;
  readonly thread: Thread;
  readonly dialogId: string;
  readonly verdict: WindowVerdict & { readonly class: MessageClass };
  readonly now: Date;
}

export function newMessage({ item, messageId, thread, dialogId, verdict, now }: Draft): NewMessage {
  const { submission, recipient, quote } = item;
  const { gateway, sender, content, fallback, metadata, origin, sendAt, deliverWithin, notes } = submission;
  const expiresAt = submission.expiresAt ?? defaultExpiry(verdict.class, sendAt ?? now);
  return {
    id: messageId ?? newId(now),
    direction: 'out',
    gatewayId: gateway.id,
    accountId: sender.account.id,
    channel: sender.channel.channel,
    threadId: thread.id,
    dialogId,
    contactId: thread.contactId,
    origin,
    class: verdict.class,
    status: sendAt ? 'held' : 'queued',
    part: verdict.part,
    content,
    recipient: recipient.address,
    occurredAt: now,
    expiresAt: verdict.late ? earlier(expiresAt, verdict.expiresAt) : expiresAt,
    ...(fallback && { fallback }),
    ...(metadata && { metadata }),
    ...(quote?.id !== undefined && { replyTo: quote.id }),
    ...(quote && { replyToProvider: quote.providerId }),
    ...(sendAt && { sendAt, ...heldUntil(sendAt, now) }),
    ...(deliverWithin !== undefined && { deliverWithin }),
    ...(notes && { notes }),
    ...contextOf(submission, verdict),
  };
}

/** Who wrote it: an operator's words may be late as well. */
function contextOf({ author, operator }: Submission, { late }: WindowVerdict): Pick<NewMessage, 'context'> {
  if (author === undefined && operator === undefined) return {};
  return {
    context: { ...(author && { author }), ...(late && { late }), ...(operator !== undefined && { operator }) },
  };
}

export function newOutbound({ item, thread, verdict }: Draft, message: NewMessage, seq: string): NewOutbound {
  const { gateway, sender, content, fallback, sendAt, templates } = item.submission;
  // what goes although the window is closed is not judged by it again
  const kind = verdict.late ? NATIVE : kindOf(verdict.part === 'fallback' && fallback ? fallback : content);
  return {
    messageId: message.id,
    threadId: thread.id,
    class: rankOfClass(verdict.class),
    seq,
    gatewayId: gateway.id,
    accountId: sender.account.id,
    contactId: thread.contactId,
    part: verdict.part,
    kind,
    hasFallback: fallback !== undefined,
    opens: verdict.window !== 'open',
    windowUntil: kind === FREE_FORM ? (verdict.expiresAt ?? null) : null,
    expiresAt: message.expiresAt ?? null,
    sendAt: sendAt ?? null,
    templateId: templates?.[verdict.part]?.id ?? null,
  };
}

function earlier(one: Date, other: Date | undefined): Date {
  return other && other < one ? other : one;
}

/** When somebody wants to hear that it was not delivered, or null. */
export function watchUntil({ item, now }: Draft): Date | null {
  const { sendAt, deliverWithin } = item.submission;
  return deliverWithin === undefined ? null : new Date((sendAt ?? now).getTime() + deliverWithin * 1_000);
}

function heldUntil(sendAt: Date, now: Date): Pick<NewMessage, 'held' | 'timeline'> {
  const held: Held = {
    reason: 'schedule',
    detail: `It was asked to leave at ${sendAt.toISOString()}.`,
    until: sendAt.toISOString(),
  };
  return { held, timeline: [{ key: 'held#schedule', status: 'held', at: now, detail: { ...held } }] };
}
