import { Injectable } from '@nestjs/common';
import { firstIdAt } from '../../ids/ids.js';
import { STREAM_CHANGES } from '../../outbox/outbox.js';
import { Database, sqlStateOf } from '../database.js';
import { RETAINED } from './retained.js';

type Retained = (typeof RETAINED)[number];

interface Partition {
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

/** Rows that go with one statement: none of them is locked for long. */
const BATCH = 5_000;

/** Blocks of a table that one statement looks through: 32 MiB. */
const BLOCKS = 4_096;

/** More than this is not moved while the table stands still: the partition stays as it is. */
const MAX_MOVED = 5_000;

/** How long anybody may be kept waiting by a partition that wants to go; then it is tried again. */
const LOCK_TIMEOUT_MS = 300;
const LOCK_NOT_AVAILABLE = '55P03';

@Injectable()
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /** Partitions that end before, oldest first; the default one is none of them. */
  async partitionsBefore({ table }: Retained, before: Date): Promise<readonly Partition[]> {
    return (await this.partitions(table)).filter(({ to }) => to <= before);
  }

  /** Since when messages are all there: what names an older one names nothing. */
  async oldestMessage(before: Date): Promise<Date> {
    const [oldest] = await this.partitions('message');
    return oldest && oldest.from < before ? oldest.from : before;
  }

  /**
   * Drops a partition; rows that are still needed move to the default one, in the same transaction. `DETACH … CONCURRENTLY` is
   * not allowed beside a default partition, so the table is locked, for the moment that this takes; whoever holds it longer than
   * we may wait has precedence.
   */
  async drop({ table, isNeeded }: Retained, { name, to }: Partition): Promise<'dropped' | 'busy' | 'needed'> {
    const parameters = [firstIdAt(to)];
    const needed = await this.database.query(
      `SELECT 1 FROM ${name} r WHERE ${isNeeded} LIMIT ${MAX_MOVED + 1}`,
      parameters,
    );
    if (needed.length > MAX_MOVED) return 'needed';
    try {
      await this.database.transaction(async (sql) => {
        await sql.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await sql.query(`ALTER TABLE ${table} DETACH PARTITION ${name}`);
        // Only now nobody can make a row needed that is not.
        await sql.query(`INSERT INTO ${table} SELECT r.* FROM ${name} r WHERE ${isNeeded}`, parameters);
        await sql.query(`DROP TABLE ${name}`);
      });
      return 'dropped';
    } catch (error) {
      if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return 'busy';
      throw error;
    }
  }

  /** One batch of old rows that have no partition of their own. Fewer than {@link BATCH} means that it was the last. */
  async trimDefault({ table, column, isNeeded }: Retained, before: Date): Promise<{ deleted: number; more: boolean }> {
    const rows = await this.database.query(
      `DELETE FROM ${table}_default WHERE ctid = ANY (ARRAY(
         SELECT r.ctid FROM ${table}_default r WHERE r.${column} < $2 AND NOT (${isNeeded}) LIMIT ${BATCH}))
       RETURNING 1`,
      [firstIdAt(before), before],
    );
    return { deleted: rows.length, more: rows.length === BATCH };
  }

  /** By when it was received: without its webhook in the journal it could not be replayed. */
  async trimUnhandled(before: Date): Promise<{ deleted: number; more: boolean }> {
    const rows = await this.database.query(
      `DELETE FROM unhandled_event WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM unhandled_event WHERE received_at < $1 LIMIT ${BATCH}))
       RETURNING 1`,
      [before],
    );
    return { deleted: rows.length, more: rows.length === BATCH };
  }

  /**
   * One batch of the oldest of what streams are read from. What never got a position gets one that is gone, so that whoever comes
   * back to an older one is told that something is missing.
   */
  async trimStreams(before: Date): Promise<{ deleted: number; more: boolean }> {
    const [row] = await this.database.query<{ deleted: number }>(
      `WITH oldest AS (SELECT position, created_at FROM stream_event ORDER BY position LIMIT ${BATCH}),
       gone AS (
         DELETE FROM stream_event s USING oldest o WHERE s.position = o.position AND o.created_at < $1 RETURNING s.position),
       noted AS (
         UPDATE stream_head SET purged = GREATEST(purged, (SELECT max(position) FROM gone)) WHERE EXISTS (SELECT FROM gone))
       SELECT count(*)::int AS deleted FROM gone`,
      [before],
    );
    const deleted = row?.deleted ?? 0;
    if (deleted === BATCH) return { deleted, more: true };
    const rows = await this.database.query<{ deleted: number }>(
      `WITH gone AS (DELETE FROM stream_pending WHERE created_at < $1 RETURNING 1)
       UPDATE stream_head SET position = position + 1, purged = position + 1 WHERE EXISTS (SELECT FROM gone)
       RETURNING (SELECT count(*)::int FROM gone) AS deleted`,
      [before],
    );
    return { deleted: deleted + (rows[0]?.deleted ?? 0), more: false };
  }

  /** Filters that no stream was opened with for so long: what they want is no longer logged. */
  async trimStreamInterests(before: Date): Promise<{ deleted: number; more: boolean }> {
    const rows = await this.database.query(
      `WITH gone AS (DELETE FROM stream_interest WHERE seen_at < $1 RETURNING 1)
       SELECT pg_notify('${STREAM_CHANGES}', '*') FROM gone`,
      [before],
    );
    return { deleted: rows.length, more: false };
  }

  /** Provider ids of messages that are no more. Not by an index: nobody else asks by message, and this is asked once a month. */
  async *trimRefs(before: Date): AsyncGenerator<number> {
    yield* this.trimByBlocks(
      'message_ref',
      `message_id < $3::uuid AND message_id NOT IN (SELECT message_id FROM outbound WHERE message_id < $3::uuid)`,
      [firstIdAt(before)],
    );
  }

  /** Dialogs that were closed before, and have no message left. One that an older id leads to stays. */
  async *trimDialogs(before: Date): AsyncGenerator<number> {
    const aliases = await this.database.query<{ id: string }>(
      'SELECT DISTINCT alias_of AS id FROM dialog WHERE alias_of IS NOT NULL',
    );
    yield* this.trimByBlocks(
      'dialog',
      `closed_at < $3 AND alias_of IS NULL AND id <> ALL ($4::uuid[])
         AND NOT EXISTS (SELECT 1 FROM message m WHERE m.dialog_id = dialog.id)`,
      [before, aliases.map(({ id }) => id)],
    );
  }

  private async *trimByBlocks(
    table: string,
    condition: string,
    parameters: readonly unknown[],
  ): AsyncGenerator<number> {
    const [size] = await this.database.query<{ blocks: number }>(
      `SELECT (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int AS blocks`,
      [table],
    );
    for (let from = 0; from < (size?.blocks ?? 0); from += BLOCKS) {
      const rows = await this.database.query(
        `DELETE FROM ${table} WHERE ctid >= $1::tid AND ctid < $2::tid AND ${condition} RETURNING 1`,
        [`(${from},0)`, `(${from + BLOCKS},0)`, ...parameters],
      );
      yield rows.length;
    }
  }

  private async partitions(table: string): Promise<readonly Partition[]> {
    return this.database.query<Partition>(
      `SELECT name, from_and_to[1]::timestamptz AS from, from_and_to[2]::timestamptz AS to
       FROM (
         SELECT c.oid::regclass::text AS name,
           regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\) TO \\(''([^'']+)''\\)') AS from_and_to
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass
       ) p WHERE from_and_to IS NOT NULL ORDER BY 2`,
      [table],
    );
  }
}
