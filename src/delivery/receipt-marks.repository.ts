import { Injectable } from '@nestjs/common';
import type { ReceiptsUpTo } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';

/** Up to when a person got, or read, what an account sent them. */
export interface Mark {
  readonly threadId: string;
  readonly status: ReceiptsUpTo['status'];
  readonly upTo: Date;
}

/** A message that a mark speaks of. */
export interface Marked {
  readonly threadId: string;
  readonly messageId: string;
  readonly accountId: string;
  readonly providerId: string;
  readonly status: ReceiptsUpTo['status'];
  readonly upTo: Date;
}

/** Messages are looked for no further back than this before a mark: what is older was told of before. */
const REACH = '31 days';

@Injectable()
export class ReceiptMarksRepository {
  /** Account and contact → thread, where they have one. */
  async threads(
    sql: Sql,
    parties: readonly { readonly accountId: string; readonly contactId: string }[],
  ): Promise<readonly { accountId: string; contactId: string; threadId: string }[]> {
    return sql.query(
      `SELECT t.account_id AS "accountId", t.contact_id AS "contactId", t.id AS "threadId"
       FROM unnest($1::uuid[], $2::uuid[]) AS k (account_id, contact_id)
       JOIN thread t ON t.account_id = k.account_id AND t.contact_id = k.contact_id`,
      [parties.map(({ accountId }) => accountId), parties.map(({ contactId }) => contactId)],
    );
  }

  async threadsOf(sql: Sql, messageIds: readonly string[], createdAt: readonly (Date | undefined)[]) {
    const rows = await sql.query<{ id: string; thread_id: string }>(
      `SELECT m.id, m.thread_id FROM unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at)
       JOIN message m ON m.id = k.id AND m.created_at = k.created_at`,
      [messageIds, createdAt.map((at) => at ?? null)],
    );
    return new Map(rows.map(({ id, thread_id }) => [id, thread_id]));
  }

  /** A mark never goes back. */
  async keep(sql: Sql, marks: readonly Mark[]): Promise<void> {
    await sql.query(
      `UPDATE thread t SET delivered_up_to = GREATEST(t.delivered_up_to, m.delivered), read_up_to = GREATEST(t.read_up_to, m.read)
       FROM (
         SELECT id, max(up_to) FILTER (WHERE status = 'delivered') AS delivered, max(up_to) FILTER (WHERE status = 'read') AS read
         FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS k (id, status, up_to) GROUP BY id
       ) AS m
       WHERE t.id = m.id`,
      [marks.map(({ threadId }) => threadId), marks.map(({ status }) => status), marks.map(({ upTo }) => upTo)],
    );
  }

  /**
   * What was put on the wire before a mark, and has not come as far as it says. By when we began to send it: the network's own time
   * of a message lies between that and its answer, and is not told.
   */
  async reached(sql: Sql, marks: readonly Mark[]): Promise<readonly Marked[]> {
    return sql.query<Marked>(
      `SELECT k.thread_id AS "threadId", m.id AS "messageId", m.account_id AS "accountId", m.provider_id AS "providerId", k.status, k.up_to AS "upTo"
       FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS k (thread_id, status, up_to)
       JOIN dialog d ON d.thread_id = k.thread_id
       CROSS JOIN LATERAL (
         SELECT id, account_id, provider_id, occurred_at FROM message
         WHERE dialog_id = d.id AND created_at <= k.up_to AND created_at > k.up_to - interval '${REACH}'
           AND direction = 'out' AND provider_id IS NOT NULL
           AND (status IN ('accepted', 'sent') OR (k.status = 'read' AND status = 'delivered'))
       ) AS m
       WHERE coalesce((SELECT max(created_at) FROM attempt WHERE message_id = m.id), m.occurred_at) <= k.up_to
       ORDER BY m.id`,
      [marks.map(({ threadId }) => threadId), marks.map(({ status }) => status), marks.map(({ upTo }) => upTo)],
    );
  }

  async of(
    sql: Sql,
    threadIds: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly delivered: Date | null; readonly read: Date | null }>> {
    const rows = await sql.query<{ id: string; delivered: Date | null; read: Date | null }>(
      `SELECT id, delivered_up_to AS delivered, read_up_to AS read FROM thread
       WHERE id = ANY($1::uuid[]) AND (delivered_up_to IS NOT NULL OR read_up_to IS NOT NULL)`,
      [threadIds],
    );
    return new Map(rows.map(({ id, delivered, read }) => [id, { delivered, read }]));
  }
}
