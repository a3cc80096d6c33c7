import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** What one process saw of an account since it last wrote it down. */
export interface Beat {
  readonly accountId: string;
  /** accepted after the last receipt that this process saw */
  readonly accepted: number;
  readonly firstAcceptedAt: Date | null;
  readonly lastAcceptedAt: Date | null;
  readonly receiptAt: Date | null;
}

export interface Silence {
  readonly account_id: string;
  /** messages accepted since the last receipt */
  readonly unreceipted: number;
  readonly since: Date;
}

/** Receipts and acceptances meet here, though they are often seen by different processes. */
@Injectable()
export class AccountPulseRepository {
  constructor(private readonly database: Database) {}

  /**
   * One row per account, a few times a minute. A receipt takes back all that was accepted before it, and for a minute more,
   * since it may overtake the answer that it belongs to. Of acceptances on both sides of a receipt the later part counts.
   */
  async write(beats: readonly Beat[]): Promise<void> {
    if (beats.length === 0) return;
    await this.database.query(
      `INSERT INTO account_pulse AS p (account_id, accepted_at, receipt_at, unreceipted, unreceipted_since)
       SELECT account_id, last_at, receipt_at, accepted, first_at
       FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
         AS b (account_id, accepted, first_at, last_at, receipt_at)
       ORDER BY account_id
       ON CONFLICT (account_id) DO UPDATE SET
         accepted_at = GREATEST(p.accepted_at, excluded.accepted_at),
         receipt_at = GREATEST(p.receipt_at, excluded.receipt_at),
         (unreceipted, unreceipted_since) = (
           SELECT COALESCE(sum(CASE WHEN since >= spoken THEN n
               ELSE ceil(n * extract(epoch FROM last_at - spoken) / extract(epoch FROM last_at - since)) END), 0),
             min(GREATEST(since, spoken))
           FROM (VALUES
             (p.unreceipted, p.unreceipted_since, p.accepted_at),
             (excluded.unreceipted, excluded.unreceipted_since, excluded.accepted_at)) AS v (n, since, last_at)
           CROSS JOIN (SELECT COALESCE(GREATEST(p.receipt_at, excluded.receipt_at) + interval '1 minute', '2000-01-01') AS spoken) r
           WHERE n > 0 AND last_at > spoken)`,
      [
        beats.map(({ accountId }) => accountId),
        beats.map(({ accepted }) => accepted),
        beats.map(({ firstAcceptedAt }) => firstAcceptedAt),
        beats.map(({ lastAcceptedAt }) => lastAcceptedAt),
        beats.map(({ receiptAt }) => receiptAt),
      ],
    );
  }

  /** Accounts that have waited for a receipt since before; those that have sent nothing for long are let be. */
  async silent(before: Date, acceptedAfter: Date): Promise<readonly Silence[]> {
    return this.database.query(
      `SELECT account_id, unreceipted, unreceipted_since AS since FROM account_pulse
       WHERE unreceipted > 0 AND unreceipted_since <= $1 AND accepted_at > $2`,
      [before, acceptedAfter],
    );
  }
}
