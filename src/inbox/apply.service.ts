import { Injectable } from '@nestjs/common';
import { AccountHolds } from '../delivery/admission/account-holds.service.js';
import { ReceiptMarks } from '../delivery/receipt-marks.service.js';
import { ReceiptsService } from '../delivery/receipts.service.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { TemplateNewsService } from '../template/template-news.service.js';
import { AccountNewsService } from './account-news.service.js';
import { ClaimNew } from './claim-new.service.js';
import { ClosedNewsService } from './closed-news.service.js';
import type { Confirmation } from './confirmations.service.js';
import { ConsentNewsService } from './consent-news.service.js';
import { EchoWriter } from './echo-writer.service.js';
import { InboundWriter } from './inbound-writer.service.js';
import { JournalRepository } from './journal.repository.js';
import type { Item } from './normalize.js';
import type { Nameless } from './profile-lookups.service.js';
import { ReachNewsService } from './reach-news.service.js';
import { type Sorted, sortItems, unhandledOf } from './sort-items.js';
import { UnhandledRepository } from './unhandled.repository.js';

/** What to wake after the commit. */
export interface ApplyEffect {
  readonly accountIds: ReadonlySet<string>;
  readonly wroteEvents: boolean;
  /** to be fetched */
  readonly fileIds: readonly string[];
  /** to be told to their networks */
  readonly confirmations: readonly Confirmation[];
  /** to be asked for at their networks */
  readonly nameless: readonly Nameless[];
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
    private readonly claims: ClaimNew,
    private readonly journal: JournalRepository,
    private readonly writer: InboundWriter,
    private readonly echoes: EchoWriter,
    private readonly receipts: ReceiptsService,
    private readonly marks: ReceiptMarks,
    private readonly holds: AccountHolds,
    private readonly templates: TemplateNewsService,
    private readonly accounts: AccountNewsService,
    private readonly consents: ConsentNewsService,
    private readonly closings: ClosedNewsService,
    private readonly reaches: ReachNewsService,
    private readonly unhandled: UnhandledRepository,
  ) {}

  /** @param finished ids of the stored events that are done with these items */
  async apply(scope: string, items: readonly Item[], finished: readonly string[]): Promise<ApplyEffect> {
    const all = sortItems(items);
    const sorted = await this.withPersons(all);
    const { effect, counts } = await this.database.transaction(async (sql) => {
      if ((await this.journal.finish(sql, scope, finished)) < finished.length)
        throw new AlreadyProcessedError('processed elsewhere');
      const now = this.clock.now();
      const renewed = await this.accounts.apply(sql, items, now);
      const written = await this.writer.write(sql, sorted.inbound, now);
      const echoed = await this.echoes.write(sql, sorted.echoes, now);
      const marked = await this.marks.expand(sql, sorted.marks, sorted.receipts);
      const receipts = marked.length > 0 ? [...sorted.receipts, ...marked] : sorted.receipts;
      const settled = await this.receipts.apply(sql, receipts, now);
      const mended = await this.holds.shown(sql, receipts);
      await this.reaches.apply(sql, sorted.reaches);
      const reconsidered = await this.consents.apply(sql, sorted.preferences, now);
      const ended = await this.closings.apply(sql, sorted.closed);
      const news = await this.templates.apply(sql, sorted.templates, now);
      const attention = await this.unhandled.add(sql, sorted.unhandled, now);
      const effects = [renewed, written, echoed, settled, news];
      const fresh = written.fresh + echoed.fresh;
      return {
        effect: {
          accountIds: new Set([...effects.flatMap(({ accountIds }) => [...accountIds]), ...mended, ...reconsidered]),
          wroteEvents: ended || effects.some(({ wroteEvents }) => wroteEvents),
          fileIds: written.fileIds,
          confirmations: written.confirmations,
          nameless: written.nameless,
        },
        counts: {
          duplicate: all.inbound.length + all.echoes.length - fresh,
          unhandled: attention,
          received: written.fresh,
        },
      };
    });
    const gateway = items[0]?.gateway?.uri ?? '';
    if (counts.duplicate > 0) this.metrics.providerEvents.inc({ gateway, result: 'duplicate' }, counts.duplicate);
    if (counts.unhandled > 0) this.metrics.providerEvents.inc({ gateway, result: 'unhandled' }, counts.unhandled);
    if (counts.received > 0) this.metrics.messages.inc({ direction: 'in', status: 'received' }, counts.received);
    for (const { count, ...labels } of sorted.unused) this.metrics.unusedUpdates.inc(labels, count);
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

  /**
   * Contacts for whoever is in the batch. A repeat of what was seen before must not undo what has become of its author since, so
   * where somebody's names would change the repeats go first.
   */
  private async withPersons(sorted: Sorted): Promise<Sorted> {
    const personsOf = ({ inbound, echoes, preferences, reaches }: Sorted) =>
      [...inbound, ...echoes, ...preferences, ...reaches].map(({ person }) => person);
    const isMoved = sorted.inbound.some(({ event }) => event.moved);
    if (!isMoved && (await this.contacts.unsettled(personsOf(sorted))).length === 0) return sorted;
    const left: Sorted = {
      ...sorted,
      inbound: await this.claims.notKnown(this.database, sorted.inbound),
      echoes: await this.claims.notKnown(this.database, sorted.echoes),
    };
    await this.contacts.ensure(personsOf(left));
    return left;
  }
}
