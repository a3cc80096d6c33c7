import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/platform/database/database.js';

/** Resolves when a session of this very database waits for a lock of another: one on that table, or any. */
export async function untilBlocked(database: Database, table?: string): Promise<void> {
  const condition = table === undefined ? 'true' : 'l.relation = $1::regclass';
  const sql = `SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND a.datname = current_database() AND ${condition}`;
  while ((await database.query(sql, table === undefined ? [] : [table])).length === 0) await sleep(5);
}
