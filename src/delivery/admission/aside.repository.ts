import { Injectable } from '@nestjs/common';
import type { HeldReason } from '../../dialog/message-status.js';
import type { Sql } from '../../platform/database/database.js';
import type { ClassRank } from '../message-class.js';

/** Reasons that a pass finds out by itself to be gone. */
const BY_ACCOUNT: readonly HeldReason[] = ['account', 'gateway', 'paused'];

/** The heads that stepped aside, and how they become ready again: at their time, or when what held them is gone. */
@Injectable()
export class AsideRepository {
  /** Heads whose time has come are ready again. */
  async wakeDue(sql: Sql, accountId: string, now: Date, limit: number): Promise<void> {
    await sql.query(
      `UPDATE outbound SET state = 'ready', changed_at = $2 WHERE message_id IN (
         SELECT message_id FROM outbound WHERE account_id = $1 AND state = 'later' AND available_at <= $2 ORDER BY available_at LIMIT $3)`,
      [accountId, now, limit],
    );
  }

  /** When the next head of the account comes back by itself. */
  async nextDue(sql: Sql, accountId: string): Promise<Date | null> {
    const [row] = await sql.query<{ at: Date | null }>(
      `SELECT min(available_at) AS at FROM outbound WHERE account_id = $1 AND state = 'later'`,
      [accountId],
    );
    return row?.at ?? null;
  }

  /** What held the account is gone for these classes: the oldest of their heads are ready again. Gives back how many. */
  async releaseAccount(
    sql: Sql,
    accountId: string,
    classes: readonly ClassRank[],
    now: Date,
    limit: number,
  ): Promise<number> {
    let released = 0;
    for (const rank of classes) {
      released += await this.release(sql, { accountIds: [accountId], reasons: BY_ACCOUNT, class: rank, limit }, now);
    }
    return released;
  }

  /** The oldest held heads of one class are ready again. */
  async release(
    sql: Sql,
    which: { accountIds: readonly string[]; reasons: readonly HeldReason[]; class: ClassRank; limit: number },
    now: Date,
  ): Promise<number> {
    const rows = await sql.query(
      `UPDATE outbound o SET state = 'ready', changed_at = $5
       FROM (
         SELECT h.message_id FROM unnest($1::uuid[]) AS a (id) CROSS JOIN unnest($2::text[]) AS r (reason), LATERAL (
           SELECT message_id, seq FROM outbound WHERE account_id = a.id AND held_reason = r.reason AND class = $3 AND state = 'held'
           ORDER BY seq LIMIT $4
         ) AS h ORDER BY h.seq LIMIT $4
       ) AS h WHERE o.message_id = h.message_id AND o.state = 'held' RETURNING o.message_id`,
      [which.accountIds, which.reasons, which.class, which.limit, now],
    );
    return rows.length;
  }

  /** What held these people's messages is gone. Gives back whose accounts they are. */
  async releasePeople(
    sql: Sql,
    contactIds: readonly string[],
    reasons: readonly HeldReason[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    if (contactIds.length === 0) return new Set();
    const rows = await sql.query<{ account_id: string }>(
      `UPDATE outbound o SET state = 'ready', changed_at = $3 FROM thread t
       WHERE t.contact_id = ANY($1) AND o.thread_id = t.id AND o.state = 'held' AND o.held_reason = ANY($2) RETURNING o.account_id`,
      [contactIds, reasons, now],
    );
    return new Set(rows.map(({ account_id }) => account_id));
  }

  /**
   * These people wrote: for as long as their windows are open nothing opens them, and what the messaging limit held may go.
   * Gives back whose accounts have something to send.
   */
  async opened(sql: Sql, threadIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    if (threadIds.length === 0) return new Set();
    const rows = await sql.query<{ account_id: string }>(
      `UPDATE outbound SET opens = false, state = CASE WHEN state = 'held' AND held_reason = 'tier' THEN 'ready' ELSE state END,
         changed_at = CASE WHEN state = 'held' THEN $2 ELSE changed_at END
       WHERE thread_id = ANY($1) AND opens RETURNING account_id`,
      [threadIds, now],
    );
    return new Set(rows.map(({ account_id }) => account_id));
  }

  /**
   * These people have a place of the messaging limit: their other messages need no place of their own. One that a settlement
   * has locked just then (it waits for what this transaction has locked) finds the place when its turn comes. Gives back whose
   * accounts have something to send.
   */
  async shared(
    sql: Sql,
    contactIds: readonly string[],
    accountIds: readonly string[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    if (contactIds.length === 0) return new Set();
    const rows = await sql.query<{ account_id: string; state: string }>(
      `UPDATE outbound o SET opens = false, state = CASE WHEN h.is_held THEN 'ready' ELSE o.state END,
         changed_at = CASE WHEN h.is_held THEN $3 ELSE o.changed_at END
       FROM (
         SELECT o.message_id, o.state = 'held' AND o.held_reason = 'tier' AS is_held FROM thread t JOIN outbound o ON o.thread_id = t.id
         WHERE t.contact_id = ANY($1) AND t.account_id = ANY($2) AND o.opens FOR UPDATE OF o SKIP LOCKED
       ) AS h
       WHERE o.message_id = h.message_id RETURNING o.account_id, o.state`,
      [contactIds, accountIds, now],
    );
    return new Set(rows.filter(({ state }) => state === 'ready').map(({ account_id }) => account_id));
  }
}
