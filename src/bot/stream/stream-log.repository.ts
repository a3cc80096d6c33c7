import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../contract/index.js';
import type { StreamFilter } from '../../gateway/streams/stream-interest.repository.js';
import { Database } from '../../platform/database/database.js';

/** An event with its place in the log. */
export interface Logged {
  readonly position: number;
  readonly body: JsonObject;
}

export interface LogRange {
  /** the last position that was given */
  readonly head: number;
  /** the last position of what is no longer kept */
  readonly purged: number;
}

/** Events that get their positions in one transaction. */
const AT_ONCE = 1_000;

/**
 * The log of events that streams are read from. Events are written without a place in it, by transactions that commit in any order:
 * whoever read "what is greater than the last one" there would miss what commits late. So positions are given afterwards, to
 * what is committed, by one transaction at a time; they commit in their order, and reading on from a position misses nothing.
 */
@Injectable()
export class StreamLogRepository {
  constructor(private readonly database: Database) {}

  /** Gives positions to what has been committed. Costs one small query when that is nothing. */
  async settle(): Promise<LogRange & { readonly more: boolean }> {
    const [row] = await this.database.query<{ head: number; purged: number; waits: boolean }>(
      `SELECT position::float8 AS head, purged::float8 AS purged, EXISTS (SELECT FROM stream_pending) AS waits FROM stream_head`,
    );
    if (!row) throw new Error('the table stream_head has no row');
    return row.waits ? this.place() : { ...row, more: false };
  }

  /** What the filter wants of `(after, upTo]`, in order. Fewer than `limit`: that is all. */
  async read(
    { gateways, types }: StreamFilter,
    { after, upTo, limit }: { after: number; upTo: number; limit: number },
  ): Promise<readonly Logged[]> {
    return this.database.query<Logged>(
      `SELECT s.position::float8 AS position, e.body FROM (
         SELECT position, event_id, created_at FROM stream_event
         WHERE position > $1 AND position <= $2
           AND ($3::uuid[] IS NULL OR gateway_id = ANY($3)) AND ($4::text[] IS NULL OR type = ANY($4))
         ORDER BY position LIMIT $5) s
       JOIN event e ON e.id = s.event_id AND e.created_at = s.created_at ORDER BY s.position`,
      [after, upTo, gateways, types.includes('*') ? null : types, limit],
    );
  }

  /**
   * The lock first, and what is there in a statement of its own: what was committed before is seen. The transactions that write a
   * dialog's events wait for one another, so of two that are seen the earlier one is seen too, and has the smaller number.
   */
  private async place(): Promise<LogRange & { readonly more: boolean }> {
    return this.database.transaction(async (sql) => {
      await sql.query('SELECT position FROM stream_head FOR UPDATE');
      const [row] = await sql.query<{ head: number; purged: number; placed: number }>(
        `WITH taken AS (
           DELETE FROM stream_pending WHERE seq IN (SELECT seq FROM stream_pending ORDER BY seq LIMIT ${AT_ONCE})
           RETURNING seq, event_id, created_at, gateway_id, type),
         placed AS (
           INSERT INTO stream_event (position, event_id, created_at, gateway_id, type)
           SELECT h.position + row_number() OVER (ORDER BY t.seq), t.event_id, t.created_at, t.gateway_id, t.type
           FROM taken t CROSS JOIN stream_head h
           RETURNING position)
         UPDATE stream_head SET position = GREATEST(position, (SELECT max(position) FROM placed))
         RETURNING position::float8 AS head, purged::float8 AS purged, (SELECT count(*)::int FROM placed) AS placed`,
      );
      if (!row) throw new Error('the table stream_head has no row');
      return { head: row.head, purged: row.purged, more: row.placed === AT_ONCE };
    });
  }
}
