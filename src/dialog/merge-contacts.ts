import type { Sql } from '../platform/database/database.js';
import { mergeConsents } from './consent/merge-consents.js';

/**
 * Two contacts turned out to be one person: everything of `from` becomes `into`'s. Runs under the contacts lock. Where both
 * wrote with the same account, the two threads become one, with their open messages and waiting events in one line; the
 * dialog that loses stays readable under its old id as an alias.
 *
 * @returns whether one of them had said what they want to get: messages of both may be held by something else now
 */
export async function mergeContacts(sql: Sql, from: string, into: string, now: Date): Promise<boolean> {
  await sql.query('SELECT id FROM contact WHERE id = ANY($1) ORDER BY id FOR UPDATE', [[from, into]]);
  await sql.query('UPDATE contact_identity SET contact_id = $2 WHERE contact_id = $1', [from, into]);
  const pairs = await sql.query<{ loser: string; winner: string }>(
    `SELECT a.id AS loser, b.id AS winner FROM thread a JOIN thread b ON b.account_id = a.account_id AND b.contact_id = $2
     WHERE a.contact_id = $1 ORDER BY a.id FOR UPDATE OF a, b`,
    [from, into],
  );
  for (const { loser, winner } of pairs) await mergeThreads(sql, loser, winner, now);
  await sql.query('UPDATE thread SET contact_id = $2 WHERE contact_id = $1', [from, into]);
  await sql.query('UPDATE message m SET contact_id = $2 FROM dialog d WHERE d.contact_id = $1 AND m.dialog_id = d.id', [
    from,
    into,
  ]);
  await sql.query('UPDATE dialog SET contact_id = $2 WHERE contact_id = $1', [from, into]);
  await sql.query('UPDATE contact SET merged_into = $2, updated_at = $3 WHERE id = $1 OR merged_into = $1', [
    from,
    into,
    now,
  ]);
  return mergeConsents(sql, from, into);
}

async function mergeThreads(sql: Sql, loser: string, winner: string, now: Date): Promise<void> {
  await sql.query(
    `UPDATE dialog l SET closed_at = $3, alias_of = w.id FROM dialog w
     WHERE l.thread_id = $1 AND l.closed_at IS NULL AND w.thread_id = $2 AND w.closed_at IS NULL`,
    [loser, winner, now],
  );
  await sql.query('UPDATE message m SET thread_id = $2 FROM dialog d WHERE d.thread_id = $1 AND m.dialog_id = d.id', [
    loser,
    winner,
  ]);
  await sql.query('UPDATE dialog SET thread_id = $2 WHERE thread_id = $1', [loser, winner]);
  await sql.query(
    `UPDATE thread w SET last_inbound_at = GREATEST(w.last_inbound_at, l.last_inbound_at) FROM thread l WHERE w.id = $2 AND l.id = $1`,
    [loser, winner],
  );
  await mergeLines(sql, loser, winner);
  await sql.query('DELETE FROM thread WHERE id = $1', [loser]);
}

/** Both lines' heads are locked first, so that nobody promotes meanwhile; then one head is left. */
async function mergeLines(sql: Sql, loser: string, winner: string): Promise<void> {
  const heads = await sql.query<{ line: string; message_id: string }>(
    'SELECT line, message_id FROM head WHERE line = ANY($1) ORDER BY line FOR UPDATE',
    [[loser, winner]],
  );
  const lost = heads.find(({ line }) => line === loser);
  const kept = heads.find(({ line }) => line === winner);
  if (lost && kept) {
    await sql.query(`UPDATE outbound SET state = 'waiting' WHERE message_id = $1 AND state = 'ready'`, [
      lost.message_id,
    ]);
    await sql.query('DELETE FROM head WHERE line = $1', [loser]);
  } else if (lost) {
    await sql.query('UPDATE head SET line = $2 WHERE line = $1', [loser, winner]);
  }
  await sql.query('UPDATE outbound SET line = $2 WHERE line = $1', [loser, winner]);
  await sql.query('UPDATE event_delivery SET line = $2 WHERE line = $1', [loser, winner]);
  await sql.query(
    `INSERT INTO event_line (line, subscriber, gateway_id, next_at)
     SELECT $2, subscriber, gateway_id, next_at FROM event_line WHERE line = $1
     ON CONFLICT (line, subscriber) DO UPDATE SET next_at = LEAST(event_line.next_at, excluded.next_at)`,
    [loser, winner],
  );
  await sql.query('DELETE FROM event_line WHERE line = $1', [loser]);
}
