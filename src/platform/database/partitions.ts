import type { Sql } from './database.js';

interface PartitionedTable {
  readonly table: string;
  /** what names a row's partition */
  readonly column: string;
  readonly step: 'week' | 'month';
  /** per cent of a page that is filled at first: what is left lets rows that change soon change in their own page */
  readonly fill?: number;
  /** columns that nobody searches by: studying what they look like, again and again, costs as much as a tenth of all writes */
  readonly unsearched?: readonly string[];
}

/** Journal and events come and go in weeks; messages stay for months. */
export const PARTITIONED: readonly PartitionedTable[] = [
  { table: 'provider_event', column: 'received_at', step: 'week', unsearched: ['body'] },
  { table: 'event', column: 'created_at', step: 'week', unsearched: ['body'] },
  {
    table: 'message',
    column: 'created_at',
    step: 'month',
    fill: 50,
    unsearched: [
      ...['content', 'fallback', 'recipient', 'metadata', 'reply_to_provider', 'referral'],
      ...['error', 'held', 'price', 'notes', 'context', 'timeline'],
    ],
  },
  { table: 'attempt', column: 'created_at', step: 'month', fill: 80 },
];

const AHEAD = 3;

/** Creates the current partition and the next ones. Rows of a time without a partition go to the default one. */
export async function ensurePartitions(sql: Sql, now: Date): Promise<void> {
  for (const partitioned of PARTITIONED) {
    let from = startOf(partitioned.step, now);
    for (let ahead = 0; ahead < AHEAD; ahead += 1) {
      const to = next(partitioned.step, from);
      await sql.query(creationOf(partitioned, from, to));
      from = to;
    }
  }
}

/**
 * One statement, so that all of it happens or nothing. Rows that came before their partition are moved out of the default one,
 * which refuses a partition otherwise. The table's lock lets one process at a time create; only the default partition stands still.
 */
function creationOf({ table, column, fill = 100, unsearched = [] }: PartitionedTable, from: Date, to: Date): string {
  const name = `${table}_p${from.toISOString().slice(0, 10).replaceAll('-', '')}`;
  return `
    DO $$ BEGIN
      IF to_regclass('${name}') IS NOT NULL THEN RETURN; END IF;
      LOCK TABLE ONLY ${table} IN SHARE UPDATE EXCLUSIVE MODE;
      IF to_regclass('${name}') IS NOT NULL THEN RETURN; END IF;
      CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS) WITH (fillfactor = ${fill});
      ${unsearched.map((own) => `ALTER TABLE ${name} ALTER COLUMN ${own} SET STATISTICS 0;`).join('\n      ')}
      LOCK TABLE ${table}_default IN ACCESS EXCLUSIVE MODE;
      WITH early AS (
        DELETE FROM ${table}_default WHERE ${column} >= '${from.toISOString()}' AND ${column} < '${to.toISOString()}' RETURNING *
      )
      INSERT INTO ${name} SELECT * FROM early;
      ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}');
    END $$`;
}

function startOf(step: PartitionedTable['step'], at: Date): Date {
  const day = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), step === 'month' ? 1 : at.getUTCDate()));
  if (step === 'week') day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day;
}

function next(step: PartitionedTable['step'], from: Date): Date {
  const to = new Date(from);
  if (step === 'week') to.setUTCDate(to.getUTCDate() + 7);
  else to.setUTCMonth(to.getUTCMonth() + 1);
  return to;
}
