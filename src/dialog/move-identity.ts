import type { IdentityMove } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import { type IdentityKey, type PersonScope, phoneKey, userKey } from './person.js';

/**
 * A contact goes by other names from now on: the old ones become history, the new ones are theirs, unless they name somebody
 * else already. Two people are never made one by this. Contact, dialogs, lines, windows and places of the messaging limit stay
 * what they are; what waits to be sent goes to the new address. Runs under the contacts lock.
 */
export async function moveIdentity(
  sql: Sql,
  contactId: string,
  scope: PersonScope,
  move: IdentityMove,
  now: Date,
): Promise<void> {
  if (move.phone !== undefined) {
    const key = move.phone === null ? undefined : phoneKey(scope, move.phone);
    const old = await replace(sql, contactId, phoneKey(scope, ''), key, now);
    if (old.taken && key) await readdress(sql, contactId, 'phone', old.values.map(plus), plus(key.value));
    // A new number has a new id, too; which one may not be known yet.
    if (move.userId === undefined) await outdate(sql, contactId, userKey(scope, '').scope);
  }
  if (move.userId !== undefined) {
    const key = userKey(scope, move.userId);
    const old = await replace(sql, contactId, key, key, now);
    if (old.taken) await readdress(sql, contactId, 'userId', old.values, key.value);
  }
}

/** `taken`: the new one is the contact's now. */
async function replace(
  sql: Sql,
  contactId: string,
  { kind, scope }: IdentityKey,
  next: IdentityKey | undefined,
  now: Date,
): Promise<{ values: readonly string[]; taken: boolean }> {
  const released = await sql.query<{ value: string }>(
    `UPDATE contact_identity SET replaced_at = $5
     WHERE contact_id = $1 AND kind = $2 AND scope = $3 AND value IS DISTINCT FROM $4 AND replaced_at IS NULL RETURNING value`,
    [contactId, kind, scope, next?.value ?? null, now],
  );
  const values = released.map(({ value }) => value);
  if (!next) return { values, taken: false };
  await sql.query(
    `INSERT INTO contact_identity (id, contact_id, kind, scope, value, created_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (kind, scope, value) WHERE replaced_at IS NULL DO NOTHING`,
    [newId(now), contactId, kind, scope, next.value, now],
  );
  const owned = await sql.query(
    `SELECT 1 FROM contact_identity
     WHERE contact_id = $1 AND kind = $2 AND scope = $3 AND value = $4 AND replaced_at IS NULL`,
    [contactId, kind, scope, next.value],
  );
  return { values, taken: owned.length > 0 };
}

async function outdate(sql: Sql, contactId: string, scope: string): Promise<void> {
  await sql.query(
    `UPDATE contact_identity SET outdated = true WHERE contact_id = $1 AND kind = 'user' AND scope = $2 AND replaced_at IS NULL`,
    [contactId, scope],
  );
}

/** What has not left yet. */
async function readdress(
  sql: Sql,
  contactId: string,
  key: 'phone' | 'userId',
  old: readonly string[],
  value: string,
): Promise<void> {
  await sql.query(
    `UPDATE message m SET recipient = json_build_object($2::text, $4::text) FROM outbound o
     WHERE o.contact_id = $1 AND o.state NOT IN ('sending', 'doubt') AND m.id = o.message_id AND m.recipient ->> $2 = ANY($3)`,
    [contactId, key, old, value],
  );
}

function plus(phone: string): string {
  return `+${phone}`;
}
