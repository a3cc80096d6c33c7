import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { notifyGatewayChanged } from './gateway.repository.js';
import { storable } from './storable.js';

/** Members of an account's details that have other values now. */
export interface DetailsPatch {
  readonly accountId: string;
  readonly details: JsonObject;
  /** by the network's clock */
  readonly at: Date;
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
    for (const round of inRounds(patches)) {
      const rows = await sql.query<{ id: string; gateway_id: string; differs: boolean }>(
        `WITH told AS (
           SELECT a.id, a.details || n.details::jsonb AS details, n.at, a.details IS DISTINCT FROM a.details || n.details::jsonb AS differs
           FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS n (id, details, at) JOIN account a ON a.id = n.id
           WHERE a.removed_at IS NULL AND (a.told_at IS NULL OR a.told_at <= n.at)
           ORDER BY a.id FOR UPDATE OF a
         )
         UPDATE account a SET details = t.details, told_at = t.at, updated_at = CASE WHEN t.differs THEN $4 ELSE a.updated_at END
         FROM told t WHERE a.id = t.id RETURNING a.id, a.gateway_id, t.differs`,
        [
          round.map(({ accountId }) => accountId),
          round.map(({ details }) => JSON.stringify(storable(details))),
          round.map(({ at }) => at),
          now,
        ],
      );
      for (const { id, gateway_id, differs } of rows) if (differs) changed.set(id, gateway_id);
    }
    for (const gatewayId of new Set(changed.values())) await notifyGatewayChanged(sql, gatewayId);
    return new Set(changed.keys());
  }
}

/** An account that is told of several times is told one after the other. */
function inRounds(patches: readonly DetailsPatch[]): readonly (readonly DetailsPatch[])[] {
  const rounds: DetailsPatch[][] = [];
  const told = new Map<string, number>();
  for (const patch of patches) {
    const round = told.get(patch.accountId) ?? 0;
    told.set(patch.accountId, round + 1);
    (rounds[round] ??= []).push(patch);
  }
  return rounds;
}
