import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { HeadsRepository } from '../../src/delivery/admission/heads.repository.js';
import { LineRepairsRepository } from '../../src/delivery/line-repairs.repository.js';
import { LineSweeper } from '../../src/delivery/line-sweeper.service.js';
import { FREE_FORM, UTILITY } from '../../src/delivery/message-class.js';
import { OutboundRepository } from '../../src/delivery/outbound.repository.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { openTestDatabase } from '../support/database.js';
import { untilBlocked } from '../support/locks.js';

/** Lines as delivery makes them, and the sweeper that looks after them. */
class Bench {
  readonly clock = new ManualClock();
  readonly accountId = newId();
  readonly outbound = new OutboundRepository();
  readonly heads = new HeadsRepository();
  readonly metrics = new Metrics();
  readonly kicked: string[] = [];
  readonly sweeper: LineSweeper;
  private seq = 0;

  constructor(readonly database: Database) {
    this.sweeper = new LineSweeper(
      new LineRepairsRepository(database),
      this.metrics,
      this.clock,
      { kick: (key) => void this.kicked.push(key) },
      pino({ level: 'silent' }),
    );
  }

  /** Ids in order; the first is the head, unless they are scheduled. */
  async line(
    messages: number,
    line = newId(),
    sendAt: Date | null = null,
  ): Promise<{ line: string; ids: readonly string[] }> {
    const ids = Array.from({ length: messages }, () => newId());
    const rows = ids.map((messageId) => ({
      messageId,
      threadId: line,
      class: UTILITY,
      seq: String((this.seq += 1)),
      gatewayId: this.accountId,
      accountId: this.accountId,
      contactId: this.accountId,
      part: 'content' as const,
      kind: FREE_FORM,
      hasFallback: false,
      opens: false,
      windowUntil: null,
      expiresAt: null,
      sendAt,
      templateId: null,
    }));
    await this.database.transaction((sql) => this.outbound.insert(sql, rows, this.clock.now()));
    return { line, ids };
  }

  async look(slice = 1_000): Promise<void> {
    await this.sweeper.look(slice);
  }

  async headOf(line: string): Promise<string | undefined> {
    const [head] = await this.database.query<{ id: string }>('SELECT message_id AS id FROM head WHERE thread_id = $1', [
      line,
    ]);
    return head?.id;
  }

  async states(line: string): Promise<readonly string[]> {
    const rows = await this.database.query<{ state: string }>(
      'SELECT state FROM outbound WHERE thread_id = $1 ORDER BY seq',
      [line],
    );
    return rows.map(({ state }) => state);
  }

  async repairs(): Promise<Record<string, number>> {
    const { values } = await this.metrics.repairs.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.kind, value]));
  }

  async admit(): Promise<readonly string[]> {
    const ready = await this.database.query<{ id: string }>(
      `SELECT message_id AS id FROM outbound WHERE account_id = $1 AND state = 'ready' ORDER BY seq`,
      [this.accountId],
    );
    const rows = ready.map(({ id }) => ({ messageId: id, attemptId: newId(), hasPlace: false }));
    return [...(await this.heads.admit(this.database, rows, this.clock.now()))];
  }
}

describe('what leaves its line', () => {
  it('is found by key also while the database believes that nothing is there', async () => {
    const bench = new Bench(await openTestDatabase());
    const { database, outbound, clock } = bench;
    for (const table of ['outbound', 'head']) await database.query(`VACUUM ANALYZE ${table}`);
    const lines: { readonly ids: readonly string[] }[] = [];
    for (let count = 0; count < 400; count += 1) lines.push(await bench.line(2));
    const rows = lines.slice(0, 40).map(({ ids }) => ({ messageId: ids[0] ?? '', attemptId: null }));
    const read = await database.transaction(async (sql) => {
      const { removed } = await outbound.remove(sql, rows, clock.now());
      expect(removed.size).toBe(rows.length);
      const [sum] = await sql.query<{ read: number }>(
        `SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::int AS read FROM pg_stat_xact_user_tables WHERE relname IN ('outbound', 'head')`,
      );
      return sum?.read ?? Number.NaN;
    });
    // A few looks for each of them; reading all heads for each would be 16,000.
    expect(read).toBeLessThan(rows.length * 12);
    await database.dataSource.destroy();
  });
});

