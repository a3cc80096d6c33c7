import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { PortfolioRepository } from './portfolio.repository.js';

/** Places given back in one transaction. */
const BATCH = 2_000;

/** A day after they were taken, places are free again. */
@Injectable()
export class TierLapseRepository {
  constructor(
    private readonly database: Database,
    private readonly portfolios: PortfolioRepository,
  ) {}

  /** The portfolios in which something has lapsed. */
  async due(now: Date): Promise<readonly string[]> {
    const rows = await this.database.query<{ portfolio_id: string }>(
      `SELECT portfolio_id FROM (SELECT portfolio_id FROM tier_place WHERE lapses_at <= $1 ORDER BY lapses_at LIMIT ${BATCH}) p
       UNION SELECT portfolio_id FROM tier_seed WHERE lapses_at <= $1 ORDER BY portfolio_id`,
      [now],
    );
    return rows.map(({ portfolio_id }) => portfolio_id);
  }

  /**
   * One batch. The portfolio is locked before its places are looked at, as everybody does who changes them: a place that is
   * just being prolonged is seen as it is then, and one that an open message relies on stays: its acceptance prolongs it. Returns how many places and seeds went, at most a batch of places.
   */
  lapse(portfolioId: string, now: Date): Promise<{ readonly places: number; readonly seeds: number }> {
    return this.database.transaction(async (sql) => {
      await this.portfolios.lockKnown(sql, portfolioId);
      const places = await sql.query<{ class: number }>(
        `DELETE FROM tier_place WHERE ctid = ANY (ARRAY(
           SELECT p.ctid FROM tier_place p WHERE portfolio_id = $1 AND lapses_at <= $2 AND NOT EXISTS (
             SELECT FROM outbound o WHERE o.message_id = ANY (p.message_ids) AND o.has_place)
           ORDER BY lapses_at LIMIT ${BATCH}))
         RETURNING class`,
        [portfolioId, now],
      );
      const seeds = await sql.query<{ opened: number }>(
        'DELETE FROM tier_seed WHERE portfolio_id = $1 AND lapses_at <= $2 RETURNING opened',
        [portfolioId, now],
      );
      const ofClasses = (...ranks: number[]): number => places.filter((place) => ranks.includes(place.class)).length;
      const seeded = seeds.reduce((sum, { opened }) => sum + opened, 0);
      await sql.query(
        `UPDATE portfolio SET used = greatest(0, used - $2), used_authentication = greatest(0, used_authentication - $3),
           used_utility = greatest(0, used_utility - $4) WHERE id = $1`,
        [portfolioId, places.length + seeded, ofClasses(0), ofClasses(1, 2)],
      );
      return { places: places.length, seeds: seeds.length };
    });
  }

  readonly batch = BATCH;
}
