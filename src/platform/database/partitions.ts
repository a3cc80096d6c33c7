import type { Sql } from './database.js';

interface PartitionedTable {
  readonly table: string;
  readonly step: 'week' | 'month';
}

/** Journal and events come and go in weeks; messages stay for months. */
export const PARTITIONED: readonly PartitionedTable[] = [
  { table: 'provider_event', step: 'week' },
  { table: 'event', step: 'week' },
  { table: 'message', step: 'month' },
  { table: 'message_timeline', step: 'month' },
  { table: 'attempt', step: 'month' },
];

const AHEAD = 3;

/** Creates the current partition and the next ones. Rows of a time without a partition go to the default one. */
export async function ensurePartitions(sql: Sql, now: Date): Promise<void> {
  for (const { table, step } of PARTITIONED) {
    let from = startOf(step, now);
    for (let ahead = 0; ahead < AHEAD; ahead += 1) {
      const to = next(step, from);
      const name = `${table}_p${from.toISOString().slice(0, 10).replaceAll('-', '')}`;
      await sql.query(
        `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`,
      );
      from = to;
    }
  }
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
