import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

export interface QueueGauge {
  readonly queue: string;
  readonly depth: number;
  readonly age: number;
}

export interface HeldGauge {
  readonly reason: string;
  readonly count: number;
  readonly age: number;
}

/** Blocks (of 8 KiB) of a table that are read: all of a table up to 16 MiB, so what is said of it is exact. */
const MAX_BLOCKS = 2_048;

/** Up to here held messages are counted one by one. */
const MAX_COUNTED = 20_000;

interface Queue {
  readonly table: string;
  /** of what waits, in SQL */
  readonly name: string;
  readonly since: string;
  /** SQL, for rows that are few and have an index of their own: never estimated */
  readonly exactly?: string;
}

const QUEUES: readonly Queue[] = [
  { table: 'inbox_pending', name: `'inbox'`, since: 'received_at' },
  { table: 'event_delivery', name: `'events_' || state`, since: 'created_at' },
  {
    table: 'outbound',
    name: `'outbound_' || state`,
    since: 'changed_at',
    exactly: `state IN ('admitted', 'sending', 'doubt')`,
  },
  { table: 'unhandled_event', name: `'unhandled'`, since: 'created_at' },
];

const COUNT = 'count(*)::float8';
const ageOf = (since: string): string => `coalesce(extract(epoch FROM now() - min(${since})), 0)::float8 AS age`;

/**
 * How much waits where, and for how long the oldest has waited. The cost is bounded, whatever waits: a large table is sampled by
 * its blocks and the count scaled up (exact below 16 MiB), and what must be exact with a million rows beside it (messages under
 * way, in doubt, held) has an index of its own.
 */
@Injectable()
export class QueueGaugesRepository {
  constructor(private readonly database: Database) {}

  async read(): Promise<readonly QueueGauge[]> {
    const gauges = await Promise.all(QUEUES.map((queue) => this.readQueue(queue)));
    return gauges.flat();
  }

  /** By reason, each by the index of the held alone; a reason with very many is counted up to a bound and then estimated. */
  async held(): Promise<readonly HeldGauge[]> {
    const rows = await this.database.query<HeldGauge & { is_more: boolean }>(
      `WITH RECURSIVE reasons AS (
         (SELECT held_reason FROM outbound WHERE held_reason IS NOT NULL ORDER BY held_reason LIMIT 1)
         UNION ALL
         SELECT (SELECT held_reason FROM outbound WHERE held_reason > r.held_reason ORDER BY held_reason LIMIT 1)
         FROM reasons r WHERE r.held_reason IS NOT NULL
       )
       SELECT r.held_reason AS reason, c.count, c.count = ${MAX_COUNTED} AS is_more,
         extract(epoch FROM now() - (SELECT min(changed_at) FROM outbound WHERE held_reason = r.held_reason))::float8 AS age
       FROM reasons r CROSS JOIN LATERAL (
         SELECT ${COUNT} AS count FROM (SELECT 1 FROM outbound WHERE held_reason = r.held_reason LIMIT ${MAX_COUNTED}) o
       ) c WHERE r.held_reason IS NOT NULL`,
    );
    if (!rows.some(({ is_more }) => is_more)) return rows;
    const share = await this.shareOf('outbound');
    const sampled = await this.database.query<{ reason: string; count: number }>(
      `SELECT held_reason AS reason, ${COUNT} * 100 / $1::float4 AS count FROM outbound TABLESAMPLE SYSTEM ($1::float4)
       WHERE held_reason IS NOT NULL GROUP BY 1`,
      [share],
    );
    return rows.map(({ reason, count, age, is_more }) => {
      const estimate = sampled.find((row) => row.reason === reason)?.count ?? 0;
      return { reason, age, count: is_more ? Math.max(count, Math.round(estimate)) : count };
    });
  }

  private async readQueue({ table, name, since, exactly }: Queue): Promise<readonly QueueGauge[]> {
    const share = await this.shareOf(table);
    const sampled = await this.database.query<QueueGauge>(
      `SELECT ${name} AS queue, round(${COUNT} * 100 / $1::float4) AS depth, ${ageOf(since)} FROM ${table} TABLESAMPLE SYSTEM ($1::float4)
       ${exactly === undefined ? '' : `WHERE NOT (${exactly})`} GROUP BY 1`,
      [share],
    );
    const exact =
      exactly === undefined
        ? []
        : await this.database.query<QueueGauge>(
            `SELECT ${name} AS queue, ${COUNT} AS depth, ${ageOf(since)} FROM ${table} WHERE ${exactly} GROUP BY 1`,
          );
    return [...sampled, ...exact];
  }

  /** How much of a table is read, in percent. */
  private async shareOf(table: string): Promise<number> {
    const [size] = await this.database.query<{ blocks: number }>(
      `SELECT (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int AS blocks`,
      [table],
    );
    return Math.min(100, (100 * MAX_BLOCKS) / Math.max(1, size?.blocks ?? 0));
  }
}
