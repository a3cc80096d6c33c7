import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../contract/index.js';
import { factorAt } from '../admission/account-pace.js';
import type { Sql } from '../../platform/database/database.js';

/** Counting goes no further: beyond it the number no longer matters, and a count must not cost what the backlog weighs. */
export const HELD_AT_MOST = 100_000;
const OPEN_AT_MOST = 1_000_000;

export interface Waiting {
  /** wait for their turn */
  readonly queued: number;
  /** of those, the ones that are not due yet */
  readonly scheduled: number;
  readonly held: number;
}

/** What `GET /limits` counts. */
@Injectable()
export class LimitsRepository {
  async waiting(sql: Sql, accountIds: readonly string[]): Promise<ReadonlyMap<string, Waiting>> {
    const rows = await sql.query<{ account_id: string; queued: string; scheduled: string; held: string }>(
      `SELECT account_id,
         count(*) FILTER (WHERE state IN ('scheduled', 'waiting', 'ready', 'admitted')
           OR (state = 'later' AND held_reason IS NULL)) AS queued,
         count(*) FILTER (WHERE state = 'scheduled') AS scheduled,
         count(*) FILTER (WHERE state = 'held' OR (state = 'later' AND held_reason IS NOT NULL)) AS held
       FROM (SELECT account_id, state, held_reason FROM outbound WHERE account_id = ANY($1::uuid[]) LIMIT ${OPEN_AT_MOST}) AS backlog
       GROUP BY account_id`,
      [accountIds],
    );
    return new Map(
      rows.map(({ account_id, queued, scheduled, held }) => [
        account_id,
        { queued: Number(queued), scheduled: Number(scheduled), held: Number(held) },
      ]),
    );
  }

  /** Heads that wait for a place, by account. */
  async heldByTier(sql: Sql, accountIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await sql.query<{ id: string; held: string }>(
      `SELECT a.id, h.held FROM unnest($1::uuid[]) AS a (id), LATERAL (
         SELECT count(*) AS held FROM (
           SELECT 1 FROM outbound o WHERE o.account_id = a.id AND o.state = 'held' AND o.held_reason = 'tier' LIMIT ${HELD_AT_MOST}
         ) AS few) AS h`,
      [accountIds],
    );
    return new Map(rows.map(({ id, held }) => [id, Number(held)]));
  }

  /** What a refusal for speed has left of an account's pace by now; an account that is not there goes at its full pace. */
  async paceFactors(sql: Sql, accountIds: readonly string[], now: Date): Promise<ReadonlyMap<string, number>> {
    const rows = await sql.query<{ account_id: string; tat: number; factor: number; lowered_at: Date | null }>(
      'SELECT account_id, tat, factor, lowered_at FROM account_pace WHERE account_id = ANY($1::uuid[])',
      [accountIds],
    );
    return new Map(
      rows.map(({ account_id, tat, factor, lowered_at }) => {
        const pace = { tat, factor, loweredAt: lowered_at?.getTime() ?? null };
        return [account_id, factorAt(pace, now.getTime())];
      }),
    );
  }

  /** When the next place of a portfolio is free again. */
  async nextReleases(sql: Sql, portfolioIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    const rows = await sql.query<{ id: string; at: Date | null }>(
      `SELECT p.id, least(
         (SELECT lapses_at FROM tier_place WHERE portfolio_id = p.id AND lapses_at IS NOT NULL ORDER BY lapses_at LIMIT 1),
         (SELECT min(lapses_at) FROM tier_seed WHERE portfolio_id = p.id)) AS at
       FROM unnest($1::text[]) AS p (id)`,
      [portfolioIds],
    );
    return new Map(rows.flatMap(({ id, at }) => (at ? [[id, at]] : [])));
  }

  async groupDetails(sql: Sql, groupIds: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    const rows = await sql.query<{ id: string; details: JsonObject }>(
      'SELECT id, details FROM account_group WHERE id = ANY($1::uuid[])',
      [groupIds],
    );
    return new Map(rows.map(({ id, details }) => [id, details]));
  }
}
