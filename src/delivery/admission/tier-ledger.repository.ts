import { Injectable } from '@nestjs/common';
import type { Sql } from '../../platform/database/database.js';
import { countOpened } from '../limits/opened-people.repository.js';
import { AUTHENTICATION, type ClassRank, MARKETING } from '../message-class.js';
import { type TierState, UNKNOWN_LIMIT } from './tier.js';

/** How long a person counts after the business wrote to them (Meta: messaging limits, "moving 24-hour period"). */
const COUNTS_FOR = `interval '24 hours'`;

/** The places that messages ($2) to people ($1) rely on. */
const PLACES = `SELECT p.portfolio_id, p.contact_id FROM unnest($1::uuid[], $2::uuid[]) AS k (contact_id, message_id)
  JOIN tier_place p ON p.contact_id = k.contact_id AND k.message_id = ANY(p.message_ids)`;

/** The same, each once, locked in a fixed order: batches of different processes meet in them. */
const RELIED_ON = `SELECT portfolio_id, contact_id, counted FROM tier_place WHERE (portfolio_id, contact_id) IN (${PLACES})
  ORDER BY portfolio_id, contact_id FOR UPDATE`;

export interface Opening {
  readonly contactId: string;
  readonly messageId: string;
  readonly class: ClassRank;
}

/**
 * A message that may rely on a place. Its portfolio is not asked for: the account may have gone, or have been given to another
 * portfolio since, and the place must be found all the same.
 */
export interface PlaceOf {
  readonly contactId: string;
  readonly messageId: string;
}

export interface Delivered extends PlaceOf {
  /** by the network's clock */
  readonly at: Date;
}

interface PortfolioRow {
  messaging_limit: number | null;
  unlimited: boolean;
  used: number;
  used_authentication: number;
  used_utility: number;
}

/**
 * Whom the business opened outside of windows in the last 24 h, by portfolio: several accounts, gateways and processes share
 * one. Places are counted in the portfolio's row, which everybody locks before they take or give back any; so the counter and
 * the places cannot drift apart.
 */
@Injectable()
export class TierLedger {
  /**
   * Locks the portfolio until the transaction ends; undefined when it is unlimited: then nothing is counted, and nobody waits for
   * anybody. One that nobody has told us about is made.
   */
  async lock(sql: Sql, portfolioId: string, now: Date): Promise<TierState | undefined> {
    const [free] = await sql.query('SELECT 1 FROM portfolio WHERE id = $1 AND unlimited', [portfolioId]);
    if (free) return undefined;
    const read = (): Promise<PortfolioRow[]> =>
      sql.query<PortfolioRow>(
        'SELECT messaging_limit, unlimited, used, used_authentication, used_utility FROM portfolio WHERE id = $1 FOR UPDATE',
        [portfolioId],
      );
    let [row] = await read();
    if (!row) {
      await ensurePortfolio(sql, portfolioId, now);
      [row] = await read();
    }
    if (!row) throw new Error(`the portfolio ${portfolioId} was just made and is not there`);
    const state = stateOf(row);
    return state.limit === null ? undefined : state;
  }

  /** Without a lock, for showing it. */
  async read(sql: Sql, portfolioId: string): Promise<TierState & { readonly nextPlaceAt: Date | null }> {
    const [row] = await sql.query<PortfolioRow & { next_place_at: Date | null }>(
      `SELECT messaging_limit, unlimited, used, used_authentication, used_utility,
         LEAST((SELECT min(lapses_at) FROM tier_place WHERE portfolio_id = p.id), (SELECT min(lapses_at) FROM tier_seed WHERE portfolio_id = p.id))
           AS next_place_at
       FROM portfolio p WHERE id = $1`,
      [portfolioId],
    );
    if (!row) return { limit: UNKNOWN_LIMIT, used: 0, usedAuthentication: 0, usedUtility: 0, nextPlaceAt: null };
    return { ...stateOf(row), nextPlaceAt: row.next_place_at };
  }

