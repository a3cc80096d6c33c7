import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LimitsRepository } from '../../src/delivery/limits/limits.repository.js';
import { OpenedPeople, countOpened } from '../../src/delivery/limits/opened-people.repository.js';
import { PauseRepository } from '../../src/delivery/limits/pause.repository.js';
import { MARKETING } from '../../src/delivery/message-class.js';
import { AccountNewsRepository } from '../../src/gateway/account-news.repository.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = new Date('2026-11-20T12:00:00Z');
const at = (hours: number): Date => new Date(START.getTime() + hours * HOUR_MS);
const seconds = (count: number): Date => new Date(START.getTime() + count * 1000);

describe('what limits are made of', () => {
  let database: Database;
  let id: string;

  beforeAll(async () => {
    database = await openTestDatabase();
  });

  beforeEach(() => {
    id = `chat:${newId()}`;
  });

  it('what waits is counted by account, and by what it waits for', async () => {
    const counts = new LimitsRepository();
    const [account, other] = [newId(), newId()];
    const insert = (accountId: string, state: string, heldReason: string | null) =>
      database.query(
        `INSERT INTO outbound (message_id, thread_id, class, seq, gateway_id, account_id, contact_id, state, held_reason, part, kind,
           has_fallback, opens, has_place, attempt, available_at, changed_at)
         VALUES ($1, $1, 3, 1, $1, $2, $1, $3, $4, 'content', 1, false, true, false, 0, $5, $5)`,
        [newId(), accountId, state, heldReason, START],
      );
    for (const state of ['scheduled', 'waiting', 'ready', 'later', 'admitted', 'sending', 'doubt']) {
      await insert(account, state, null);
    }
    await insert(account, 'later', 'retry');
    await insert(account, 'held', 'paused');
    await insert(account, 'held', 'tier');
    await insert(other, 'held', 'tier');
    await database.query(`INSERT INTO account_pace (account_id, tat, turn, factor) VALUES ($1, 0, 0, 0.5)`, [account]);
    expect(await counts.waiting(database, [account])).toEqual(
      new Map([[account, { queued: 5, scheduled: 1, held: 3 }]]),
    );
    expect(await counts.heldByTier(database, [account, other])).toEqual(
      new Map([
        [account, 1],
        [other, 1],
      ]),
    );
    expect(await counts.paceFactors(database, [account, other], new Date())).toEqual(new Map([[account, 0.5]]));
  });

  it('the next place that comes back is one of a place or of a seed', async () => {
    const counts = new LimitsRepository();
    const lapsing = (table: 'place' | 'seed', lapsesAt: Date | null) =>
      table === 'seed'
        ? database.query(
            'INSERT INTO tier_seed (id, portfolio_id, opened, opened_at, lapses_at) VALUES ($1, $2, 5, $3, $4)',
            [newId(), id, START, lapsesAt],
          )
        : database.query(
            `INSERT INTO tier_place (portfolio_id, contact_id, class, message_ids, counted, opened_at, lapses_at)
             VALUES ($1, $2, 3, '{}', true, $3, $4)`,
            [id, newId(), START, lapsesAt],
          );
    await lapsing('place', null);
    expect(await counts.nextReleases(database, [id])).toEqual(new Map());
    await lapsing('seed', at(4));
    expect(await counts.nextReleases(database, [id, 'chat:none'])).toEqual(new Map([[id, at(4)]]));
    await lapsing('place', at(3));
    expect(await counts.nextReleases(database, [id])).toEqual(new Map([[id, at(3)]]));
  });

  it('people are counted by day, for 7 and for 30 days', async () => {
    const opened = new OpenedPeople();
    const day = (ago: number): Date => new Date(START.getTime() - ago * DAY_MS);
    for (const [people, ago] of [
      [3, 0],
      [4, 0],
      [10, 6],
      [100, 7],
      [1_000, 29],
      [10_000, 30],
      [0, 1],
    ] as const) {
      await countOpened(database, id, people, day(ago));
    }
    expect((await opened.of(database, [id], START)).get(id)).toEqual({ in7Days: 17, in30Days: 1_117 });
    await opened.forgetOld(database, START);
    const [row] = await database.query<{ days: string }>(
      'SELECT count(*) AS days FROM portfolio_day WHERE portfolio_id = $1',
      [id],
    );
    expect(Number(row?.days)).toBe(5);
  });

  it('news of an account is written where it is newer, and told as a change only where it is one', async () => {
    const news = new AccountNewsRepository();
    const [gatewayId, groupId, accountId] = [newId(), newId(), newId()];
    await database.query(
      `INSERT INTO gateway (id, uri, name, type, enabled, metadata, status, created_at, updated_at)
       VALUES ($1, $2, 'Acme', 'fake', true, '{}', 'ok', $3, $3)`,
      [gatewayId, `g-${gatewayId}`, START],
    );
    await database.query(
      `INSERT INTO account_group (id, gateway_id, channel, address, name, details, subscribed, created_at, updated_at)
       VALUES ($1, $2, 'chat', 'g', 'Group', '{}', true, $3, $3)`,
      [groupId, gatewayId, START],
    );
    await database.query(
      `INSERT INTO account (id, gateway_id, group_id, channel, address, name, details, active, enabled, told_at, created_at, updated_at)
       VALUES ($1, $2, $3, 'chat', $4, 'A', '{"pace": "STANDARD", "kept": 1}', false, true, $5, $5, $5)`,
      [accountId, gatewayId, groupId, accountId, START],
    );
    const tellPace = (...told: [string, number][]) =>
      news.apply(
        database,
        told.map(([pace, second]) => ({ accountId, details: { pace }, at: seconds(second) })),
        at(1),
      );
    const details = async () =>
      (await database.query<{ details: object }>('SELECT details FROM account WHERE id = $1', [accountId]))[0]?.details;
    expect(await tellPace(['LATE', -1])).toEqual(new Set());
    expect(await tellPace(['HIGH', 10])).toEqual(new Set([accountId]));
    expect(await tellPace(['HIGH', 10])).toEqual(new Set());
    expect(await tellPace(['SLOW', 9])).toEqual(new Set());
    expect(await details()).toEqual({ pace: 'HIGH', kept: 1 });
    expect(await tellPace(['A', 11], ['B', 12], ['C', 11])).toEqual(new Set([accountId]));
    expect(await details()).toEqual({ pace: 'B', kept: 1 });
  });

  it('a pause is in force for whatever is within it, until its time', async () => {
    const pauses = new PauseRepository();
    const [gateway, account, other] = [newId(), newId(), newId()];
    const scope = { gatewayId: gateway, accountId: account, class: null };
    await pauses.put(database, { ...scope, reason: 'audit', until: at(1) }, START);
    await pauses.put(database, { ...scope, reason: 'audit again', until: at(2) }, START);
    await pauses.put(
      database,
      { gatewayId: gateway, accountId: null, class: MARKETING, reason: 'promo', until: null },
      START,
    );
    const reasons = async (gatewayId: string, accountId: string, now: Date) =>
      (await pauses.inForce(database, gatewayId, accountId, now)).map(({ reason }) => reason);
    expect(await reasons(gateway, account, START)).toEqual(['audit again', 'promo']);
    expect(await reasons(gateway, account, at(2))).toEqual(['promo']);
    expect(await reasons(gateway, other, START)).toEqual(['promo']);
    expect(await reasons(other, other, START)).toEqual([]);
    await pauses.end(database, { gatewayId: gateway, accountId: null, class: null });
    expect(await reasons(gateway, account, START)).toEqual([]);
  });
});
