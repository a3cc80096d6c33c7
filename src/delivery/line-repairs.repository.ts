import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** How a line can stand still: nobody would ever promote its next message. */
export type LineFault = 'head_without_message' | 'head_waiting' | 'line_without_head';

/** A thread and the rank of a class. */
export interface LineKey {
  readonly threadId: string;
  readonly class: number;
}

export interface BrokenLine extends LineKey {
  readonly fault: LineFault;
}

/** A walk through the lines, a slice at a time; `next` is where the following slice starts, undefined at the end. */
export interface Slice {
  readonly broken: readonly BrokenLine[];
  readonly next: LineKey | undefined;
}

const BEFORE_ALL: LineKey = { threadId: '00000000-0000-0000-0000-000000000000', class: -1 };

interface Row {
  thread_id: string;
  class: number;
  fault: LineFault | null;
}

/** All that the line sweeper says to the database. A message behind its head is in state `waiting`; one that is scheduled is in no line yet. */
@Injectable()
export class LineRepairsRepository {
  constructor(private readonly database: Database) {}

  /** Heads whose message is gone, or was never made ready. By the keys of `head` and `outbound`: each costs two look-ups. */
  async brokenHeads(after: LineKey | undefined, limit: number): Promise<Slice> {
    const { threadId, class: rank } = after ?? BEFORE_ALL;
    const rows = await this.database.query<Row>(
      `SELECT h.thread_id, h.class, CASE WHEN o.message_id IS NULL THEN 'head_without_message' WHEN o.state = 'waiting' THEN 'head_waiting' END AS fault
       FROM (SELECT thread_id, class, message_id FROM head WHERE (thread_id, class) > ($1, $2::smallint) ORDER BY thread_id, class LIMIT $3) h
       LEFT JOIN outbound o ON o.message_id = h.message_id
       ORDER BY h.thread_id, h.class`,
      [threadId, rank, limit],
    );
    return sliceOf(rows, limit);
  }

  /** Lines with messages and no head. From line to line through the index of the lines, however many messages each has. */
  async headlessLines(after: LineKey | undefined, limit: number): Promise<Slice> {
    const { threadId, class: rank } = after ?? BEFORE_ALL;
    const rows = await this.database.query<Row>(
      `WITH RECURSIVE lines AS (
         (SELECT thread_id, class, 1 AS place FROM outbound
          WHERE (thread_id, class) > ($1, $2::smallint) ORDER BY thread_id, class, seq LIMIT 1)
         UNION ALL
         SELECT n.thread_id, n.class, l.place + 1 FROM lines l, LATERAL (
           SELECT thread_id, class FROM outbound WHERE (thread_id, class) > (l.thread_id, l.class) ORDER BY thread_id, class, seq LIMIT 1
         ) n WHERE l.place < $3
       )
       SELECT l.thread_id, l.class, CASE WHEN h.message_id IS NULL AND EXISTS (
         SELECT FROM outbound o WHERE o.thread_id = l.thread_id AND o.class = l.class AND o.state <> 'scheduled'
       ) THEN 'line_without_head' END AS fault
       FROM lines l LEFT JOIN head h ON h.thread_id = l.thread_id AND h.class = l.class ORDER BY l.thread_id, l.class`,
      [threadId, rank, limit],
    );
    return sliceOf(rows, limit);
  }

  /**
   * Gives lines their head back, or ends them. Under the lock of each head, as everybody who promotes does; what looked broken
   * and is not any more stays as it is. Gives back how many lines it changed, and the accounts whose messages may leave.
   */
  async repair(
    lines: readonly LineKey[],
    now: Date,
  ): Promise<{ repaired: ReadonlySet<string>; accountIds: ReadonlySet<string> }> {
    const threads = lines.map(({ threadId }) => threadId);
    const ranks = lines.map((line) => line.class);
    const wanted = `(SELECT DISTINCT thread_id, class FROM unnest($1::uuid[], $2::smallint[]) AS k (thread_id, class))`;
    return this.database.transaction(async (sql) => {
      // A line without a head has no lock: the head comes first, and whoever was faster keeps his.
      const given = await sql.query<Row>(
        `INSERT INTO head (thread_id, class, message_id)
         SELECT DISTINCT ON (o.thread_id, o.class) o.thread_id, o.class, o.message_id
         FROM outbound o JOIN ${wanted} k ON k.thread_id = o.thread_id AND k.class = o.class
         WHERE o.state <> 'scheduled' ORDER BY o.thread_id, o.class, o.state = 'waiting', o.seq
         ON CONFLICT (thread_id, class) DO NOTHING RETURNING thread_id, class`,
        [threads, ranks],
      );
      await sql.query(
        `SELECT h.class FROM head h JOIN ${wanted} k ON k.thread_id = h.thread_id AND k.class = h.class
         ORDER BY h.thread_id, h.class FOR UPDATE OF h`,
        [threads, ranks],
      );
      const rows = await sql.query<Row & { account_id: string | null }>(
        `WITH first AS (
           SELECT DISTINCT ON (o.thread_id, o.class) o.thread_id, o.class, o.message_id
           FROM outbound o JOIN ${wanted} k ON k.thread_id = o.thread_id AND k.class = o.class
           WHERE o.state <> 'scheduled' ORDER BY o.thread_id, o.class, o.state = 'waiting', o.seq
         ), wrong AS (
           SELECT h.thread_id, h.class, f.message_id FROM head h JOIN ${wanted} k ON k.thread_id = h.thread_id AND k.class = h.class
           LEFT JOIN outbound o ON o.message_id = h.message_id
           LEFT JOIN first f ON f.thread_id = h.thread_id AND f.class = h.class
           WHERE o.message_id IS NULL OR o.state = 'waiting'
         ), moved AS (
           UPDATE head h SET message_id = w.message_id FROM wrong w
           WHERE h.thread_id = w.thread_id AND h.class = w.class AND w.message_id IS NOT NULL
         ), ended AS (
           DELETE FROM head h USING wrong w WHERE h.thread_id = w.thread_id AND h.class = w.class AND w.message_id IS NULL
         ), promoted AS (
           UPDATE outbound o SET state = 'ready', available_at = $3, changed_at = $3
           FROM wrong w WHERE o.message_id = w.message_id AND o.state = 'waiting' RETURNING o.thread_id, o.class, o.account_id
         )
         SELECT w.thread_id, w.class, p.account_id FROM wrong w LEFT JOIN promoted p ON p.thread_id = w.thread_id AND p.class = w.class`,
        [threads, ranks, now],
      );
      return {
        repaired: new Set([...given, ...rows].map((row) => lineText({ threadId: row.thread_id, class: row.class }))),
        accountIds: new Set(rows.flatMap(({ account_id }) => account_id ?? [])),
      };
    });
  }
}

export function lineText({ threadId, class: rank }: LineKey): string {
  return `${threadId}/${rank}`;
}

function sliceOf(rows: readonly Row[], limit: number): Slice {
  const last = rows.at(-1);
  return {
    broken: rows.flatMap((row) => (row.fault ? [{ threadId: row.thread_id, class: row.class, fault: row.fault }] : [])),
    next: last && rows.length >= limit ? { threadId: last.thread_id, class: last.class } : undefined,
  };
}