  /** Which of these people have a place. */
  async placed(sql: Sql, portfolioId: string, contactIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (contactIds.length === 0) return new Set();
    const rows = await sql.query<{ contact_id: string }>(
      'SELECT contact_id FROM tier_place WHERE portfolio_id = $1 AND contact_id = ANY($2)',
      [portfolioId, contactIds],
    );
    return new Set(rows.map(({ contact_id }) => contact_id));
  }

  /** Takes places, or shares those that these people have. The portfolio must be locked. */
  async take(sql: Sql, portfolioId: string, openings: readonly Opening[], now: Date): Promise<void> {
    if (openings.length === 0) return;
    const rows = await sql.query<{ class: ClassRank; is_new: boolean }>(
      `INSERT INTO tier_place AS p (portfolio_id, contact_id, class, message_ids, counted, opened_at)
       SELECT $1, contact_id, min(class), array_agg(message_id), false, $5
       FROM unnest($2::uuid[], $3::smallint[], $4::uuid[]) AS o (contact_id, class, message_id) GROUP BY contact_id ORDER BY contact_id
       ON CONFLICT (portfolio_id, contact_id) DO UPDATE SET message_ids = p.message_ids || excluded.message_ids
       RETURNING class, xmax = 0 AS is_new`,
      [
        portfolioId,
        openings.map(({ contactId }) => contactId),
        openings.map((opening) => opening.class),
        openings.map(({ messageId }) => messageId),
        now,
      ],
    );
    await this.count(
      sql,
      portfolioId,
      rows.filter(({ is_new }) => is_new).map((row) => row.class),
      1,
    );
  }

  /** Their messages were accepted: the places last a day from now. */
  async accepted(sql: Sql, places: readonly PlaceOf[], now: Date): Promise<void> {
    if (places.length === 0) return;
    await sql.query(
      `WITH k AS (${RELIED_ON}) UPDATE tier_place p SET lapses_at = GREATEST(p.lapses_at, $3::timestamptz + ${COUNTS_FOR})
       FROM k WHERE p.portfolio_id = k.portfolio_id AND p.contact_id = k.contact_id`,
      [...columnsOf(places), now],
    );
  }

  /**
   * They were delivered: from now on the place is given back only by time. The network counts whom it delivers to, so the day
   * begins anew where that was long after the acceptance.
   */
  async delivered(sql: Sql, places: readonly Delivered[], now: Date): Promise<void> {
    if (places.length === 0) return;
    const told = await sql.query<{ portfolio_id: string; was_counted: boolean }>(
      `WITH k AS (${RELIED_ON}), d AS (
         SELECT contact_id, max(at) AS at FROM unnest($1::uuid[], $3::timestamptz[]) AS d (contact_id, at) GROUP BY contact_id
       )
       UPDATE tier_place p SET counted = true, lapses_at = GREATEST(p.lapses_at, LEAST(d.at, $4) + ${COUNTS_FOR})
       FROM k JOIN d USING (contact_id) WHERE p.portfolio_id = k.portfolio_id AND p.contact_id = k.contact_id
       RETURNING p.portfolio_id, k.counted AS was_counted`,
      [...columnsOf(places), places.map(({ at }) => at), now],
    );
    const people = new Map<string, number>();
    for (const { portfolio_id } of told.filter(({ was_counted }) => !was_counted))
      people.set(portfolio_id, (people.get(portfolio_id) ?? 0) + 1);
    for (const portfolioId of [...people.keys()].sort()) {
      await countOpened(sql, portfolioId, people.get(portfolioId) ?? 0, now);
    }
  }

