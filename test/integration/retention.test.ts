import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { MessageRepository } from '../../src/dialog/message.repository.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/database/database.js';
import { ensurePartitions } from '../../src/platform/database/partitions.js';
import { RetentionRepository } from '../../src/platform/database/retention/retention.repository.js';
import { RetentionService } from '../../src/platform/database/retention/retention.service.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';
import { untilBlocked } from '../support/locks.js';

const DAY_MS = 24 * 60 * 60_000;
const OLD = new Date('2031-01-15T12:00:00Z');
/** Older than everything that has a partition. */
const STRAY = new Date('2019-03-03T03:00:00Z');
const YOUNG = new Date('2032-02-20T12:00:00Z');
const NOW = new Date('2032-03-01T12:00:00Z');

const account = newId();

/** A database with partitions around OLD and YOUNG, and the job that keeps events for 30 days and messages for a year. */
class Bench {
  readonly clock = new ManualClock(NOW);
  readonly logged: string[] = [];
  readonly retention: RetentionService;

  constructor(readonly database: Database) {
    this.retention = new RetentionService(
      database,
      new RetentionRepository(database),
      this.clock,
      { roles: new Set(['worker'] as const), retentionEventsDays: 30, retentionMessagesDays: 365 },
      pino({ level: 'info' }, { write: (line) => void this.logged.push(line) }),
    );
  }

  static async open(): Promise<Bench> {
    const bench = new Bench(await openTestDatabase());
    for (const at of [OLD, YOUNG]) await ensurePartitions(bench.database, at);
    return bench;
  }

  /** A message with an attempt and the network's id for it. */
  async message(at: Date, dialogId = newId(at)): Promise<string> {
    const id = newId(at);
    await this.database.query(
      `INSERT INTO message (id, created_at, direction, gateway_id, account_id, channel, thread_id, dialog_id, contact_id, origin, status,
         part, content, occurred_at, updated_at)
       VALUES ($1, $2, 'out', $1, $3, 'whatsapp', $1, $4, $1, 'api', 'queued', 'content', '{}', $2, $2)`,
      [id, at, account, dialogId],
    );
    await this.database.query(
      `INSERT INTO attempt (id, created_at, message_id, part, status) VALUES ($1, $2, $3, 'content', 'refused')`,
      [newId(at), at, id],
    );
    await this.database.query('INSERT INTO message_ref (account_id, provider_id, message_id) VALUES ($1, $2, $3)', [
      account,
      `wamid.${id}`,
      id,
    ]);
    return id;
  }

  async openMessage(at: Date): Promise<string> {
    const id = await this.message(at);
    await this.database.query(
      `INSERT INTO outbound (message_id, thread_id, seq, gateway_id, account_id, contact_id, class, state, part, kind, has_fallback,
         opens, has_place, attempt, available_at, changed_at)
       VALUES ($1, $1, 1, $1, $2, $1, 2, 'ready', 'content', 1, false, false, false, 0, $3, $3)`,
      [id, account, at],
    );
    return id;
  }

  async dialog(at: Date, { closed, aliasOf = null }: { closed: boolean; aliasOf?: string | null }): Promise<string> {
    const id = newId(at);
    await this.database.query(
      `INSERT INTO dialog (id, thread_id, gateway_id, account_id, contact_id, channel, variables, opened_at, closed_at, alias_of)
       VALUES ($1, $1, $1, $1, $1, 'whatsapp', '{}', $2, $3, $4)`,
      [id, at, closed ? at : null, aliasOf],
    );
    return id;
  }

  async webhook(at: Date, { isPending }: { isPending: boolean }): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(
      `INSERT INTO provider_event (received_at, scope, body) VALUES ($1, 'g', '{}') RETURNING id`,
      [at],
    );
    const id = row?.id ?? '';
    if (isPending)
      await this.database.query('INSERT INTO inbox_pending (scope, event_id, received_at) VALUES ($1, $2, $3)', [
        'g',
        id,
        at,
      ]);
    return id;
  }

  async event(at: Date, { isWaiting }: { isWaiting: boolean }): Promise<string> {
    const id = newId(at);
    await this.database.query(
      `INSERT INTO event (id, created_at, type, gateway_id, line, occurred_at, body) VALUES ($1, $2, 'test', $1, $1, $2, '{}')`,
      [id, at],
    );
    if (isWaiting)
      await this.database.query(
        `INSERT INTO event_delivery (event_id, subscriber, gateway_id, line, session, occurred_at, type, state, attempts, next_at, created_at)
         VALUES ($1, 'bot', $1, $1, $1, $2, 'test', 'parked', 3, $2, $2)`,
        [id, at],
      );
    return id;
  }

  async unhandled(receivedAt: Date, createdAt: Date): Promise<string> {
    const id = newId(createdAt);
    await this.database.query(
      `INSERT INTO unhandled_event (id, scope, event_id, received_at, code, detail, path, hash, created_at)
       VALUES ($1, 'g', 1, $2, 'c', 'd', 'p', decode($4, 'hex'), $3)`,
      [id, receivedAt, createdAt, id.replaceAll('-', '')],
    );
    return id;
  }

  async ids(table: string, column = 'id'): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(`SELECT ${column}::text AS id FROM ${table} ORDER BY 1`);
    return rows.map(({ id }) => id);
  }

  async partitions(table: string): Promise<readonly string[]> {
    const rows = await this.database.query<{ name: string }>(
      'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1',
      [table],
    );
    return rows.map(({ name }) => name);
  }
}

