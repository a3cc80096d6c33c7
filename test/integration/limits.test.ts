import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Portfolio,
  PortfolioRepository,
  type Telling,
  limitInForce,
} from '../../src/delivery/limits/portfolio.repository.js';
import { TierLapseRepository } from '../../src/delivery/limits/tier-lapse.repository.js';
import { MARKETING } from '../../src/delivery/message-class.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';

const HOUR_MS = 3_600_000;
const START = new Date('2026-11-20T12:00:00Z');
const at = (hours: number): Date => new Date(START.getTime() + hours * HOUR_MS);
const seconds = (count: number): Date => new Date(START.getTime() + count * 1000);

describe('a messaging limit', () => {
  let database: Database;
  let portfolios: PortfolioRepository;
  let lapses: TierLapseRepository;
  let id: string;
  let key: { readonly id: string; readonly channel: string };

  beforeAll(async () => {
    database = await openTestDatabase();
    portfolios = new PortfolioRepository();
    lapses = new TierLapseRepository(database, portfolios);
  });

  beforeEach(() => {
    id = `chat:${newId()}`;
    key = { id, channel: 'chat' };
  });

  async function read(): Promise<Portfolio | undefined> {
    return (await portfolios.find(database, [id]))[0];
  }

  function tell(tier: Telling['tier'], when: Date, source: Telling['source'] = 'news') {
    return portfolios.told(database, [{ ...key, ...(tier && { tier }), at: when, source }], at(1));
  }

  function seed(now: Date, ...seeds: { opened: number; at: Date }[]): Promise<void> {
    return database.transaction(async (sql) => {
      await portfolios.lock(sql, key, now);
      await portfolios.seed(sql, id, seeds, now);
    });
  }

  /** As admission does it: the row first, then the place, then the counter. */
  function place(rank: number, lapsesAt: Date | null, messageIds: readonly string[] = []): Promise<void> {
    return database.transaction(async (sql) => {
      await portfolios.lock(sql, key, START);
      await sql.query(
        `INSERT INTO tier_place (portfolio_id, contact_id, class, message_ids, counted, opened_at, lapses_at)
         VALUES ($1, $2, $3, $4, true, $5, $6)`,
        [id, newId(), rank, messageIds, START, lapsesAt],
      );
      await sql.query(
        `UPDATE portfolio SET used = used + 1, used_authentication = used_authentication + $2, used_utility = used_utility + $3
         WHERE id = $1`,
        [id, rank === 0 ? 1 : 0, rank === 1 || rank === 2 ? 1 : 0],
      );
    });
  }

  async function counted(): Promise<readonly number[]> {
    const [row] = await database.query<Record<'used' | 'authentication' | 'utility', string>>(
      `SELECT count(*) + (SELECT coalesce(sum(opened), 0) FROM tier_seed WHERE portfolio_id = $1) AS used,
         count(*) FILTER (WHERE class = 0) AS authentication, count(*) FILTER (WHERE class IN (1, 2)) AS utility
       FROM tier_place WHERE portfolio_id = $1`,
      [id],
    );
    return [Number(row?.used), Number(row?.authentication), Number(row?.utility)];
  }

  const TIER_2K = { name: 'TIER_2K', limit: 2_000 };
  const TIER_10K = { name: 'TIER_10K', limit: 10_000 };
  const UNLIMITED = { name: 'TIER_UNLIMITED', limit: null };

  describe('as the network tells it', () => {
    it('counts as the least while nobody has told, and may be unlimited', async () => {
      const made = await database.transaction((sql) => portfolios.lock(sql, key, START));
      expect(made).toMatchObject({ tier: null, used: 0, knownSince: START });
      expect(limitInForce(made, 250)).toBe(250);
      await tell(UNLIMITED, seconds(0));
      expect(limitInForce((await read()) as Portfolio, 250)).toBeNull();
      await tell(TIER_2K, seconds(1));
      expect(limitInForce((await read()) as Portfolio, 250)).toBe(2_000);
    });

    it('is made at its first need with what is known of it, once', async () => {
      const first = { ...key, tier: TIER_2K, toldAt: seconds(10) };
      const made = await Promise.all(
        [1, 2, 3].map(() => database.transaction((sql) => portfolios.lock(sql, first, START))),
      );
      expect(made.map(({ limit }) => limit)).toEqual([2_000, 2_000, 2_000]);
      expect(await tell(TIER_10K, seconds(9))).toEqual(new Set());
      expect(await tell(TIER_10K, seconds(10))).toEqual(new Set([id]));
    });

    it('newest wins, in whatever order it is told', async () => {
      const tiers = [10, 20, 30].map((second) => ({ name: `TIER_${second}`, limit: second }));
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray(tiers, { minLength: 3 }), fc.boolean(), async (order, isOneBatch) => {
          key = { id: `chat:${newId()}`, channel: 'chat' };
          ({ id } = key);
          const tellings = order.map((tier): Telling => ({ ...key, tier, at: seconds(tier.limit), source: 'news' }));
          for (const batch of isOneBatch ? [tellings] : tellings.map((one) => [one])) {
            await portfolios.told(database, batch, at(1));
          }
          expect((await read())?.limit).toBe(30);
        }),
        { numRuns: 20 },
      );
    });

    it('what a setup reads wins over what was told before it, and not over what came while it read', async () => {
      await tell(TIER_10K, seconds(100));
      await tell(TIER_2K, seconds(101), 'setup');
      expect((await read())?.limit).toBe(2_000);
      // by the network's clock half a minute before the setup by ours: it may well be newer
      await tell(TIER_10K, seconds(71));
      expect((await read())?.limit).toBe(2_000);
      await tell(TIER_10K, seconds(130));
      await tell(TIER_2K, seconds(110), 'setup');
      expect((await read())?.limit).toBe(10_000);
    });

    it('a setup that reads no limit makes it known and changes nothing', async () => {
      await tell(undefined, seconds(0), 'setup');
      expect(await read()).toMatchObject({ tier: null, limit: null });
      await tell(TIER_2K, seconds(-500));
      await tell(undefined, seconds(10), 'setup');
      expect(await read()).toMatchObject({ tier: 'TIER_2K', limit: 2_000 });
    });

    it('what was known long ago fills a gap, and stands back behind whatever was told', async () => {
      await tell(TIER_2K, new Date(0), 'setup');
      expect((await read())?.limit).toBe(2_000);
      await tell(TIER_10K, seconds(-5_000));
      await tell(TIER_2K, new Date(0), 'setup');
      expect((await read())?.limit).toBe(10_000);
    });

    it('a stamp from the far future does not shut out what comes later', async () => {
      await tell(TIER_10K, new Date('2099-01-01T00:00:00Z'));
      await tell(TIER_2K, at(2));
      expect((await read())?.limit).toBe(2_000);
    });
  });

  describe('what is used of it', () => {
    it('a seed takes the place of earlier ones and lapses a day after it was opened', async () => {
      await seed(START, { opened: 180, at: at(-20) }, { opened: 20, at: at(-1) });
      expect(await read()).toMatchObject({ used: 200, seededAt: START });
      await seed(START, { opened: 90, at: at(-23) }, { opened: 0, at: at(-2) }, { opened: 10, at: at(-1) });
      expect(await read()).toMatchObject({ used: 100 });
      expect(await lapses.due(at(0.9))).not.toContain(id);
      expect(await lapses.due(at(1))).toContain(id);
      expect(await lapses.lapse(id, at(1))).toEqual({ places: 0, seeds: 1 });
      expect(await read()).toMatchObject({ used: 10 });
      expect(await lapses.lapse(id, at(1))).toEqual({ places: 0, seeds: 0 });
    });

    it('a place that an open message relies on stays until that is settled', async () => {
      const messageId = newId();
      await place(MARKETING, at(-1), [newId(), messageId]);
      await database.query(
        `INSERT INTO outbound (message_id, thread_id, class, seq, gateway_id, account_id, contact_id, state, part, kind,
           has_fallback, opens, has_place, attempt, available_at, changed_at)
         VALUES ($1, $1, 3, 1, $1, $1, $1, 'sending', 'content', 1, false, true, true, 1, $2, $2)`,
        [messageId, START],
      );
      expect((await lapses.lapse(id, START)).places).toBe(0);
      await database.query('DELETE FROM outbound WHERE message_id = $1', [messageId]);
      expect((await lapses.lapse(id, START)).places).toBe(1);
      expect(await read()).toMatchObject({ used: 0 });
    });

    it('is what places and seeds add up to, whatever happens at once', async () => {
      const step = fc.oneof(
        fc.record({
          do: fc.constant('place' as const),
          rank: fc.integer({ min: 0, max: 3 }),
          hours: fc.integer({ min: -3, max: 3 }),
        }),
        fc.record({ do: fc.constant('open' as const), rank: fc.integer({ min: 0, max: 3 }) }),
        fc.record({
          do: fc.constant('seed' as const),
          opened: fc.integer({ min: 0, max: 50 }),
          hours: fc.integer({ min: -23, max: 0 }),
        }),
        fc.record({ do: fc.constant('lapse' as const), hours: fc.integer({ min: -3, max: 3 }) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), async (rounds) => {
          key = { id: `chat:${newId()}`, channel: 'chat' };
          ({ id } = key);
          await database.transaction((sql) => portfolios.lock(sql, key, START));
          for (const round of rounds) {
            await Promise.all(
              round.map((one) => {
                if (one.do === 'place') return place(one.rank, at(one.hours));
                if (one.do === 'open') return place(one.rank, null);
                if (one.do === 'seed') return seed(START, { opened: one.opened, at: at(one.hours) });
                return lapses.lapse(id, at(one.hours));
              }),
            );
            const row = (await read()) as Portfolio;
            expect([row.used, row.usedAuthentication, row.usedUtility]).toEqual(await counted());
          }
        }),
        { numRuns: 25 },
      );
    });
  });
});
