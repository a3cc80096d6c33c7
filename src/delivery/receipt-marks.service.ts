import { Injectable } from '@nestjs/common';
import type { ReceiptReceived, ReceiptsUpTo } from '../contract/index.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { type Person, keyText, lookupKeys } from '../dialog/person.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import { ReceiptMarksRepository } from './receipt-marks.repository.js';
import { ReceiptMatcher } from './receipt-matcher.service.js';
import type { MatchedReceipt } from './read-receipts.js';
import { type ReceiptEffect, ReceiptMerger } from './receipt-merger.service.js';
import type { AccountReceipt } from './receipts.service.js';

export interface AccountMark {
  readonly accountId: string;
  readonly person: Person;
  readonly mark: ReceiptsUpTo;
}

interface Accepted {
  readonly messageId: string;
  readonly attemptId: string;
  readonly accountId: string;
  readonly providerId: string;
}

/** What was just accepted, with its thread, where the network tells of messages by marks. */
export type Markable = Accepted & { readonly threadId: string };

const NOTHING: ReceiptEffect = { accountIds: new Set(), wroteEvents: false };

/**
 * Receipts that name a moment and no messages: they become a receipt of every message that they speak of. A mark and our own
 * record of what was accepted may cross, as receipts do: both lock the thread's name before they look, and whoever comes second
 * sees the first.
 */
@Injectable()
export class ReceiptMarks {
  constructor(
    private readonly rows: ReceiptMarksRepository,
    private readonly contacts: ContactRepository,
    private readonly matcher: ReceiptMatcher,
    private readonly merger: ReceiptMerger,
    private readonly directory: GatewayDirectory,
  ) {}

  /**
   * The receipts that the marks come to.
   *
   * @param beside receipts of the same batch: what is locked for them is locked with the marks, in one order everywhere
   */
  async expand(
    sql: Sql,
    marks: readonly AccountMark[],
    beside: readonly AccountReceipt[],
  ): Promise<readonly AccountReceipt[]> {
    if (marks.length === 0) return [];
    const placed = await this.place(sql, marks);
    if (placed.length === 0) return [];
    await this.matcher.lockProviderIds(sql, [
      ...placed.map(({ threadId }) => nameOf(threadId)),
      ...beside.map(({ receipt }) => receipt.providerId),
    ]);
    await this.rows.keep(sql, placed);
    const reached = await this.rows.reached(sql, placed);
    const told = new Map(placed.map((one) => [`${one.threadId}|${one.status}`, one.mark]));
    return reached.flatMap(({ threadId, accountId, providerId, status, upTo }) => {
      const mark = told.get(`${threadId}|${status}`);
      return mark ? [{ accountId, receipt: receiptOf(mark, providerId, upTo) }] : [];
    });
  }

  /** Those among what was accepted that marks may speak of; nothing is asked where no network of theirs has marks. */
  async markable(sql: Sql, accepted: readonly Accepted[]): Promise<readonly Markable[]> {
    const own = accepted.filter(({ accountId }) => this.hasMarks(accountId));
    if (own.length === 0) return [];
    const ids = own.map(({ messageId }) => messageId);
    const threads = await this.rows.threadsOf(sql, ids, ids.map(timeOfId));
    return own.flatMap((one) => {
      const threadId = threads.get(one.messageId);
      return threadId === undefined ? [] : [{ threadId, ...one }];
    });
  }

  /** What is to be locked beside the ids of what was accepted. */
  locksOf(markable: readonly Markable[]): readonly string[] {
    return markable.map(({ threadId }) => nameOf(threadId));
  }

  /** Marks that were here before the messages they speak of. */
  async adopt(sql: Sql, markable: readonly Markable[], now: Date): Promise<ReceiptEffect> {
    if (markable.length === 0) return NOTHING;
    const marks = await this.rows.of(
      sql,
      markable.map(({ threadId }) => threadId),
    );
    const matched = markable.flatMap(({ messageId, accountId, providerId, threadId, attemptId }): MatchedReceipt[] => {
      const began = timeOfId(attemptId);
      const account = this.directory.accountById(accountId)?.account;
      if (!began || !account) return [];
      const { delivered = null, read = null } = marks.get(threadId) ?? {};
      return (
        [
          ['delivered', delivered],
          ['read', read],
        ] as const
      ).flatMap(([status, upTo]) => {
        if (!upTo || upTo < began) return [];
        const mark = { account: { address: account.address, group: account.group }, status, raw: null };
        return [{ messageId, accountId, attemptId: null, receipt: receiptOf(mark, providerId, upTo) }];
      });
    });
    return this.merger.merge(sql, matched, now);
  }

  private hasMarks(accountId: string): boolean {
    const found = this.directory.accountById(accountId);
    return found?.gateway.channel(found.account.channel)?.capabilities.receiptsUpTo === true;
  }

  private async place(sql: Sql, marks: readonly AccountMark[]) {
    const contacts = await this.contacts.locate(
      sql,
      marks.map(({ person }) => person),
    );
    const known = marks.flatMap((one) => {
      const contactId = lookupKeys(one.person)
        .map((key) => contacts.get(keyText(key)))
        .find((id) => id !== undefined);
      return contactId === undefined ? [] : [{ contactId, ...one }];
    });
    const threads = await this.rows.threads(sql, known);
    return known.flatMap(({ accountId, contactId, mark }) => {
      const thread = threads.find((one) => one.accountId === accountId && one.contactId === contactId);
      return thread ? [{ accountId, threadId: thread.threadId, status: mark.status, upTo: mark.upTo, mark }] : [];
    });
  }
}

/** In the space of the locks on provider ids; no network calls a message so. */
function nameOf(threadId: string): string {
  return `thread ${threadId}`;
}

function receiptOf(
  { account, status, raw }: Pick<ReceiptsUpTo, 'account' | 'status' | 'raw'>,
  providerId: string,
  upTo: Date,
): ReceiptReceived {
  return { type: 'receipt', account, providerId, status, occurredAt: upTo, raw };
}