describe('scheduled messages whose time has come', () => {
  it.each(['admitted', 'sending', 'doubt', 'later', 'held'])(
    'take their places behind a head that is %s, and leave it as it is',
    async (state) => {
      const bench = new Bench(await openTestDatabase());
      const { line, ids } = await bench.line(1);
      await bench.line(2, line, bench.clock.now());
      await bench.database.query('UPDATE outbound SET state = $2 WHERE message_id = $1', [ids[0], state]);
      const enter = () => bench.database.transaction((sql) => bench.outbound.enterLines(sql, bench.clock.now(), 10));
      expect((await enter()).accountIds).toEqual(new Set());
      expect(await bench.states(line)).toEqual([state, 'waiting', 'waiting']);
    },
  );

  it('become the head of a line that has none', async () => {
    const bench = new Bench(await openTestDatabase());
    const { line } = await bench.line(2, newId(), bench.clock.now());
    await bench.database.transaction((sql) => bench.outbound.enterLines(sql, bench.clock.now(), 10));
    expect(await bench.states(line)).toEqual(['ready', 'waiting']);
  });
});

describe('the line sweeper', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench(await openTestDatabase());
  });

  it('leaves lines alone that are well', async () => {
    const { line, ids } = await bench.line(3);
    await bench.line(1);
    await bench.admit();
    await bench.look();
    expect(await bench.headOf(line)).toBe(ids[0]);
    expect(await bench.states(line)).toEqual(['admitted', 'waiting', 'waiting']);
    expect([await bench.repairs(), bench.kicked]).toEqual([{}, []]);
  });

  it('promotes the next message of a line whose head was taken away by hand', async () => {
    const { line, ids } = await bench.line(3);
    await bench.database.query('DELETE FROM outbound WHERE message_id = $1', [ids[0]]);
    expect(await bench.admit()).toEqual([]); // it stands still
    await bench.look();
    expect(await bench.headOf(line)).toBe(ids[1]);
    expect(await bench.admit()).toEqual([ids[1]]);
    expect([await bench.repairs(), bench.kicked]).toEqual([{ head_without_message: 1 }, [bench.accountId]]);
  });

  it('ends a line that has no message left, so that the next one starts it anew', async () => {
    const { line, ids } = await bench.line(1);
    await bench.database.query('DELETE FROM outbound WHERE message_id = $1', [ids[0]]);
    await bench.look();
    expect(await bench.headOf(line)).toBeUndefined();
    const next = await bench.line(1, line);
    expect(await bench.admit()).toEqual(next.ids);
  });

  it('gives a line a head that has lost it', async () => {
    const { line, ids } = await bench.line(2);
    await bench.database.query('DELETE FROM outbound WHERE message_id = $1', [ids[0]]);
    await bench.database.query('DELETE FROM head WHERE thread_id = $1', [line]);
    await bench.look();
    expect(await bench.headOf(line)).toBe(ids[1]);
    expect(await bench.states(line)).toEqual(['ready']);
    expect([await bench.repairs(), bench.kicked]).toEqual([{ line_without_head: 1 }, [bench.accountId]]);
  });

  it('makes the message that is on its way the head, and no second one beside it', async () => {
    const { line, ids } = await bench.line(2);
    await bench.admit();
    await bench.database.query('DELETE FROM head WHERE thread_id = $1', [line]);
    await bench.look();
    expect(await bench.headOf(line)).toBe(ids[0]);
    expect(await bench.states(line)).toEqual(['admitted', 'waiting']);
    expect(await bench.repairs()).toEqual({ line_without_head: 1 });
  });

  it('makes a head ready that was left waiting', async () => {
    const { line, ids } = await bench.line(2);
    await bench.database.query(`UPDATE outbound SET state = 'waiting' WHERE message_id = $1`, [ids[0]]);
    await bench.look();
    expect(await bench.states(line)).toEqual(['ready', 'waiting']);
    expect(await bench.repairs()).toEqual({ head_waiting: 1 });
  });

  it('comes round to every line, a slice at a time', async () => {
    const lines = [];
    for (let made = 0; made < 7; made += 1) lines.push(await bench.line(2));
    for (const { ids } of lines) await bench.database.query('DELETE FROM outbound WHERE message_id = $1', [ids[0]]);
    for (const { line } of lines.slice(0, 3))
      await bench.database.query('DELETE FROM head WHERE thread_id = $1', [line]);
    for (let rounds = 0; rounds < 4; rounds += 1) await bench.look(2);
    expect(new Set(await bench.admit())).toEqual(new Set(lines.map(({ ids }) => ids[1])));
  });

  it('waits for whoever is just settling the line, and then has nothing to do', async () => {
    const { line, ids } = await bench.line(2);
    const repairs = new LineRepairsRepository(bench.database);
    let repaired: Promise<unknown> = Promise.resolve();
    await bench.database.transaction(async (sql) => {
      await bench.outbound.remove(sql, [{ messageId: ids[0] ?? '', attemptId: null }], bench.clock.now());
      repaired = repairs.repair([{ threadId: line, class: UTILITY }], bench.clock.now());
      await untilBlocked(bench.database);
    });
    expect(await repaired).toEqual({ repaired: new Set(), accountIds: new Set() });
    expect(await bench.headOf(line)).toBe(ids[1]);
  });
});
