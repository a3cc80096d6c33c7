import { Injectable } from '@nestjs/common';
import type { TierStanding } from '../../contract/index.js';
import type { Sql } from '../../platform/database/database.js';

const DAY_MS = 24 * 60 * 60_000;

/** The longest stretch that a network looks back over. */
const KEPT_DAYS = 30;

export type Opened = TierStanding['opened'];

/** Adds people to a day's count, in the transaction that counts their places, with the portfolio's row locked. */
export async function countOpened(sql: Sql, portfolioId: string, people: number, day: Date): Promise<void> {
  if (people <= 0) return;
  await sql.query(
    `INSERT INTO portfolio_day (portfolio_id, day, opened) VALUES ($1, $2::date, $3)
     ON CONFLICT (portfolio_id, day) DO UPDATE SET opened = portfolio_day.opened + excluded.opened`,
    [portfolioId, dateOf(day), people],
  );
}

/** How many people were opened by day: what the next tier asks for. */
@Injectable()
export class OpenedPeople {
  /** Today counts as the last of the days. */
  async of(sql: Sql, portfolioIds: readonly string[], now: Date): Promise<ReadonlyMap<string, Opened>> {
    const rows = await sql.query<{ portfolio_id: string; in_7: string; in_30: string }>(
      `SELECT portfolio_id, coalesce(sum(opened) FILTER (WHERE day > $2::date - 7), 0) AS in_7, sum(opened) AS in_30
       FROM portfolio_day WHERE portfolio_id = ANY($1::text[]) AND day > $2::date - ${KEPT_DAYS} GROUP BY portfolio_id`,
      [portfolioIds, dateOf(now)],
    );
    return new Map(rows.map((row) => [row.portfolio_id, { in7Days: Number(row.in_7), in30Days: Number(row.in_30) }]));
  }

  async forgetOld(sql: Sql, now: Date): Promise<void> {
    const oldest = new Date(now.getTime() - (KEPT_DAYS + 1) * DAY_MS);
    await sql.query('DELETE FROM portfolio_day WHERE day < $1::date', [dateOf(oldest)]);
  }
}

function dateOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
