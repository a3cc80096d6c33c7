import { beforeAll, describe, expect, it } from '@jest/globals';
import { StreamLogRepository } from '../../src/bot/stream/stream-log.repository.js';
import { StreamInterestRepository } from '../../src/gateway/streams/stream-interest.repository.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { Database, Sql } from '../../src/platform/database/database.js';
import { RetentionRepository } from '../../src/platform/database/retention/retention.repository.js';
import { newId } from '../../src/platform/ids/ids.js';
import { STREAM_SUBSCRIBER, appendEvents } from '../../src/platform/outbox/outbox.js';
import { openTestDatabase } from '../support/database.js';

const DAY_MS = 24 * 60 * 60_000;
const ALL = { gateways: null, types: ['*'] };

let database: Database;
let log: StreamLogRepository;

beforeAll(async () => {
  database = await openTestDatabase();
  log = new StreamLogRepository(database);
});

/** Writes an event that only streams want. */
async function write(
  sql: Sql,
  name: string,
  { at = new Date(), gatewayId = newId(), type = 'message.received' } = {},
): Promise<void> {
  const id = newId(at);
  const event = {
    id,
    type,
    gatewayId,
    line: newId(),
    occurredAt: at,
    body: { name },
    subscribers: [STREAM_SUBSCRIBER],
  };
  expect(await appendEvents(sql, [event], at)).toBe(false);
}

/** What a reader gets who goes on behind a position, and where they are then. */
async function readFrom(after: number, filter = ALL as Parameters<StreamLogRepository['read']>[0]) {
  const { head } = await log.settle();
  const events = await log.read(filter, { after, upTo: head, limit: 100 });
  return { names: events.map(({ body }) => body['name']), at: head };
}

describe('the log of events for streams', () => {
  it('skips nothing when a transaction commits late: what was written before and is seen after comes behind', async () => {
    const start = (await log.settle()).head;
    let commit = (): void => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    let wrote = (): void => undefined;
    const written = new Promise<void>((resolve) => (wrote = resolve));
    const late = database.transaction(async (sql) => {
      await write(sql, 'written first, committed last');
      wrote();
      await committed;
    });
    await written;
    await database.transaction((sql) => write(sql, 'in time'));
    const first = await readFrom(start);
    expect(first.names).toEqual(['in time']);
    commit();
    await late;
    const second = await readFrom(first.at);
    expect(second.names).toEqual(['written first, committed last']);
    expect((await readFrom(start)).names).toEqual(['in time', 'written first, committed last']);
  });

  it('gives every event one position, however many processes give them at once', async () => {
    const start = (await log.settle()).head;
    const names = Array.from({ length: 40 }, (_, index) => `event ${index}`);
    await Promise.all(
      names.map(async (name) => {
        await database.transaction((sql) => write(sql, name));
        await new StreamLogRepository(database).settle();
      }),
    );
    const { names: read, at } = await readFrom(start);
    expect(read.toSorted()).toEqual(names.toSorted());
    expect(at - start).toBe(names.length);
  });

  it('keeps the order of writing where one transaction waits for the other, also when it began first', async () => {
    const start = (await log.settle()).head;
    const thread = newId();
    await database.query(`CREATE TABLE lock_of (id uuid PRIMARY KEY)`);
    await database.query('INSERT INTO lock_of VALUES ($1)', [thread]);
    const under = async (sql: Sql, name: string): Promise<void> => {
      await sql.query('SELECT id FROM lock_of WHERE id = $1 FOR UPDATE', [thread]);
      await write(sql, name);
    };
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    // It has the smaller transaction id, and gets the lock second.
    const earlier = database.transaction(async (sql) => {
      await sql.query('SELECT pg_current_xact_id()');
      begun();
      await gone;
      await under(sql, 'second');
    });
    await hasBegun;
    await database.transaction(async (sql) => {
      await under(sql, 'first');
      go();
      await sql.query('SELECT pg_sleep(0.05)');
    });
    await earlier;
    expect((await readFrom(start)).names).toEqual(['first', 'second']);
    await database.query('DROP TABLE lock_of');
  });

  it('shows what a filter asks for', async () => {
    const start = (await log.settle()).head;
    const gatewayId = newId();
    await database.transaction(async (sql) => {
      await write(sql, 'wanted', { gatewayId });
      await write(sql, 'another type', { gatewayId, type: 'message.read' });
      await write(sql, 'another gateway');
    });
    const filter = { gateways: [gatewayId], types: ['message.received', 'message.sent'] };
    expect((await readFrom(start, filter)).names).toEqual(['wanted']);
  });

  it('knows what is no longer kept, also of what never got a position', async () => {
    const old = new Date(Date.now() - 40 * DAY_MS);
    const rows = new RetentionRepository(database);
    await database.transaction((sql) => write(sql, 'old', { at: old }));
    const { head } = await log.settle();
    await database.transaction((sql) => write(sql, 'new'));
    await rows.trimStreams(new Date(Date.now() - 30 * DAY_MS));
    expect(await log.settle()).toMatchObject({ purged: head, head: head + 1 });
    await database.transaction((sql) => write(sql, 'old and never read', { at: old }));
    await rows.trimStreams(new Date(Date.now() - 30 * DAY_MS));
    expect(await log.settle()).toMatchObject({ purged: head + 2, head: head + 2 });
  });
});

describe('what streams want', () => {
  class Late extends Clock {
    days = 0;
    now(): Date {
      return new Date(Date.now() + this.days * DAY_MS);
    }
  }

  it('stands from its first stream on, for what it asks for, until nobody has come for as long as events are kept', async () => {
    const clock = new Late();
    const interests = new StreamInterestRepository(database, clock, { retentionEventsDays: 30 });
    const [gateway, other] = [newId(), newId()];
    const filter = { gateways: [gateway], types: ['message.received'] };
    await database.transaction((sql) => write(sql, 'before'));
    const { head } = await log.settle();
    expect(await interests.note(filter)).toBe(true);
    expect(await interests.note(filter)).toBe(false);
    const covers = (position: number, more: object = {}) => interests.covers({ ...filter, ...more }, position);
    // What was written before this and wanted by nobody left no trace: who was there last has missed it.
    expect(await covers(head)).toBe(false);
    expect(await covers(head + 1)).toBe(true);
    expect(await covers(head + 1, { gateways: [gateway, other] })).toBe(false);
    expect(await covers(head + 1, { gateways: null })).toBe(false);
    expect(await covers(head + 1, { types: ['message.received', 'message.read'] })).toBe(false);
    expect(await covers(head + 1, { types: ['*'] })).toBe(false);
    await interests.note({ gateways: null, types: ['*'] });
    expect(await covers(head + 2, { gateways: null, types: ['*'] })).toBe(true);
    expect(await covers(head + 2, { gateways: [other], types: ['message.read'] })).toBe(true);
    clock.days = 31;
    expect(await interests.standing()).toEqual([]);
    expect(await covers(head + 2)).toBe(false);
    // Who comes back then begins anew: what was written meanwhile is not there.
    expect(await interests.note(filter)).toBe(true);
    expect(await covers(head + 2)).toBe(false);
    expect(await covers(head + 3)).toBe(true);
  });
});
