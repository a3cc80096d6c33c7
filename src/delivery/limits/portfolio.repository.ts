import { Injectable } from '@nestjs/common';
import type { Tier } from '../../contract/index.js';
import type { Sql } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';

const DAY_MS = 24 * 60 * 60_000;

/** What was read by our clock counts as so much older: news that crossed it must not be taken for late. */
const SKEW_MS = 60_000;

/** The clocks of networks are ahead of ours by less than this; a stamp beyond it must not shut out all later news. */
const AHEAD_MS = 5 * 60_000;

/** What shares one messaging limit. */
export interface Portfolio {
  readonly id: string;
  readonly channel: string;
  /** the network's own word; null where nobody has told */
  readonly tier: string | null;
  /** people in a moving day; null where it is unlimited, or nobody has told */
  readonly limit: number | null;
  readonly unlimited: boolean;
  /** places taken and seeds; of the places, those of the classes that have a reserve */
  readonly used: number;
  readonly usedAuthentication: number;
  readonly usedUtility: number;
  readonly knownSince: Date;
  readonly seededAt: Date | null;
}

/** Names a portfolio, with what is known of its limit should it be new here. */
export interface PortfolioKey {
  readonly id: string;
  readonly channel: string;
  readonly tier?: Tier;
  /** how new that is, by the network's clock */
  readonly toldAt?: Date;
}

/** Somebody told a limit. By news: `at` is the network's time stamp. By a setup: our time before the network was asked. */
export interface Telling {
  readonly id: string;
  readonly channel: string;
  /** absent: only makes the portfolio known */
  readonly tier?: Tier;
  readonly at: Date;
  readonly source: 'news' | 'setup';
}

export interface Seed {
  readonly opened: number;
  readonly at: Date;
}

const READ = `
  SELECT id, channel, tier, messaging_limit AS "limit", unlimited, used, used_authentication AS "usedAuthentication",
    used_utility AS "usedUtility", known_since AS "knownSince", seeded_at AS "seededAt"
  FROM portfolio`;

/** People whom the business may open in a moving day; null: unlimited. `unknown` counts while nobody has told. */
export function limitInForce(portfolio: Pick<Portfolio, 'limit' | 'unlimited'>, unknown: number): number | null {
  return portfolio.unlimited ? null : (portfolio.limit ?? unknown);
}

/**
 * Portfolios and what other systems opened for them. Whoever changes places, seeds or `used` locks the portfolio's row first,
 * and several portfolios in the order of their ids.
 */
@Injectable()
export class PortfolioRepository {
  find(sql: Sql, ids: readonly string[]): Promise<Portfolio[]> {
    return sql.query(`${READ} WHERE id = ANY($1::text[]) ORDER BY id`, [ids]);
  }

  /** Locks the row until the transaction ends; makes it where this is the first need of it. */
  async lock(sql: Sql, key: PortfolioKey, now: Date): Promise<Portfolio> {
    const locked = await this.lockKnown(sql, key.id);
    if (locked) return locked;
    const { id, channel, tier, toldAt } = key;
    await sql.query(
      `INSERT INTO portfolio (id, channel, tier, messaging_limit, unlimited, told_at, source, used, used_authentication, used_utility, known_since)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8) ON CONFLICT (id) DO NOTHING`,
      [
        id,
        channel,
        tier?.name ?? null,
        tier?.limit ?? null,
        tier?.limit === null,
        toldAt ?? null,
        tier ? 'setup' : null,
        now,
      ],
    );
    const made = await this.lockKnown(sql, key.id);
    if (!made) throw new Error(`the portfolio ${key.id} went as it was made`);
    return made;
  }

  async lockKnown(sql: Sql, id: string): Promise<Portfolio | undefined> {
    const [row] = await sql.query<Portfolio>(`${READ} WHERE id = $1 FOR UPDATE`, [id]);
    return row;
  }

