import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** How a line can stand still: nobody would ever promote its next message. */
export type LineFault = 'head_without_message' | 'head_waiting' | 'line_without_head';

export interface BrokenLine {
  readonly line: string;
  readonly fault: LineFault;
}

/** A walk through the lines, a slice at a time; `next` is where the following slice starts, undefined at the end. */
export interface Slice {
  readonly broken: readonly BrokenLine[];
  readonly next: string | undefined;
}

const FIRST_LINE = '00000000-0000-0000-0000-000000000000';

/**
 * All that the line sweeper says to the database. A line is `head.line` = `outbound.line`; a message behind its head is in
 * state `waiting`; every other state is a head's.
 */
@Injectable()
export class LineRepairsRepository {
  constructor(private readonly database: Database) {}

  /** Heads whose message is gone, or was never made ready. By the keys of `head` and `outbound`: each costs two look-ups. */
  async brokenHeads(after: string | undefined, limit: number): Promise<Slice> {
    const rows = await this.database.query<{ line: string; fault: LineFault | null }>(
      `SELECT h.line, CASE WHEN o.message_id IS NULL THEN 'head_without_message' WHEN o.state = 'waiting' THEN 'head_waiting' END AS fault
       FROM (SELECT line, message_id FROM head WHERE line > $1 ORDER BY line LIMIT $2) h
       LEFT JOIN outbound o ON o.message_id = h.message_id
       ORDER BY h.line`,
      [after ?? FIRST_LINE, limit],
    );
    return sliceOf(rows, limit);
  }

  /** Lines with waiting messages and no head. From line to line through the index of the waiting, however many each has. */
  async headlessLines(after: string | undefined, limit: number): Promise<Slice> {
    const rows = await this.database.query<{ line: string; fault: LineFault | null }>(
      `WITH RECURSIVE lines AS (
         (SELECT line, 1 AS place FROM outbound WHERE state = 'waiting' AND line > $1 ORDER BY line LIMIT 1)
         UNION ALL
         SELECT (SELECT line FROM outbound WHERE state = 'waiting' AND line > l.line ORDER BY line LIMIT 1), place + 1
         FROM lines l WHERE l.line IS NOT NULL AND place < $2
       )
       SELECT l.line, CASE WHEN h.line IS NULL THEN 'line_without_head' END AS fault
       FROM lines l LEFT JOIN head h ON h.line = l.line WHERE l.line IS NOT NULL ORDER BY l.line`,
      [after ?? FIRST_LINE, limit],
    );
    return sliceOf(rows, limit);
  }

  /**
   * Gives lines their head back, or ends them. Under the lock of each head, as everybody who promotes does; what looked broken
   * and is not any more stays as it is. Gives back the lines that it changed, and the accounts whose messages may leave.
   */
  async repair(
    lines: readonly string[],
    now: Date,
  ): Promise<{ repaired: ReadonlySet<string>; accountIds: ReadonlySet<string> }> {
    return this.database.transaction(async (sql) => {
      // A line without a head has no lock: the head comes first, and whoever was faster keeps his.
      const given = await sql.query<{ line: string }>(
        `INSERT INTO head (line, message_id)
         SELECT DISTINCT ON (line) line, message_id FROM outbound WHERE line = ANY ($1) ORDER BY line, state = 'waiting', seq
         ON CONFLICT (line) DO NOTHING RETURNING line`,
        [lines],
      );
      await sql.query('SELECT line FROM head WHERE line = ANY ($1) ORDER BY line FOR UPDATE', [lines]);
      const rows = await sql.query<{ line: string; account_id: string | null }>(
        `WITH first AS (
           SELECT DISTINCT ON (line) line, message_id FROM outbound WHERE line = ANY ($1) ORDER BY line, state = 'waiting', seq
         ), wrong AS (
           SELECT h.line, f.message_id FROM head h
           LEFT JOIN outbound o ON o.message_id = h.message_id
           LEFT JOIN first f ON f.line = h.line
           WHERE h.line = ANY ($1) AND (o.message_id IS NULL OR o.state = 'waiting')
         ), moved AS (
           UPDATE head h SET message_id = w.message_id FROM wrong w WHERE h.line = w.line AND w.message_id IS NOT NULL
         ), ended AS (
           DELETE FROM head h USING wrong w WHERE h.line = w.line AND w.message_id IS NULL
         ), promoted AS (
           UPDATE outbound o SET state = 'ready', available_at = $2, changed_at = $2
           FROM wrong w WHERE o.message_id = w.message_id AND o.state = 'waiting' RETURNING o.line, o.account_id
         )
         SELECT w.line, p.account_id FROM wrong w LEFT JOIN promoted p ON p.line = w.line`,
        [lines, now],
      );
      return {
        repaired: new Set([...given, ...rows].map(({ line }) => line)),
        accountIds: new Set(rows.flatMap(({ account_id }) => account_id ?? [])),
      };
    });
  }
}

function sliceOf(rows: readonly { line: string; fault: LineFault | null }[], limit: number): Slice {
  return {
    broken: rows.flatMap(({ line, fault }) => (fault ? [{ line, fault }] : [])),
    next: rows.length < limit ? undefined : rows.at(-1)?.line,
  };
}