describe('retention', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });

  it('drops the partitions whose time is over, and their messages with all that belongs to them', async () => {
    for (const at of [OLD, STRAY]) await bench.message(at);
    const young = await bench.message(YOUNG);
    await bench.retention.run();
    expect(await bench.ids('message')).toEqual([young]);
    for (const table of ['attempt', 'message_ref']) expect(await bench.ids(table, 'message_id')).toEqual([young]);
    const left = (await bench.partitions('message')).filter((name) => /_p203/.test(name));
    expect(left).toEqual(['message_p20310301', 'message_p20320201', 'message_p20320301', 'message_p20320401']);
    expect(bench.logged.join()).toContain('"partitions of message":');
  });

  it('keeps what is a day too young, and drops it a month later', async () => {
    bench.clock.advance(Date.UTC(2032, 0, 30) - NOW.getTime()); // a year after 2031-01-30: January is not over by a year
    const id = await bench.message(OLD);
    await bench.retention.run();
    expect(await bench.ids('message')).toEqual([id]);
    bench.clock.advance(31 * DAY_MS);
    await bench.retention.run();
    expect(await bench.ids('message')).toEqual([]);
  });

  it('lets open messages survive, with their attempts and provider ids, until they are settled', async () => {
    const open = [await bench.openMessage(OLD), await bench.openMessage(STRAY)].sort();
    for (const at of [OLD, STRAY]) await bench.message(at);
    await bench.retention.run();
    for (const [table, column] of [
      ['message', 'id'],
      ['attempt', 'message_id'],
      ['message_ref', 'message_id'],
    ] as const)
      expect(await bench.ids(table, column)).toEqual(open);
    const found = await new MessageRepository().findAll(bench.database, open, { lock: false });
    expect(found.map(({ id }) => id)).toEqual(open);
    await bench.database.query('DELETE FROM outbound');
    await bench.retention.run();
    expect(await bench.ids('message')).toEqual([]);
    expect(await bench.ids('message_ref', 'message_id')).toEqual([]);
  });

  it('lets webhooks survive that are not processed, and events that a bot has not taken', async () => {
    const pending = [];
    const waiting = [];
    for (const at of [OLD, STRAY]) {
      pending.push(await bench.webhook(at, { isPending: true }));
      waiting.push(await bench.event(at, { isWaiting: true }));
      await bench.webhook(at, { isPending: false });
      await bench.event(at, { isWaiting: false });
    }
    const youngWebhook = await bench.webhook(YOUNG, { isPending: false });
    const youngEvent = await bench.event(YOUNG, { isWaiting: false });
    await bench.retention.run();
    expect(await bench.ids('provider_event')).toEqual([...pending, youngWebhook].sort());
    expect(await bench.ids('event')).toEqual([...waiting, youngEvent].sort());
    expect((await bench.partitions('event')).filter((name) => /_p2031/.test(name))).toEqual([]);
  });

  it('forgets unhandled events with the webhook that they came in', async () => {
    await bench.unhandled(OLD, OLD);
    await bench.unhandled(OLD, YOUNG);
    const young = await bench.unhandled(YOUNG, YOUNG);
    await bench.retention.run();
    expect(await bench.ids('unhandled_event')).toEqual([young]);
  });

  it('still recognises a repeat of what is kept', async () => {
    await bench.message(OLD);
    const young = await bench.message(YOUNG);
    await bench.retention.run();
    const repeat = { accountId: account, providerId: `wamid.${young}`, messageId: newId(NOW) };
    expect((await new MessageRepository().claimProviderIds(bench.database, [repeat])).size).toBe(0);
  });

  it('forgets closed dialogs that have no message left, but none that an older id leads to', async () => {
    await bench.dialog(OLD, { closed: true });
    const target = await bench.dialog(OLD, { closed: true });
    const kept = [
      target,
      await bench.dialog(OLD, { closed: true, aliasOf: target }),
      await bench.dialog(OLD, { closed: false }),
      await bench.dialog(YOUNG, { closed: true }),
    ];
    const spoken = await bench.dialog(OLD, { closed: true });
    await bench.message(YOUNG, spoken);
    await bench.message(OLD);
    await bench.retention.run();
    expect(await bench.ids('dialog')).toEqual([...kept, spoken].sort());
  });

  it('gives way to whoever uses the table, keeps nobody waiting, and drops the partition when it is free', async () => {
    await bench.event(OLD, { isWaiting: false });
    const runner = bench.database.dataSource.createQueryRunner();
    await runner.query('BEGIN');
    await runner.query('SELECT count(*) FROM event');
    const round = bench.retention.run();
    await untilBlocked(bench.database, 'event');
    // The reader is at it until the commit below: this ends only when the round gives way.
    const written = await bench.event(NOW, { isWaiting: false });
    await runner.query('COMMIT');
    await runner.release();
    await round;
    expect(await bench.ids('event')).toEqual([written]);
  });

  it('is done by one process at a time', async () => {
    const other = new Bench(bench.database);
    await bench.message(OLD);
    const rounds = await Promise.all([bench.retention.run(), other.retention.run()]);
    expect(rounds.filter(Boolean)).toHaveLength(1);
    expect(await bench.ids('message')).toEqual([]);
  });
});
