import { Injectable } from '@nestjs/common';
import type { PersonIdentity, ReceiptReceived, UnhandledUpdate } from '../contract/index.js';
import { ReceiptsService } from '../delivery/receipts.service.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { type Person, storable } from '../dialog/person.js';
import type { LoadedAccount } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { type TemplateNews, TemplateNewsService } from '../template/template-news.service.js';
import { AccountNewsService } from './account-news.service.js';
import { type ConsentNews, ConsentNewsService } from './consent-news.service.js';
import type { InboundItem } from './inbound-item.js';
import { InboundWriter } from './inbound-writer.service.js';
import { JournalRepository } from './journal.repository.js';
import type { Item } from './normalize.js';
import { type NewUnhandled, UnhandledRepository } from './unhandled.repository.js';

/** What to wake after the commit. */
export interface ApplyEffect {
  readonly accountIds: ReadonlySet<string>;
  readonly wroteEvents: boolean;
  /** to be fetched */
  readonly fileIds: readonly string[];
}

/** Thrown when another process has processed some of the events meanwhile: nothing was changed. */
export class AlreadyProcessedError extends Error {
  override readonly name = 'AlreadyProcessedError';
}

/**
 * Makes a batch of items true, in one transaction: dedupe, contact, dialog, message, window, receipts, and the events for bots.
 * The events that are done leave the list of what is pending in the same transaction, so each is applied once.
 */
@Injectable()
export class ApplyService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly contacts: ContactRepository,
    private readonly journal: JournalRepository,
    private readonly writer: InboundWriter,
    private readonly receipts: ReceiptsService,
    private readonly templates: TemplateNewsService,
    private readonly accounts: AccountNewsService,
    private readonly consents: ConsentNewsService,
    private readonly unhandled: UnhandledRepository,
  ) {}

  /** @param finished ids of the stored events that are done with these items */
  async apply(scope: string, items: readonly Item[], finished: readonly string[]): Promise<ApplyEffect> {
    const inbound = items.flatMap(toInbound);
    const receipts = items.flatMap(toReceipt);
    const preferences = items.flatMap(toConsentNews);
    await this.contacts.ensure([...inbound, ...preferences].map(({ person }) => person));
    const { effect, counts } = await this.database.transaction(async (sql) => {
      if ((await this.journal.finish(sql, scope, finished)) < finished.length)
        throw new AlreadyProcessedError('processed elsewhere');
      const now = this.clock.now();
      const renewed = await this.accounts.apply(sql, items, now);
      const written = await this.writer.write(sql, inbound, now);
      const settled = await this.receipts.apply(sql, receipts, now);
      const reconsidered = await this.consents.apply(sql, preferences, now);
      const news = await this.templates.apply(sql, items.flatMap(toTemplateNews), now);
      const attention = await this.unhandled.add(sql, items.flatMap(toUnhandled), now);
      return {
        effect: {
          accountIds: new Set([
            ...written.accountIds,
            ...settled.accountIds,
            ...reconsidered,
            ...news.accountIds,
            ...renewed.accountIds,
          ]),
          wroteEvents: written.wroteEvents || settled.wroteEvents || news.wroteEvents || renewed.wroteEvents,
          fileIds: written.fileIds,
        },
        counts: { duplicate: inbound.length - written.fresh, unhandled: attention, received: written.fresh },
      };
    });
    const gateway = items[0]?.gateway?.uri ?? '';
    if (counts.duplicate > 0) this.metrics.providerEvents.inc({ gateway, result: 'duplicate' }, counts.duplicate);
    if (counts.unhandled > 0) this.metrics.providerEvents.inc({ gateway, result: 'unhandled' }, counts.unhandled);
    if (counts.received > 0) this.metrics.messages.inc({ direction: 'in', status: 'received' }, counts.received);
    return effect;
  }

  /** One item that the database will not take: kept where it is seen, so that it holds up nobody. */
  async giveUp(item: Item, finished: readonly string[], reason: string): Promise<void> {
    await this.database.transaction(async (sql: Sql) => {
      await this.journal.finish(sql, item.scope, finished);
      const entry = unhandledOf(item, { code: 'item.failed', detail: reason, path: '', raw: item.event as unknown });
      await this.unhandled.add(sql, [entry], this.clock.now());
    });
    this.metrics.providerEvents.inc({ gateway: item.gateway?.uri ?? '', result: 'unhandled' });
  }
}

function toInbound({ event, gateway, account, source }: Item): InboundItem[] {
  if (event.type !== 'message' || !gateway || !account) return [];
  return [{ event, gateway, account, receivedAt: source.receivedAt, person: personOf(event.sender, account) }];
}

function toConsentNews({ event, account }: Item): ConsentNews[] {
  return event.type === 'consent' && account ? [{ change: event, person: personOf(event.person, account) }] : [];
}

function personOf(identity: PersonIdentity, account: LoadedAccount): Person {
  return { ...storable(identity), scope: { channel: account.channel, realm: account.portfolio ?? account.group } };
}

function toReceipt({ event, account }: Item): { accountId: string; receipt: ReceiptReceived }[] {
  return event.type === 'receipt' && account ? [{ accountId: account.id, receipt: event }] : [];
}

function toTemplateNews({ event, gateway, channel }: Item): TemplateNews[] {
  if (event.type !== 'template' || !gateway || channel === undefined) return [];
  const facet = gateway.channel(channel)?.templates;
  return facet ? [{ gatewayId: gateway.id, channel, facet, change: event }] : [];
}

function toUnhandled(item: Item): NewUnhandled[] {
  const { event } = item;
  if (event.type === 'unhandled') return [unhandledOf(item, event)];
  if (event.type === 'message' && event.attention !== undefined) {
    return [
      unhandledOf(item, { code: 'type.unknown', detail: event.attention, path: event.providerId, raw: event.content }),
    ];
  }
  return [];
}

function unhandledOf(
  item: Item,
  { code, detail, path, raw }: Pick<UnhandledUpdate, 'code' | 'detail' | 'path'> & { raw: unknown },
): NewUnhandled {
  return {
    gatewayId: item.gateway?.id ?? null,
    scope: item.scope,
    eventId: item.source.id,
    receivedAt: item.source.receivedAt,
    code,
    detail,
    path,
    raw,
  };
}
