import { Injectable } from '@nestjs/common';
import type { Content, MessageReceived } from '../contract/index.js';
import { InboundEffects } from '../delivery/admission/inbound-effects.service.js';
import { CONSENT_HOW, type ConsentChange } from '../dialog/consent/consent.js';
import { consentWordsOf } from '../dialog/consent/consent-words.js';
import { Consents } from '../dialog/consent/consents.service.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { DialogCloser } from '../dialog/dialog-closer.service.js';
import { type EventSubject, personToContact } from '../dialog/dialog-events.js';
import { DialogRepository, type OpenDialog } from '../dialog/dialog.repository.js';
import type { NewMessage } from '../dialog/message-record.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { moveIdentity } from '../dialog/move-identity.js';
import { isOurs, responderAfter } from '../dialog/responder.js';
import { type Thread, ThreadRepository, threadKey } from '../dialog/thread.repository.js';
import { InboundMedia, type OwnContent } from '../media/inbound/inbound-media.service.js';
import type { NewMediaFile } from '../media/media-file.repository.js';
import type { Sql } from '../platform/database/database.js';
import { type OutboxEvent, appendEvents, withdrawFromBot } from '../platform/outbox/outbox.js';
import { asksToClose } from './asks-to-close.js';
import type { Confirmation } from './confirmations.service.js';
import { ClaimNew, type Fresh, partiesOf, withOwnIds } from './claim-new.service.js';
import type { InboundItem } from './inbound-item.js';
import { eventsOf, newInbound } from './inbound-rows.js';
import type { Nameless } from './profile-lookups.service.js';

export interface Written {
  /** those that were not seen before */
  readonly fresh: number;
  readonly wroteEvents: boolean;
  /** accounts that may have something to send now */
  readonly accountIds: ReadonlySet<string>;
  /** files that came with them, to be fetched */
  readonly fileIds: readonly string[];
  /** those whose networks wait to hear of them */
  readonly confirmations: readonly Confirmation[];
  /** those whose names their networks may know */
  readonly nameless: readonly Nameless[];
}

const NOTHING: Written = {
  fresh: 0,
  wroteEvents: false,
  accountIds: new Set(),
  fileIds: [],
  confirmations: [],
  nameless: [],
};

/** The network tells names only when it is asked. */
function isNameless({ gateway, account, person }: Pick<InboundItem, 'gateway' | 'account' | 'person'>): boolean {
  return person.name === undefined && gateway.channel(account.channel)?.dialog.profile !== undefined;
}

/** Each of them once. */
function namelessOf(fresh: readonly Fresh<MessageReceived>[]): readonly Nameless[] {
  const found = fresh.filter(isNameless);
  return [...new Map(found.map((one) => [one.contactId, one])).values()];
}

/** Inbound messages of a batch: those seen before change nothing, the others open windows and dialogs and are told to bots. */
@Injectable()
export class InboundWriter {
  constructor(
    private readonly claims: ClaimNew,
    private readonly contacts: ContactRepository,
    private readonly threads: ThreadRepository,
    private readonly dialogs: DialogRepository,
    private readonly closer: DialogCloser,
    private readonly messages: MessageRepository,
    private readonly delivery: InboundEffects,
    private readonly consents: Consents,
    private readonly media: InboundMedia,
  ) {}

  async write(sql: Sql, items: readonly InboundItem[], now: Date): Promise<Written> {
    if (items.some(({ event }) => event.moved)) await this.contacts.alone(sql);
    const fresh = await this.claims.claim(sql, items, now);
    if (fresh.length === 0) return NOTHING;
    for (const item of fresh) await this.move(sql, item, now);
    const silentSince = await this.threads.lastInbound(sql, fresh.map(partiesOf));
    const threads = await this.threads.touch(
      sql,
      fresh.map((item) => ({ inboundAt: inboundAtOf(item), isGroup: item.event.group === true, ...partiesOf(item) })),
    );
    const channels = new Map(fresh.map((item) => [threadKey(partiesOf(item)), item.account.channel]));
    const dialogs = await this.dialogs.openFor(
      sql,
      [...threads].map(([key, thread]) => ({ channel: channels.get(key) ?? '', ...thread })),
    );
    await this.welcomeBack(sql, fresh, threads);
    const variables = new Map([...dialogs.values()].map((dialog) => [dialog.id, dialog.variables]));
    const quoted = await this.claims.quoted(sql, fresh);
    const messages: NewMessage[] = [];
    const events: OutboxEvent[] = [];
    const files: NewMediaFile[] = [];
    const announced = new Set<string>();
    const responders = new Map([...threads.values()].map((thread) => [thread.id, thread.responder]));
    for (const item of fresh) {
      const thread = threads.get(threadKey(partiesOf(item)));
      const dialog = thread && dialogs.get(thread.id);
      if (!thread || !dialog) throw new Error('a thread or dialog that was just written is not there');
      const responder = responderAfter(
        responders.get(thread.id) ?? null,
        { at: item.event.occurredAt, ...item.event },
        silentSince.get(threadKey(partiesOf(item))) ?? null,
      );
      responders.set(thread.id, responder);
      const own = this.withOwnFile(item, withOwnIds(item, quoted), now);
      if (own.file) files.push(own.file);
      messages.push(newInbound({ content: own.content, ...item }, thread.id, dialog.id, quoted));
      const isFirst = dialog.isNew && !announced.has(dialog.id);
      announced.add(dialog.id);
      const isStandby = item.event.standby === true || !isOurs(responder);
      variables.set(dialog.id, withVariables(variables.get(dialog.id) ?? dialog.variables, item.event));
      const known = { ...dialog, isNew: isFirst, variables: variables.get(dialog.id) ?? {} };
      const subject = await this.subjectOf(sql, item, thread, known, isStandby);
      events.push(...eventsOf({ content: this.media.told(own), ...item }, subject, quoted, now));
    }
    for (const { id, variables: before } of dialogs.values()) {
      const after = variables.get(id) ?? before;
      if (after !== before) await this.dialogs.setVariables(sql, id, changed(before, after));
    }
    await this.messages.insert(sql, messages);
    await this.media.insert(sql, files);
    const answerers = [...threads.values()].flatMap(({ id, responder: before }) => {
      const responder = responders.get(id) ?? null;
      return responder && responder !== before ? [{ id, responder }] : [];
    });
    await this.threads.setResponders(sql, answerers);
    const lost = answerers.filter(({ responder }) => !isOurs(responder)).map(({ id }) => id);
    await withdrawFromBot(sql, lost, 'message.received');
    await appendEvents(sql, events, now);
    const closed = await this.closeAsked(sql, fresh, threads, dialogs);
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
    const confirmations = fresh.flatMap(({ gateway, account, event: { confirm } }) =>
      confirm ? [{ gateway, account, what: confirm }] : [],
    );
    return {
      fresh: fresh.length,
      wroteEvents: events.length > 0 || closed,
      accountIds,
      fileIds,
      confirmations,
      nameless: namelessOf(fresh),
    };
  }

