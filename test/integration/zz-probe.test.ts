import { expect, it } from '@jest/globals';
import { openTestDatabase } from '../support/database.js';
import { ensurePartitions } from '../../src/platform/database/partitions.js';
it('pool of one', async () => {
  const r = await Promise.race([openTestDatabase({ poolSize: 1 }).then(() => 'ok', (e) => String(e)), new Promise((r) => setTimeout(r, 5000, 'hang'))]);
  console.log('pool1', r);
});
it('default rows', async () => {
  const db = await openTestDatabase();
  const at = new Date('2031-06-15T12:00:00Z');
  await db.query(`INSERT INTO event (id, created_at, type, gateway_id, line, occurred_at, body) VALUES (gen_random_uuid(), $1, 't', gen_random_uuid(), gen_random_uuid(), $1, '{}')`, [at]);
  console.log('default', await ensurePartitions(db, at).then(() => 'ok', (e) => String(e)));
});
it('concurrent ensure', async () => {
  const a = await openTestDatabase();
  const b = await openTestDatabase({ connectionString: (a.dataSource.options as any).url });
  const at = new Date('2031-06-15T12:00:00Z');
  console.log('conc', await Promise.all([ensurePartitions(a, at), ensurePartitions(b, at), ensurePartitions(a, at), ensurePartitions(b, at)]).then(() => 'ok', (e) => String(e)));
});
