import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../platform/database/database.js';

/** A gateway whose dialogs end when nobody says anything. */
export interface IdlePolicy {
  readonly gatewayId: string;
  readonly idleMs: number;
}

/** Dialogs that are looked at in one go. */
const PAGE = 200;

/**
 * When to look whether a dialog has become idle. Messages do not move that moment: it is moved when it comes, to when the dialog
 * would be idle by its last message. So a dialog is looked at about once in its time-out, and a message costs nothing.
 */
@Injectable()
export class IdleRepository {
  constructor(private readonly database: Database) {}

  /** Open dialogs that have no moment yet, or a later one than the gateway now asks for. True: there are more. */
  async adopt(policies: readonly IdlePolicy[], now: Date): Promise<boolean> {
    if (policies.length === 0) return false;
    const columns = columnsOf(policies);
    const fresh = await this.database.query(
      `UPDATE dialog d SET idle_check_at = d.opened_at + p.idle
       FROM unnest($1::uuid[], $2::float8[]) AS k (gateway_id, ms), LATERAL (SELECT k.ms * interval '1 millisecond' AS idle) p
       WHERE d.id IN (SELECT f.id FROM dialog f WHERE f.gateway_id = k.gateway_id AND f.closed_at IS NULL
         AND f.idle_check_at IS NULL LIMIT ${PAGE} FOR UPDATE SKIP LOCKED)
       RETURNING d.id`,
      columns,
    );
    await this.database.query(
      `UPDATE dialog d SET idle_check_at = d.opened_at + k.ms * interval '1 millisecond'
       FROM unnest($1::uuid[], $2::float8[]) AS k (gateway_id, ms)
       WHERE d.gateway_id = k.gateway_id AND d.closed_at IS NULL
         AND d.idle_check_at > $3::timestamptz + k.ms * interval '1 millisecond'`,
      [...columns, now],
    );
    return fresh.length >= PAGE;
  }

  /** Open dialogs whose moment has come, the most overdue first. */
  due(now: Date): Promise<readonly { readonly id: string; readonly gatewayId: string; readonly threadId: string }[]> {
    return this.database.query(
      `SELECT id, gateway_id AS "gatewayId", thread_id AS "threadId" FROM dialog
       WHERE closed_at IS NULL AND idle_check_at IS NOT NULL AND idle_check_at <= $1 ORDER BY idle_check_at LIMIT ${PAGE}`,
      [now],
    );
  }

  /**
   * When it would be idle: now or earlier, later, or not at all (null) while an operator has it. Locks the thread, so that no
   * message comes in between this judgement and what follows from it. Undefined: there is nothing to judge any more.
   */
  async idleAt(
    sql: Sql,
    { id, threadId }: { readonly id: string; readonly threadId: string },
    idleMs: number,
    now: Date,
  ): Promise<Date | null | undefined> {
    const locked = await sql.query('SELECT id FROM thread WHERE id = $1 FOR UPDATE', [threadId]);
    const [row] = await sql.query<{ opened_at: Date; last_at: Date | null; is_assigned: boolean }>(
      // Only partitions of the time in question are read: what is older says no more than that it is idle.
      `SELECT d.opened_at, (SELECT max(m.created_at) FROM message m WHERE m.dialog_id = d.id AND m.created_at > $2) AS last_at,
         d.assigned_to IS NOT NULL AND (d.assigned_until IS NULL OR d.assigned_until > $3) AS is_assigned
       FROM dialog d WHERE d.id = $1 AND d.closed_at IS NULL`,
      [id, new Date(now.getTime() - idleMs), now],
    );
    if (locked.length === 0 || !row) return undefined;
    if (row.is_assigned) return null;
    const last = row.last_at && row.last_at > row.opened_at ? row.last_at : row.opened_at;
    return new Date(last.getTime() + idleMs);
  }

  /** @param at null: nobody asks any more */
  async lookAgain(sql: Sql, id: string, at: Date | null): Promise<void> {
    await sql.query('UPDATE dialog SET idle_check_at = $2 WHERE id = $1 AND closed_at IS NULL', [id, at]);
  }
}

function columnsOf(policies: readonly IdlePolicy[]): [string[], number[]] {
  return [policies.map(({ gatewayId }) => gatewayId), policies.map(({ idleMs }) => idleMs)];
}
