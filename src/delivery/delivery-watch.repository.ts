import { Injectable } from '@nestjs/common';
import type { Sql } from '../platform/database/database.js';

/** Messages that somebody wants to hear of when they were not delivered in time. */
@Injectable()
export class DeliveryWatchRepository {
  async watch(sql: Sql, rows: readonly { messageId: string; dueAt: Date }[]): Promise<void> {
    if (rows.length === 0) return;
    await sql.query(
      `INSERT INTO delivery_watch (message_id, due_at)
       SELECT message_id, due_at FROM unnest($1::uuid[], $2::timestamptz[]) AS w (message_id, due_at)`,
      [rows.map(({ messageId }) => messageId), rows.map(({ dueAt }) => dueAt)],
    );
  }

  /** Takes those whose time is over; they are gone with the transaction, and nobody else gets them meanwhile. */
  async takeDue(sql: Sql, now: Date, limit: number): Promise<readonly string[]> {
    const rows = await sql.query<{ message_id: string }>(
      `DELETE FROM delivery_watch WHERE message_id IN (
         SELECT message_id FROM delivery_watch WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ) RETURNING message_id`,
      [now, limit],
    );
    return rows.map(({ message_id }) => message_id);
  }
}
