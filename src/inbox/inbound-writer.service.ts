import { Injectable } from '@nestjs/common';
import type { Content } from '../contract/index.js';
import { InboundEffects } from '../delivery/admission/inbound-effects.service.js';
import { CONSENT_HOW, type ConsentChange } from '../dialog/consent/consent.js';
import { consentWordsOf } from '../dialog/consent/consent-words.js';
import { Consents } from '../dialog/consent/consents.service.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { type EventSubject, dialogEvent, isWanted, personToContact, receivedEvent } from '../dialog/dialog-events.js';
import { DialogRepository } from '../dialog/dialog.repository.js';
import { MessageRepository, type NewMessage, refKey } from '../dialog/message.repository.js';
import { keyText, lookupKeys } from '../dialog/person.js';
import { ThreadRepository, threadKey } from '../dialog/thread.repository.js';
import { InboundMedia, type OwnContent } from '../media/inbound/inbound-media.service.js';
import type { NewMediaFile } from '../media/media-file.repository.js';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import { type OutboxEvent, appendEvents } from '../platform/outbox/outbox.js';
import type { InboundItem } from './inbound-item.js';

interface Fresh extends InboundItem {
  readonly id: string;
  readonly contactId: string;
}

export interface Written {
  /** those that were not seen before */
  readonly fresh: number;
  readonly wroteEvents: boolean;
  /** accounts that may have something to send now */
  readonly accountIds: ReadonlySet<string>;
  /** files that came with them, to be fetched */
  readonly fileIds: readonly string[];
}

/** Inbound messages of a batch: those seen before change nothing, the others open windows and dialogs and are told to bots. */
@Injectable()
export class InboundWriter {
  constructor(
    private readonly contacts: ContactRepository,
    private readonly threads: ThreadRepository,
    private readonly dialogs: DialogRepository,
    private readonly messages: MessageRepository,
    private readonly delivery: InboundEffects,
    private readonly consents: Consents,
    private readonly media: InboundMedia,
  ) {}

  async write(sql: Sql, items: readonly InboundItem[], now: Date): Promise<Written> {
    const fresh = [...(await this.onlyNew(sql, items, now))].sort(byTime);
    if (fresh.length === 0) return { fresh: 0, wroteEvents: false, accountIds: new Set(), fileIds: [] };
    const threads = await this.threads.touch(
      sql,
      fresh.map((item) => ({ ...partiesOf(item), inboundAt: item.event.opensWindow ? item.event.occurredAt : null })),
    );
    const channels = new Map(fresh.map((item) => [threadKey(partiesOf(item)), item.account.channel]));
    const dialogs = await this.dialogs.openFor(
      sql,
      [...threads].map(([key, thread]) => ({ ...thread, channel: channels.get(key) ?? '' })),
    );
    const quoted = await this.messages.findByProviderIds(sql, fresh.flatMap(quotesOf));
    const messages: NewMessage[] = [];
    const events: OutboxEvent[] = [];
    const files: NewMediaFile[] = [];
    const announced = new Set<string>();
    for (const item of fresh) {
      const thread = threads.get(threadKey(partiesOf(item)));
      const dialog = thread && dialogs.get(thread.id);
      if (!thread || !dialog) throw new Error('a thread or dialog that was just written is not there');
      const own = this.withOwnFile(item, withOwnIds(item, quoted), now);
      if (own.file) files.push(own.file);
      messages.push(newMessage({ ...item, content: own.content }, thread.id, dialog.id, quoted));
      const isFirst = dialog.isNew && !announced.has(dialog.id);
      announced.add(dialog.id);
      const subject: EventSubject = {
        gateway: item.gateway,
        account: item.account,
        threadId: thread.id,
        dialog: { id: dialog.id, isNew: isFirst, openedAt: dialog.openedAt, variables: dialog.variables },
        lastInboundAt: thread.lastInboundAt,
        contact: personToContact(item.contactId, item.person),
      };
      events.push(...eventsOf({ ...item, content: this.media.told(own) }, subject, quoted, isFirst, now));
    }
    await this.messages.insert(sql, messages);
    await this.media.insert(sql, files);
    await appendEvents(sql, events, now);
    const woken = await this.delivery.apply(
      sql,
      fresh.flatMap((item) => {
        const thread = threads.get(threadKey(partiesOf(item)));
        return thread ? [{ accountId: item.account.id, threadId: thread.id, opensWindow: item.event.opensWindow }] : [];
      }),
      now,
    );
    const consented = await this.consents.record(sql, fresh.flatMap(consentOf), now);
    const accountIds = new Set([...woken, ...consented.accountIds]);
    const fileIds = files.map(({ id }) => id);
    return { fresh: fresh.length, wroteEvents: events.length > 0, accountIds, fileIds };
  }

