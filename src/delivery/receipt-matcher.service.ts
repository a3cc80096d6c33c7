import { Injectable } from '@nestjs/common';
import type { ReceiptReceived } from '../contract/index.js';
import { receiptKey } from '../dialog/timeline.js';
import type { Sql } from '../platform/database/database.js';
import type { MatchedReceipt } from './read-receipts.js';
import { type ReceiptEffect, ReceiptMerger } from './receipt-merger.service.js';

/** Namespace of the advisory locks on provider ids. */
const PROVIDER_ID_LOCK = 7_240_613;

interface StoredReceipt extends Omit<ReceiptReceived, 'occurredAt'> {
  readonly occurredAt: string;
}

/**
 * Receipts and our own record of what was accepted come by different ways and may cross. Whoever comes second must see the
 * first: both lock the provider's id before they look, so a receipt is either matched, or waits here until it is adopted.
 */
@Injectable()
export class ReceiptMatcher {
  constructor(private readonly merger: ReceiptMerger) {}

  /** Until the transaction ends, nobody else looks for or writes down these ids. */
  async lockProviderIds(sql: Sql, providerIds: readonly string[]): Promise<void> {
    if (providerIds.length === 0) return;
    await sql.query(
      `SELECT pg_advisory_xact_lock($2, key) FROM (SELECT DISTINCT hashtext(id) AS key FROM unnest($1::text[]) AS id ORDER BY 1) k`,
      [providerIds, PROVIDER_ID_LOCK],
    );
  }

  /** Keeps receipts of messages that we know nothing of (yet, or ever: other systems send on the same account). */
  async keep(
    sql: Sql,
    receipts: readonly { accountId: string; receipt: ReceiptReceived; isForeign: boolean }[],
    now: Date,
  ): Promise<void> {
    if (receipts.length === 0) return;
    await sql.query(
      `INSERT INTO unmatched_receipt (account_id, provider_id, key, receipt, recorded_at, is_foreign)
       SELECT account_id, provider_id, key, receipt::json, $5, is_foreign
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $6::boolean[]) AS r (account_id, provider_id, key, receipt, is_foreign)
       ON CONFLICT DO NOTHING`,
      [
        receipts.map(({ accountId }) => accountId),
        receipts.map(({ receipt }) => receipt.providerId),
        receipts.map(({ receipt }) => receiptKey(receipt)),
        receipts.map(({ receipt }) => JSON.stringify(receipt)),
        now,
        receipts.map(({ isForeign }) => isForeign),
      ],
    );
  }

  /**
   * Receipts that were here before the messages they speak of. The ids must be locked.
   *
   * @param options.keep for messages of others: whom they opened is still counted from these receipts
   */
  async adopt(
    sql: Sql,
    accepted: readonly { messageId: string; accountId: string; providerId: string }[],
    now: Date,
    { keep }: { keep: boolean } = { keep: false },
  ): Promise<ReceiptEffect> {
    if (accepted.length === 0) return { accountIds: new Set(), wroteEvents: false };
    const rows = await sql.query<{ account_id: string; provider_id: string; receipt: StoredReceipt }>(
      keep
        ? `SELECT u.account_id, u.provider_id, u.receipt
           FROM unmatched_receipt u JOIN unnest($1::uuid[], $2::text[]) AS k (account_id, provider_id)
             ON u.account_id = k.account_id AND u.provider_id = k.provider_id`
        : `DELETE FROM unmatched_receipt u USING unnest($1::uuid[], $2::text[]) AS k (account_id, provider_id)
           WHERE u.account_id = k.account_id AND u.provider_id = k.provider_id
           RETURNING u.account_id, u.provider_id, u.receipt`,
      [accepted.map(({ accountId }) => accountId), accepted.map(({ providerId }) => providerId)],
    );
    const matched = rows.flatMap((row): MatchedReceipt[] => {
      const owner = accepted.find(
        ({ accountId, providerId }) => accountId === row.account_id && providerId === row.provider_id,
      );
      if (!owner) return [];
      const receipt: ReceiptReceived = { ...row.receipt, occurredAt: new Date(row.receipt.occurredAt) };
      return [{ messageId: owner.messageId, accountId: owner.accountId, attemptId: null, receipt }];
    });
    return this.merger.merge(sql, matched, now);
  }
}
