import { Injectable } from '@nestjs/common';
import type { HeldReason } from '../../dialog/message-status.js';
import type { Prepared, Sql } from '../../platform/database/database.js';
import type { ClassRank } from '../message-class.js';
import type { PairPace } from './pair-pace.js';

const SAVE_PAIRS: Prepared = {
  name: 'pair_pace_save',
  text: `INSERT INTO pair_pace (thread_id, tat, burst, strikes)
       SELECT * FROM unnest($1::uuid[], $2::float8[], $3::float8[], $4::smallint[])
       ON CONFLICT (thread_id) DO UPDATE SET tat = excluded.tat, burst = excluded.burst, strikes = excluded.strikes`,
};

/** What the network allows to one person, and until when a person must be spared. */
@Injectable()
export class PersonPaces {
  async pairOf(sql: Sql, threadId: string): Promise<PairPace | undefined> {
    const [row] = await sql.query<PairPace>(
      'SELECT tat, burst, strikes FROM pair_pace WHERE thread_id = $1 FOR UPDATE',
      [threadId],
    );
    return row;
  }

  async savePairs(sql: Sql, pairs: ReadonlyMap<string, PairPace>): Promise<void> {
    if (pairs.size === 0) return;
    const rows = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
    await sql.query(SAVE_PAIRS, [
      rows.map(([threadId]) => threadId),
      rows.map(([, { tat }]) => tat),
      rows.map(([, { burst }]) => burst),
      rows.map(([, { strikes }]) => strikes),
    ]);
  }

  /** All lines of these people wait, or one class of them. The longest wait wins. */
  async spare(
    sql: Sql,
    rows: readonly { threadId: string; class: ClassRank | null; reason: HeldReason; detail: string; until: Date }[],
  ): Promise<void> {
    const merged = new Map(rows.map((row) => [`${row.threadId}|${row.class ?? -1}`, row]));
    if (merged.size === 0) return;
    const sorted = [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    await sql.query(
      `INSERT INTO thread_hold AS h (thread_id, class, reason, detail, until)
       SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::timestamptz[])
       ON CONFLICT (thread_id, class) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, until = excluded.until
         WHERE h.until < excluded.until`,
      [
        sorted.map(({ threadId }) => threadId),
        sorted.map((row) => row.class ?? -1),
        sorted.map(({ reason }) => reason),
        sorted.map(({ detail }) => detail),
        sorted.map(({ until }) => until),
      ],
    );
  }
}