  /** These messages will never be delivered: what only they relied on is free again. Gives back the portfolios with more room. */
  async release(sql: Sql, places: readonly PlaceOf[]): Promise<ReadonlySet<string>> {
    const freed = new Set<string>();
    if (places.length === 0) return freed;
    const columns = columnsOf(places);
    const portfolios = await sql.query<{ portfolio_id: string }>(
      `SELECT DISTINCT portfolio_id FROM (${PLACES}) AS p ORDER BY portfolio_id`,
      columns,
    );
    for (const { portfolio_id: portfolioId } of portfolios) {
      await sql.query('SELECT id FROM portfolio WHERE id = $1 FOR UPDATE', [portfolioId]);
      await sql.query(
        `UPDATE tier_place SET message_ids = ARRAY(SELECT id FROM unnest(message_ids) AS id WHERE id <> ALL($3::uuid[]))
         WHERE portfolio_id = $1 AND contact_id = ANY($2::uuid[]) AND message_ids && $3::uuid[]`,
        [portfolioId, ...columns],
      );
      const gone = await sql.query<{ class: ClassRank }>(
        `DELETE FROM tier_place WHERE portfolio_id = $1 AND contact_id = ANY($2) AND NOT counted AND message_ids = '{}' RETURNING class`,
        [portfolioId, columns[0]],
      );
      await this.count(
        sql,
        portfolioId,
        gone.map((row) => row.class),
        -1,
      );
      if (gone.length > 0) freed.add(portfolioId);
    }
    return freed;
  }

  /** Another system on the same portfolio opened these people: they count as if we had. */
  async foreign(
    sql: Sql,
    portfolioId: string,
    openings: readonly { contactId: string; class: ClassRank; at: Date }[],
    now: Date,
  ): Promise<void> {
    if (openings.length === 0) return;
    if (!(await this.lock(sql, portfolioId, now))) return;
    const rows = await sql.query<{ class: ClassRank; is_new: boolean }>(
      `INSERT INTO tier_place AS p (portfolio_id, contact_id, class, message_ids, counted, opened_at, lapses_at)
       SELECT $1, contact_id, min(class), '{}', true, min(at), max(at) + ${COUNTS_FOR}
       FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[]) AS o (contact_id, class, at)
       WHERE at + ${COUNTS_FOR} > $5 GROUP BY contact_id ORDER BY contact_id
       ON CONFLICT (portfolio_id, contact_id) DO UPDATE SET counted = true, lapses_at = GREATEST(p.lapses_at, excluded.lapses_at)
       RETURNING class, xmax = 0 AS is_new`,
      [
        portfolioId,
        openings.map(({ contactId }) => contactId),
        openings.map((opening) => opening.class),
        openings.map(({ at }) => at),
        now,
      ],
    );
    const opened = rows.filter(({ is_new }) => is_new).map((row) => row.class);
    await this.count(sql, portfolioId, opened, 1);
    await countOpened(sql, portfolioId, opened.length, now);
  }

  private async count(sql: Sql, portfolioId: string, classes: readonly ClassRank[], sign: 1 | -1): Promise<void> {
    if (classes.length === 0) return;
    const authentication = classes.filter((rank) => rank === AUTHENTICATION).length;
    const utility = classes.filter((rank) => rank !== AUTHENTICATION && rank !== MARKETING).length;
    await sql.query(
      `UPDATE portfolio SET used = used + $2, used_authentication = used_authentication + $3, used_utility = used_utility + $4
       WHERE id = $1`,
      [portfolioId, sign * classes.length, sign * authentication, sign * utility],
    );
  }
}

function columnsOf(places: readonly PlaceOf[]): [contactIds: string[], messageIds: string[]] {
  return [places.map(({ contactId }) => contactId), places.map(({ messageId }) => messageId)];
}

/** Makes the row of a portfolio that nobody has told us about yet; safe to repeat. */
export async function ensurePortfolio(sql: Sql, portfolioId: string, now: Date): Promise<void> {
  await sql.query(
    `INSERT INTO portfolio (id, channel, unlimited, used, used_authentication, used_utility, known_since)
     VALUES ($1, split_part($1, ':', 1), false, 0, 0, 0, $2) ON CONFLICT DO NOTHING`,
    [portfolioId, now],
  );
}

function stateOf(row: PortfolioRow): TierState {
  return {
    limit: row.unlimited ? null : (row.messaging_limit ?? UNKNOWN_LIMIT),
    used: row.used,
    usedAuthentication: row.used_authentication,
    usedUtility: row.used_utility,
  };
}