  private withOwnFile({ id, gateway, account, event, receivedAt }: Fresh, content: Content, now: Date): OwnContent {
    const facet = gateway.channel(account.channel)?.media;
    const place = {
      gatewayId: gateway.id,
      accountId: account.id,
      messageId: id,
      occurredAt: event.occurredAt,
      receivedAt,
    };
    return this.media.own(content, facet, place, now);
  }

  /** The unique key decides, not a look-up: two processes with the same message cannot both get it. */
  private async onlyNew(sql: Sql, items: readonly InboundItem[], now: Date): Promise<readonly Fresh[]> {
    if (items.length === 0) return [];
    const contacts = await this.contacts.locate(
      sql,
      items.map(({ person }) => person),
    );
    const candidates = new Map<string, Fresh>();
    for (const item of items) {
      const key = refKey({ accountId: item.account.id, providerId: item.event.providerId });
      const contactId = lookupKeys(item.person)
        .map((identity) => contacts.get(keyText(identity)))
        .find((id) => id !== undefined);
      if (contactId === undefined) throw new Error('a contact that was just made is not there');
      if (!candidates.has(key)) candidates.set(key, { ...item, id: newId(now), contactId });
    }
    const claimed = await this.messages.claimProviderIds(
      sql,
      [...candidates.values()].map(({ id, account, event }) => ({
        accountId: account.id,
        providerId: event.providerId,
        messageId: id,
      })),
    );
    return [...candidates.values()].filter(({ id }) => claimed.has(id));
  }
}

function byTime(one: Fresh, other: Fresh): number {
  return one.event.occurredAt.getTime() - other.event.occurredAt.getTime();
}

/** A message that is a word of the gateway's lists says what its author wants to get, whoever else reads it. */
function consentOf({ id, contactId, gateway, event }: Fresh): ConsentChange[] {
  const found = consentWordsOf(gateway).matchContent(event.content);
  if (!found) return [];
  const said = { topic: 'all', state: found.state, at: event.occurredAt, how: CONSENT_HOW.keyword } as const;
  return [{ contactId, ...said, what: found.word, messageId: id }];
}

function partiesOf({ gateway, account, contactId }: Fresh) {
  return { gatewayId: gateway.id, accountId: account.id, contactId };
}

function quotesOf({ account, event }: Fresh) {
  const ids = [event.replyTo?.providerId, event.content.type === 'reaction' ? event.content.messageId : undefined];
  return ids.flatMap((providerId) => (providerId === undefined ? [] : [{ accountId: account.id, providerId }]));
}

/** A reaction speaks of a message by the network's id; ours is put in its place where we know it. */
function withOwnIds({ account, event }: Fresh, quoted: ReadonlyMap<string, string>): Content {
  const { content } = event;
  if (content.type !== 'reaction') return content;
  const id = quoted.get(refKey({ accountId: account.id, providerId: content.messageId }));
  return id === undefined ? content : { ...content, messageId: id };
}

function newMessage(
  item: Fresh & { content: Content },
  threadId: string,
  dialogId: string,
  quoted: ReadonlyMap<string, string>,
): NewMessage {
  const { event, account, gateway } = item;
  const replyTo = event.replyTo && quoted.get(refKey({ accountId: account.id, providerId: event.replyTo.providerId }));
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
  };
}

/** What came while a number or its gateway was inactive stays in the history and is not given to the bot. */
function eventsOf(
  item: Fresh & { content: Content },
  subject: EventSubject,
  quoted: ReadonlyMap<string, string>,
  isFirst: boolean,
  now: Date,
): OutboxEvent[] {
  const { gateway, account, event } = item;
  if (!gateway.enabled || !account.active || !account.enabled) return [];
  const events: OutboxEvent[] = [];
  if (isFirst && isWanted(gateway, account, 'dialog.opened')) {
    events.push(dialogEvent('dialog.opened', subject, event.occurredAt, now, item.receivedAt));
  }
  if (isWanted(gateway, account, 'message.received')) {
    const replyTo = event.replyTo && {
      id: quoted.get(refKey({ accountId: account.id, providerId: event.replyTo.providerId })),
      providerId: event.replyTo.providerId,
    };
    events.push(
      receivedEvent(
        subject,
        {
          id: item.id,
          providerId: event.providerId,
          sentAt: event.occurredAt,
          content: item.content,
          ...(replyTo && {
            replyTo: { ...(replyTo.id !== undefined && { id: replyTo.id }), providerId: replyTo.providerId },
          }),
          ...(event.referral && { referral: event.referral }),
        },
        item.receivedAt,
        now,
      ),
    );
  }
  return events;
}
