import type { Sql } from '../../platform/database/database.js';

/**
 * Two contacts turned out to be one person: of what each said about a topic the newest stands, and the histories become one.
 * Both contacts are locked. False when neither ever said anything.
 */
export async function mergeConsents(sql: Sql, from: string, into: string): Promise<boolean> {
  const [known] = await sql.query('SELECT 1 FROM consent WHERE contact_id IN ($1, $2) LIMIT 1', [from, into]);
  if (!known) return false;
  await sql.query(
    `INSERT INTO consent (contact_id, topic, state, at, how, what, message_id, recorded_at)
     SELECT $2, topic, state, at, how, what, message_id, recorded_at FROM consent WHERE contact_id = $1
     ON CONFLICT (contact_id, topic) DO UPDATE SET state = excluded.state, at = excluded.at, how = excluded.how,
       what = excluded.what, message_id = excluded.message_id, recorded_at = excluded.recorded_at
     WHERE (date_trunc('second', excluded.at), excluded.recorded_at) > (date_trunc('second', consent.at), consent.recorded_at)`,
    [from, into],
  );
  await sql.query('DELETE FROM consent WHERE contact_id = $1', [from]);
  await sql.query(
    `DELETE FROM consent_history f USING consent_history i
     WHERE f.contact_id = $1 AND i.contact_id = $2 AND (i.topic, i.at, i.state, i.how, i.source) = (f.topic, f.at, f.state, f.how, f.source)`,
    [from, into],
  );
  await sql.query('UPDATE consent_history SET contact_id = $2 WHERE contact_id = $1', [from, into]);
  return true;
}
