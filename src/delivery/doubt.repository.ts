import { Injectable } from '@nestjs/common';
import type { MessagePart } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';

/** An attempt whose answer was lost. */
export interface Doubt {
  readonly messageId: string;
  readonly attemptId: string;
  readonly gatewayId: string;
  readonly class: number;
  readonly part: MessagePart;
  readonly doubtSince: Date;
  /** when we had the receipt of the first message that was given to the same number after it, and has one */
  readonly laterReceiptAt: Date | null;
}

@Injectable()
export class DoubtRepository {
  /** The oldest first. What later messages tell is only looked for in doubts that began before `since`. */
  list(sql: Sql, since: Date, limit: number): Promise<Doubt[]> {
    return sql.query(
      `SELECT o.message_id AS "messageId", o.attempt_id AS "attemptId", o.gateway_id AS "gatewayId", o.class, o.part,
         o.doubt_since AS "doubtSince", CASE WHEN o.doubt_since <= $1 THEN (
           SELECT m.updated_at FROM message m
           WHERE m.gateway_id = o.gateway_id AND m.id > o.attempt_id AND m.account_id = o.account_id AND m.direction = 'out'
             AND m.status IN ('sent', 'delivered', 'read', 'played') ORDER BY m.id LIMIT 1
         ) END AS "laterReceiptAt"
       FROM outbound o WHERE o.state = 'doubt' ORDER BY o.doubt_since LIMIT $2`,
      [since, limit],
    );
  }

  /** When the oldest event came that still lies unread in the inbox. */
  async oldestUnread(sql: Sql): Promise<Date | undefined> {
    const [row] = await sql.query<{ at: Date | null }>('SELECT min(received_at) AS at FROM inbox_pending');
    return row?.at ?? undefined;
  }
}