  /** Dialogs whose customer said that they are over; `runs.ts` has nothing else of them behind that. True when an event was written. */
  private async closeAsked(
    sql: Sql,
    fresh: readonly Fresh<MessageReceived>[],
    threads: ReadonlyMap<string, Thread>,
    dialogs: ReadonlyMap<string, OpenDialog>,
  ): Promise<boolean> {
    const closing = fresh.filter(({ gateway, event }) => asksToClose(gateway, event.content));
    const ids = closing.flatMap((item) => dialogs.get(threads.get(threadKey(partiesOf(item)))?.id ?? '')?.id ?? []);
    let wroteEvents = false;
    for (const id of ids) wroteEvents = (await this.closer.close(sql, id, 'customer')).wroteEvents || wroteEvents;
    return wroteEvents;
  }

  /** Who writes has come back, whatever the network said of them before. */
  private async welcomeBack(
    sql: Sql,
    fresh: readonly Fresh<MessageReceived>[],
    threads: ReadonlyMap<string, Thread>,
  ): Promise<void> {
    const news = fresh.flatMap((item) => {
      const thread = threads.get(threadKey(partiesOf(item)));
      const at = inboundAtOf(item);
      return thread?.isLost && at ? [{ threadId: thread.id, isLost: false, at }] : [];
    });
    await this.threads.setReach(sql, news);
  }

  private withOwnFile(
    { id, gateway, account, event, receivedAt }: Fresh<MessageReceived>,
    content: Content,
    now: Date,
  ): OwnContent {
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

  private async move(sql: Sql, { event, contactId, person }: Fresh<MessageReceived>, now: Date): Promise<void> {
    if (event.moved) await moveIdentity(sql, contactId, person.scope, event.moved, now);
  }

  private async subjectOf(
    sql: Sql,
    { gateway, account, contactId, person, event }: Fresh<MessageReceived>,
    thread: Thread,
    dialog: OpenDialog,
    isStandby: boolean,
  ): Promise<EventSubject> {
    // Who just moved, or is named by an id alone, is known by what is on record, not by the names in the message.
    const isOnRecord = event.moved !== undefined || isNameless({ gateway, account, person });
    const known = isOnRecord ? (await this.dialogs.record(sql, dialog.id))?.contact : undefined;
    return {
      gateway,
      account,
      threadId: thread.id,
      dialog,
      lastInboundAt: thread.lastInboundAt,
      bot: { ...dialog.bot, isStandby },
      contact: known ?? personToContact(contactId, person),
    };
  }
}

/** A message that is a word of the gateway's lists says what its author wants to get, whoever else reads it. */
function consentOf({ id, contactId, gateway, event }: Fresh<MessageReceived>): ConsentChange[] {
  const found = consentWordsOf(gateway).matchContent(event.content);
  if (!found) return [];
  const said = { topic: 'all', state: found.state, at: event.occurredAt, how: CONSENT_HOW.keyword } as const;
  return [{ contactId, ...said, what: found.word, messageId: id }];
}

function inboundAtOf({ event: { opensWindow, occurredAt } }: Pick<Fresh<MessageReceived>, 'event'>): Date | null {
  return opensWindow ? occurredAt : null;
}

/** The very same object where a message sets nothing anew. */
function withVariables(before: Readonly<Record<string, string>>, { variables }: MessageReceived) {
  const set = Object.entries(variables ?? {}).filter(([name, value]) => (before[name] ?? '') !== value);
  if (set.length === 0) return before;
  return Object.fromEntries(
    Object.entries({ ...before, ...Object.fromEntries(set) }).filter(([, value]) => value !== ''),
  );
}

/** What differs; what is gone is empty. */
function changed(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  const gone = Object.keys(before).filter((name) => !(name in after));
  const set = Object.entries(after).filter(([name, value]) => before[name] !== value);
  return { ...Object.fromEntries(gone.map((name) => [name, ''])), ...Object.fromEntries(set) };
}