  /**
   * The newest telling wins, by the network's clock. While a portfolio was unlimited nobody was counted, so what is known of one
   * that no longer is begins then. Gives back the portfolios whose limit was written.
   */
  async told(sql: Sql, tellings: readonly Telling[], now: Date): Promise<ReadonlySet<string>> {
    const newest = [...newestOf(tellings).values()];
    if (newest.length === 0) return new Set();
    const latest = now.getTime() + AHEAD_MS;
    const rows = await sql.query<{ id: string }>(
      `INSERT INTO portfolio (id, channel, tier, messaging_limit, unlimited, told_at, source, used, used_authentication, used_utility, known_since)
       SELECT id, channel, tier, messaging_limit, unlimited, told_at, source, 0, 0, 0, $8
       FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::boolean[], $6::timestamptz[], $7::text[])
         AS t (id, channel, tier, messaging_limit, unlimited, told_at, source)
       ORDER BY id
       ON CONFLICT (id) DO UPDATE
       SET tier = excluded.tier, messaging_limit = excluded.messaging_limit, unlimited = excluded.unlimited,
         told_at = greatest(portfolio.told_at, excluded.told_at), source = excluded.source,
         known_since = CASE WHEN portfolio.unlimited AND NOT excluded.unlimited THEN $8 ELSE portfolio.known_since END
       WHERE excluded.tier IS NOT NULL AND (portfolio.told_at IS NULL OR portfolio.told_at <= excluded.told_at
         + CASE excluded.source WHEN 'setup' THEN interval '${SKEW_MS} milliseconds' ELSE interval '0' END)
       RETURNING id`,
      [
        newest.map(({ id }) => id),
        newest.map(({ channel }) => channel),
        newest.map(({ tier }) => tier?.name ?? null),
        newest.map(({ tier }) => tier?.limit ?? null),
        newest.map(({ tier }) => tier?.limit === null),
        newest.map((telling) => tellsAt(telling, latest)),
        newest.map(({ tier, source }) => (tier ? source : null)),
        now,
      ],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** In place of earlier seeds; the row must be locked. Each one counts until a day after it was opened. */
  async seed(sql: Sql, id: string, seeds: readonly Seed[], now: Date): Promise<void> {
    const counted = seeds.filter(({ opened }) => opened > 0);
    const earlier = await sql.query<{ opened: number }>(
      'DELETE FROM tier_seed WHERE portfolio_id = $1 RETURNING opened',
      [id],
    );
    await sql.query(
      `INSERT INTO tier_seed (id, portfolio_id, opened, opened_at, lapses_at)
       SELECT id, $1, opened, opened_at, opened_at + interval '${DAY_MS} milliseconds'
       FROM unnest($2::uuid[], $3::integer[], $4::timestamptz[]) AS s (id, opened, opened_at)`,
      [id, counted.map(() => newId(now)), counted.map(({ opened }) => opened), counted.map(({ at }) => at)],
    );
    const change = sumOf(counted) - sumOf(earlier);
    await sql.query('UPDATE portfolio SET used = used + $2, seeded_at = $3 WHERE id = $1', [id, change, now]);
  }
}

function newestOf(tellings: readonly Telling[]): ReadonlyMap<string, Telling> {
  const newest = new Map<string, Telling>();
  for (const telling of tellings) {
    const known = newest.get(telling.id);
    const isNewer = !known || !known.tier || (telling.tier && telling.at >= known.at);
    if (isNewer) newest.set(telling.id, telling);
  }
  return newest;
}

/** Empty where nothing is told: it must not stand in the way of what comes later. */
function tellsAt({ tier, at, source }: Telling, latest: number): Date | null {
  if (!tier) return null;
  return new Date(Math.min(at.getTime() - (source === 'setup' ? SKEW_MS : 0), latest));
}

function sumOf(seeds: readonly { readonly opened: number }[]): number {
  return seeds.reduce((sum, { opened }) => sum + opened, 0);
}
