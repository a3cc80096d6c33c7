import { Inject, Injectable } from '@nestjs/common';
import type { ReceiptReceived } from '../contract/index.js';
import { isOthers } from '../dialog/message-view.js';
import { MessageRepository, refKey } from '../dialog/message.repository.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { INSTALLATION_ID } from '../platform/platform.tokens.js';
import { AccountPulse } from './account-pulse.service.js';
import { opensPeople } from './limits/foreign-sends.js';
import { readAttemptReference } from './attempt-reference.js';
import { OutboundRepository } from './outbound.repository.js';
import { ReceiptMatcher } from './receipt-matcher.service.js';
import type { MatchedReceipt } from './read-receipts.js';
import { type ReceiptEffect, ReceiptMerger } from './receipt-merger.service.js';

export interface AccountReceipt {
  readonly accountId: string;
  readonly receipt: ReceiptReceived;
}

/** Finds the message that each receipt speaks of: by the provider's id, or by our attempt reference when the answer was lost. */
@Injectable()
export class ReceiptsService {
  constructor(
    private readonly messages: MessageRepository,
    private readonly outbound: OutboundRepository,
    private readonly matcher: ReceiptMatcher,
    private readonly merger: ReceiptMerger,
    private readonly metrics: Metrics,
    private readonly pulse: AccountPulse,
    @Inject(INSTALLATION_ID) private readonly installationId: string,
  ) {}

  async apply(sql: Sql, receipts: readonly AccountReceipt[], now: Date): Promise<ReceiptEffect> {
    if (receipts.length === 0) return { accountIds: new Set(), wroteEvents: false };
    for (const { accountId } of receipts) this.pulse.receipt(accountId);
    const first = await this.match(sql, receipts);
    await this.countForeign(sql, first.matched, receipts, now);
    const settling = first.matched.filter(({ attemptId }) => attemptId !== null);
    const isSettling = settling.length > 0;
    if (first.unmatched.length === 0 && !isSettling) return this.merger.merge(sql, first.matched, now);
    // Lines before ids, as settling does, which may be at the same attempts just now.
    await this.outbound.lockLines(
      sql,
      settling.map(({ messageId }) => messageId),
    );
    await this.matcher.lockProviderIds(
      sql,
      [...first.unmatched, ...settling].map(({ receipt }) => receipt.providerId),
    );
    const second = await this.match(sql, first.unmatched);
    this.metrics.unknownReceipts.inc(second.unmatched.length);
    await this.matcher.keep(
      sql,
      second.unmatched.map((one) => ({
        isForeign: this.attemptOf(one) === undefined && opensPeople(one.receipt),
        ...one,
      })),
      now,
    );
    const matched = [...first.matched, ...second.matched];
    const merged = await this.merger.merge(sql, matched, now);
    return isSettling ? this.adopt(sql, matched, merged, now) : merged;
  }

  /** What was settled just now has its id from now on: receipts that came before it, and did not say of which attempt, are its. */
  private async adopt(
    sql: Sql,
    matched: readonly MatchedReceipt[],
    merged: ReceiptEffect,
    now: Date,
  ): Promise<ReceiptEffect> {
    const settled = matched.filter(({ attemptId }) => attemptId !== null);
    const early = await this.matcher.adopt(
      sql,
      settled.map(({ messageId, accountId, receipt }) => ({ messageId, accountId, providerId: receipt.providerId })),
      now,
    );
    return {
      accountIds: new Set([...merged.accountIds, ...early.accountIds]),
      wroteEvents: merged.wroteEvents || early.wroteEvents,
    };
  }

  private async match(sql: Sql, receipts: readonly AccountReceipt[]) {
    const byProviderId = await this.messages.findByProviderIds(
      sql,
      receipts.map(({ accountId, receipt }) => ({ accountId, providerId: receipt.providerId })),
    );
    const known = (one: AccountReceipt): string | undefined =>
      byProviderId.get(refKey({ accountId: one.accountId, providerId: one.receipt.providerId }));
    const byAttempt = await this.findAttempts(
      sql,
      receipts.filter((one) => known(one) === undefined),
    );
    const matched: MatchedReceipt[] = [];
    const unmatched: AccountReceipt[] = [];
    for (const one of receipts) {
      const messageId = known(one);
      const attempt = messageId === undefined ? byAttempt.get(this.attemptOf(one) ?? '') : undefined;
      if (messageId !== undefined) matched.push({ messageId, attemptId: null, ...one });
      else if (attempt) matched.push({ messageId: attempt.messageId, attemptId: attempt.attemptId, ...one });
      else unmatched.push(one);
    }
    return { matched, unmatched };
  }

  /** What others wrote is in our history, and still counts in the limit as theirs: nothing of ours took a place for it. */
  private async countForeign(
    sql: Sql,
    matched: readonly MatchedReceipt[],
    receipts: readonly AccountReceipt[],
    now: Date,
  ): Promise<void> {
    const opening = matched.filter((one) => opensPeople(one.receipt) && this.attemptOf(one) === undefined);
    if (opening.length === 0) return;
    const ids = [...new Set(opening.map(({ messageId }) => messageId))];
    const records = await this.messages.findAll(sql, ids, { lock: false });
    const foreign = new Set(records.filter(isOthers).map(({ id }) => id));
    const told = new Set(opening.filter(({ messageId }) => foreign.has(messageId)).map(({ receipt }) => receipt));
    const kept = receipts.filter(({ receipt }) => told.has(receipt));
    await this.matcher.keep(
      sql,
      kept.map((one) => ({ isForeign: true, ...one })),
      now,
    );
  }

  private attemptOf({ receipt }: Pick<AccountReceipt, 'receipt'>): string | undefined {
    return readAttemptReference(this.installationId, receipt.attempt);
  }

  /** Only an attempt of a message on the very account that the receipt came for. */
  private async findAttempts(sql: Sql, receipts: readonly AccountReceipt[]) {
    const wanted = receipts.flatMap((one) => {
      const attempt = this.attemptOf(one);
      return attempt ? [{ attempt, accountId: one.accountId }] : [];
    });
    if (wanted.length === 0) return new Map<string, { messageId: string; attemptId: string }>();
    const rows = await sql.query<{ id: string; message_id: string }>(
      `SELECT DISTINCT a.id, a.message_id
       FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS k (id, created_at, account_id)
       JOIN attempt a ON a.id = k.id AND a.created_at = k.created_at
       JOIN message m ON m.id = a.message_id AND m.account_id = k.account_id`,
      [
        wanted.map(({ attempt }) => attempt),
        wanted.map(({ attempt }) => timeOfId(attempt)),
        wanted.map(({ accountId }) => accountId),
      ],
    );
    return new Map(rows.map(({ id, message_id }) => [id, { messageId: message_id, attemptId: id }]));
  }
}
