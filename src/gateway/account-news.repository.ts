import { Injectable } from '@nestjs/common';
import type { AccountGroup, JsonObject } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { notifyGatewayChanged } from './gateway.repository.js';
import { storable } from './storable.js';

/** Members of an account's details that have other values now. */
export interface DetailsPatch {
  readonly accountId: string;
  readonly details: JsonObject;
  readonly name?: string;
  /** by the network's clock */
  readonly at: Date;
}

/** What is kept of a kind of news, beside the details. */
export interface NewsEntry {
  /** of an account, or of a group */
  readonly ownerId: string;
  readonly key: string;
  readonly value: JsonObject;
  /** by the network's clock */
  readonly at: Date;
  /** only another value is news */
  readonly standing?: true;
  /** members of the owner's details that have other values now */
  readonly details?: JsonObject;
}

/** What is stored of an account that news may change. */
export interface KnownAccount {
  readonly id: string;
  readonly name: string;
  readonly details: JsonObject;
}

/** What the network tells of accounts between two setups. */
@Injectable()
export class AccountNewsRepository {
  /**
   * Writes what is newer than what is known, and tells every process of it with the commit. Gives back the accounts that are no
   * longer what they were: news that is told again changes nothing.
   */
  async apply(sql: Sql, patches: readonly DetailsPatch[], now: Date): Promise<ReadonlySet<string>> {
    const changed = new Map<string, string>();
    for (const round of inRounds(patches, ({ accountId }) => accountId)) {
      const rows = await sql.query<{ id: string; gateway_id: string; differs: boolean }>(
        `WITH told AS (
           SELECT a.id, a.details || n.details::jsonb AS details, coalesce(n.name, a.name) AS name, n.at,
             (a.details, a.name) IS DISTINCT FROM (a.details || n.details::jsonb, coalesce(n.name, a.name)) AS differs
           FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $5::text[]) AS n (id, details, at, name)
           JOIN account a ON a.id = n.id
           WHERE a.removed_at IS NULL AND (a.told_at IS NULL OR a.told_at <= n.at)
           ORDER BY a.id FOR UPDATE OF a
         )
         UPDATE account a SET details = t.details, name = t.name, told_at = t.at,
           updated_at = CASE WHEN t.differs THEN $4 ELSE a.updated_at END
         FROM told t WHERE a.id = t.id RETURNING a.id, a.gateway_id, t.differs`,
        [
          round.map(({ accountId }) => accountId),
          round.map(({ details }) => JSON.stringify(storable(details))),
          round.map(({ at }) => at),
          now,
          round.map(({ name }) => (name === undefined ? null : storable(name))),
        ],
      );
      for (const { id, gateway_id, differs } of rows) if (differs) changed.set(id, gateway_id);
    }
    await notifyAll(sql, changed);
    return new Set(changed.keys());
  }

  /** Locks accounts until the transaction ends, in the order in which everybody does. */
  async lock(sql: Sql, accountIds: readonly string[]): Promise<ReadonlyMap<string, KnownAccount>> {
    const rows = await sql.query<KnownAccount>(
      'SELECT id, name, details FROM account WHERE id = ANY($1::uuid[]) AND removed_at IS NULL ORDER BY id FOR UPDATE',
      [accountIds],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Writes what the network shows of a group, and tells every process of it. False when it is what was known. */
  async regroup(sql: Sql, gatewayId: string, channel: string, group: AccountGroup, now: Date): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE account_group g SET name = $4, portfolio = coalesce($5, g.portfolio), details = g.details || $6::jsonb, updated_at = $7
       WHERE g.gateway_id = $1 AND g.channel = $2 AND g.address = $3 AND g.removed_at IS NULL
         AND (g.name, g.portfolio, g.details) IS DISTINCT FROM ($4::text, coalesce($5, g.portfolio), g.details || $6::jsonb)
       RETURNING id`,
      [
        gatewayId,
        channel,
        group.address,
        storable(group.name),
        group.portfolio ?? null,
        JSON.stringify(storable(group.details)),
        now,
      ],
    );
    if (rows.length > 0) await notifyGatewayChanged(sql, gatewayId);
    return rows.length > 0;
  }

  /** Keeps the newest of each kind. Gives back, by {@link newsKey}, what the owners did not know. */
  async keep(
    sql: Sql,
    owners: 'account' | 'account_group',
    entries: readonly NewsEntry[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    const told = new Set<string>();
    const changed = new Map<string, string>();
    for (const round of inRounds(entries, ({ ownerId }) => ownerId)) {
      const rows = await sql.query<{ id: string; gateway_id: string; key: string }>(
        `WITH told AS (
           SELECT o.id, n.key, jsonb_build_object('at', n.at, 'value', n.value::jsonb) AS entry,
             o.details || coalesce(n.details::jsonb, '{}') AS details
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $7::boolean[])
             AS n (id, key, value, at, details, standing)
           JOIN ${owners} o ON o.id = n.id
           WHERE o.removed_at IS NULL AND (NOT o.news ? n.key
             OR (NOT n.standing AND (o.news -> n.key ->> 'at')::timestamptz < n.at)
             OR ((o.news -> n.key ->> 'at')::timestamptz <= n.at AND o.news -> n.key -> 'value' <> n.value::jsonb))
           ORDER BY o.id FOR UPDATE OF o
         )
         UPDATE ${owners} o SET news = o.news || jsonb_build_object(t.key, t.entry), details = t.details, updated_at = $6
         FROM told t WHERE o.id = t.id RETURNING o.id, o.gateway_id, t.key`,
        [
          round.map(({ ownerId }) => ownerId),
          round.map(({ key }) => storable(key)),
          round.map(({ value }) => JSON.stringify(storable(value))),
          round.map(({ at }) => at),
          round.map(({ details }) => (details === undefined ? null : JSON.stringify(storable(details)))),
          now,
          round.map(({ standing }) => standing ?? false),
        ],
      );
      for (const { id, gateway_id, key } of rows) {
        told.add(newsKey({ ownerId: id, key }));
        if (round.some(({ ownerId, details }) => ownerId === id && details)) changed.set(id, gateway_id);
      }
    }
    await notifyAll(sql, changed);
    return told;
  }
}

export function newsKey({ ownerId, key }: Pick<NewsEntry, 'ownerId' | 'key'>): string {
  return `${ownerId}|${key}`;
}

/** What processes hold in memory of these gateways is no longer true. */
async function notifyAll(sql: Sql, changed: ReadonlyMap<string, string>): Promise<void> {
  for (const gatewayId of new Set(changed.values())) await notifyGatewayChanged(sql, gatewayId);
}

/** Who is told of several times is told one after the other. */
function inRounds<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const rounds: T[][] = [];
  const told = new Map<string, number>();
  for (const item of items) {
    const round = told.get(keyOf(item)) ?? 0;
    told.set(keyOf(item), round + 1);
    (rounds[round] ??= []).push(item);
  }
  return rounds;
}
