import { Injectable } from '@nestjs/common';
import type { AccountGroup } from '../contract/index.js';
import { Database, type Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import { storable } from './storable.js';
import { gatewayNotFound } from '../access/principal.js';
import { notifyGatewayChanged } from './gateway.repository.js';

/** Accounts change rarely and by hand; one lock for all of it keeps two commands from stepping on each other. */
const ACCOUNTS_LOCK = 7_240_615;

/** What was read by our clock counts as so much older: news that crossed it must not be taken for late. */
const SKEW_MS = 60_000;

/** Writes to groups and accounts. Each method is one transaction, or a part of the one that it is handed. */
@Injectable()
export class AccountStateRepository {
  constructor(private readonly database: Database) {}

  /** @throws Problem 404 when the gateway was deleted meanwhile */
  change<T>(gatewayId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.database.transaction(async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock($1)', [ACCOUNTS_LOCK]);
      const alive = await sql.query('SELECT FROM gateway WHERE id = $1 AND deleted_at IS NULL', [gatewayId]);
      if (alive.length === 0) throw gatewayNotFound();
      const result = await work(sql);
      await notifyGatewayChanged(sql, gatewayId);
      return result;
    });
  }

  /** Adds and refreshes what the network described; what it no longer described is marked, and never dropped. */
  async merge(sql: Sql, gatewayId: string, channel: string, found: readonly AccountGroup[], now: Date): Promise<void> {
    const groups = [...new Map(found.map((group) => [group.address, group])).values()];
    const ids = await sql.query<{ id: string; address: string }>(
      `INSERT INTO account_group
         (id, gateway_id, channel, address, name, portfolio, details, subscribed, created_at, updated_at)
       SELECT id, $1, $2, address, name, portfolio, details::jsonb, false, $3, $3
       FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])
         AS found (id, address, name, portfolio, details)
       ON CONFLICT (gateway_id, channel, address) DO UPDATE
       SET name = excluded.name, portfolio = coalesce(excluded.portfolio, account_group.portfolio),
         details = excluded.details, missing_since = NULL, removed_at = NULL, updated_at = excluded.updated_at
       RETURNING id, address`,
      [
        gatewayId,
        channel,
        now,
        groups.map(() => newId(now)),
        groups.map(({ address }) => address),
        groups.map(({ name }) => storable(name)),
        groups.map(({ portfolio }) => portfolio ?? null),
        groups.map(({ details }) => JSON.stringify(storable(details))),
      ],
    );
    const groupIds = new Map(ids.map(({ id, address }) => [address, id]));
    const members = groups.flatMap((group) => group.accounts.map((account) => ({ ...account, group: group.address })));
    const accounts = [...new Map(members.map((account) => [account.address, account])).values()];
    await sql.query(
      `INSERT INTO account
         (id, gateway_id, group_id, channel, address, name, phone, details, active, enabled, told_at, created_at, updated_at)
       SELECT id, $1, group_id, $2, address, name, phone, details::jsonb, false, true, $10, $3, $3
       FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[])
         AS found (id, group_id, address, name, phone, details)
       ON CONFLICT (gateway_id, channel, address) DO UPDATE
       SET group_id = excluded.group_id, name = excluded.name, phone = excluded.phone, details = excluded.details,
         told_at = greatest(account.told_at, excluded.told_at), missing_since = NULL, removed_at = NULL, updated_at = excluded.updated_at`,
      [
        gatewayId,
        channel,
        now,
        accounts.map(() => newId(now)),
        accounts.map(({ group }) => groupIds.get(group)),
        accounts.map(({ address }) => address),
        accounts.map(({ name }) => storable(name)),
        accounts.map(({ phone }) => phone ?? null),
        accounts.map(({ details }) => JSON.stringify(storable(details))),
        new Date(now.getTime() - SKEW_MS),
      ],
    );
    await markMissing(sql, 'account_group', gatewayId, channel, groups, now);
    await markMissing(sql, 'account', gatewayId, channel, accounts, now);
  }

  /** Returns the ids that are active now; a sender that is active in another gateway stays as it was. */
  async activate(sql: Sql, groupId: string, accountIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    await sql.query('UPDATE account_group SET subscribed = true, updated_at = $2 WHERE id = $1', [groupId, now]);
    const rows = await sql.query<{ id: string }>(
      `UPDATE account SET active = true, updated_at = $2,
         connected_since = CASE WHEN active THEN coalesce(connected_since, $2) ELSE $2 END
       WHERE id = ANY($1::uuid[]) AND removed_at IS NULL AND NOT EXISTS (
         SELECT FROM account AS other
         WHERE other.active AND other.channel = account.channel AND other.address = account.address AND other.id <> account.id)
       RETURNING id`,
      [accountIds, now],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async deactivate(sql: Sql, groupId: string, accountIds: readonly string[], now: Date): Promise<void> {
    await sql.query(
      `UPDATE account SET active = false, connected_since = NULL, updated_at = $2 WHERE id = ANY($1::uuid[]) AND active`,
      [accountIds, now],
    );
    // The subscription belongs to the group, and goes with its last active sender.
    await sql.query(
      `UPDATE account_group SET subscribed = false, updated_at = $2
       WHERE id = $1 AND subscribed AND NOT EXISTS (SELECT FROM account WHERE group_id = $1 AND active)`,
      [groupId, now],
    );
  }

  /** A group is forgotten with its last sender. What comes back with a later setup comes back as new: inactive, enabled. */
  async forget(sql: Sql, groupId: string, accountIds: readonly string[], now: Date): Promise<void> {
    await this.deactivate(sql, groupId, accountIds, now);
    await sql.query(
      `UPDATE account SET removed_at = $2, enabled = true, bot = NULL, credential = NULL, credential_expires_at = NULL, pin = NULL,
         updated_at = $2
       WHERE id = ANY($1::uuid[])`,
      [accountIds, now],
    );
    await sql.query(
      `UPDATE account_group SET removed_at = $2, updated_at = $2
       WHERE id = $1 AND NOT EXISTS (SELECT FROM account WHERE group_id = $1 AND removed_at IS NULL)`,
      [groupId, now],
    );
  }

  async countEngaged(sql: Sql, gatewayId: string): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM account WHERE gateway_id = $1 AND active)::int
         + (SELECT count(*) FROM account_group WHERE gateway_id = $1 AND subscribed)::int AS count`,
      [gatewayId],
    );
    return row?.count ?? 0;
  }

  /** History outlives a gateway; its secrets do not, and nothing of it stays active: its senders can be used elsewhere. */
  async removeGateway(sql: Sql, gatewayId: string, now: Date): Promise<void> {
    await sql.query(
      `UPDATE account SET active = false, connected_since = NULL, bot = NULL, credential = NULL, credential_expires_at = NULL, pin = NULL,
         removed_at = coalesce(removed_at, $2), updated_at = $2
       WHERE gateway_id = $1`,
      [gatewayId, now],
    );
    await sql.query(
      `UPDATE account_group SET subscribed = false, removed_at = coalesce(removed_at, $2), updated_at = $2 WHERE gateway_id = $1`,
      [gatewayId, now],
    );
    await sql.query(
      `UPDATE gateway SET deleted_at = $2, updated_at = $2, enabled = false, metadata = '{}', bot = NULL WHERE id = $1`,
      [gatewayId, now],
    );
    await sql.query('DELETE FROM ticket WHERE gateway_id = $1', [gatewayId]);
    await sql.query('DELETE FROM onboarding_state WHERE gateway_id = $1', [gatewayId]);
  }
}

async function markMissing(
  sql: Sql,
  table: 'account' | 'account_group',
  gatewayId: string,
  channel: string,
  found: readonly { readonly address: string }[],
  now: Date,
): Promise<void> {
  await sql.query(
    `UPDATE ${table} SET missing_since = $3
     WHERE gateway_id = $1 AND channel = $2 AND removed_at IS NULL AND missing_since IS NULL AND address <> ALL($4::text[])`,
    [gatewayId, channel, now, found.map(({ address }) => address)],
  );
}
