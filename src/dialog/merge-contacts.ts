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
  await sql.query(
    'UPDATE outbound o SET contact_id = $1 FROM thread t WHERE t.contact_id = $1 AND o.thread_id = t.id',
    [into],
  );
  await mergePlaces(sql, from, into);
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

/** Both threads' heads are locked first, so that nobody promotes meanwhile; then one head is left per class. */
async function mergeLines(sql: Sql, loser: string, winner: string): Promise<void> {
  const heads = await sql.query<{ thread_id: string; class: number; message_id: string }>(
    'SELECT thread_id, class, message_id FROM head WHERE thread_id = ANY($1) ORDER BY thread_id, class FOR UPDATE',
    [[loser, winner]],
  );
  for (const lost of heads.filter(({ thread_id }) => thread_id === loser)) {
    const isTaken = heads.some((head) => head.thread_id === winner && head.class === lost.class);
    if (isTaken) {
      await sql.query(
        `UPDATE outbound SET state = 'waiting', held_reason = NULL WHERE message_id = $1 AND state IN ('ready', 'later', 'held')`,
        [lost.message_id],
      );
      await sql.query('DELETE FROM head WHERE thread_id = $1 AND class = $2', [loser, lost.class]);
    } else {
      await sql.query('UPDATE head SET thread_id = $2 WHERE thread_id = $1 AND class = $3', [
        loser,
        winner,
        lost.class,
      ]);
    }
  }
  await sql.query('UPDATE outbound SET thread_id = $2 WHERE thread_id = $1', [loser, winner]);
  await mergePaces(sql, loser, winner);
  await sql.query('UPDATE event_delivery SET line = $2 WHERE line = $1', [loser, winner]);
  await sql.query(
    `INSERT INTO event_line (line, subscriber, gateway_id, next_at)
     SELECT $2, subscriber, gateway_id, next_at FROM event_line WHERE line = $1
     ON CONFLICT (line, subscriber) DO UPDATE SET next_at = LEAST(event_line.next_at, excluded.next_at)`,
    [loser, winner],
  );
  await sql.query('DELETE FROM event_line WHERE line = $1', [loser]);
}

/** What the network still counts for one person: the stricter of both. */
async function mergePaces(sql: Sql, loser: string, winner: string): Promise<void> {
  await sql.query(
    `INSERT INTO pair_pace AS p (thread_id, tat, burst, strikes) SELECT $2, tat, burst, strikes FROM pair_pace WHERE thread_id = $1
     ON CONFLICT (thread_id) DO UPDATE SET tat = GREATEST(p.tat, excluded.tat), strikes = GREATEST(p.strikes, excluded.strikes)`,
    [loser, winner],
  );
  await sql.query('DELETE FROM pair_pace WHERE thread_id = $1', [loser]);
  await sql.query(
    `INSERT INTO thread_hold AS h (thread_id, class, reason, detail, until)
     SELECT $2, class, reason, detail, until FROM thread_hold WHERE thread_id = $1
     ON CONFLICT (thread_id, class) DO UPDATE SET until = GREATEST(h.until, excluded.until)`,
    [loser, winner],
  );
  await sql.query('DELETE FROM thread_hold WHERE thread_id = $1', [loser]);
}

/** Both took a place of the same messaging limit: one person takes one. */
async function mergePlaces(sql: Sql, from: string, into: string): Promise<void> {
  const places = await sql.query<{ portfolio_id: string; class: number }>(
    `WITH lost AS (
       DELETE FROM tier_place l USING tier_place w
       WHERE l.contact_id = $1 AND w.contact_id = $2 AND w.portfolio_id = l.portfolio_id
       RETURNING l.portfolio_id, l.class, l.message_ids, l.counted, l.lapses_at
     ), kept AS (
       UPDATE tier_place w SET message_ids = w.message_ids || l.message_ids, counted = w.counted OR l.counted,
         lapses_at = GREATEST(w.lapses_at, l.lapses_at)
       FROM lost l WHERE w.portfolio_id = l.portfolio_id AND w.contact_id = $2
     )
     SELECT portfolio_id, class FROM lost`,
    [from, into],
  );
  for (const { portfolio_id, class: rank } of places) {
    await sql.query(
      `UPDATE portfolio SET used = used - 1, used_authentication = used_authentication - ($2 = 0)::int,
         used_utility = used_utility - ($2 IN (1, 2))::int WHERE id = $1`,
      [portfolio_id, rank],
    );
  }
  await sql.query('UPDATE tier_place SET contact_id = $2 WHERE contact_id = $1', [from, into]);
}
