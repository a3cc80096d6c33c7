import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DialogCloser } from '../../src/dialog/dialog-closer.service.js';
import { DialogRepository } from '../../src/dialog/dialog.repository.js';
import { IdleRepository } from '../../src/dialog/idle.repository.js';
import { IdleSweeper } from '../../src/dialog/idle-sweeper.service.js';
import type { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import type { Log } from '../../src/platform/logging/log.js';
import { openTestDatabase } from '../support/database.js';

const MINUTE_MS = 60_000;

let database: Database;

/** A gateway with dialogs, and what sweeps them. */
class Bench {
  readonly clock = new ManualClock();
  readonly gatewayId = newId();
  readonly kicks: string[] = [];
  idleMinutes = '10';
  private readonly accountId = newId();
  private readonly dialogs = new DialogRepository(this.clock);

  /** A sweeper as a process has it that has just started: it looks for new dialogs at once. */
  sweep(): Promise<void> {
    // A changed gateway is a new object.
    const account = { id: this.accountId, address: '1', name: 'One', channel: 'chat' };
    const gateway = {
      id: this.gatewayId,
      uri: 'acme',
      type: { type: 'fake' },
      settings: { idle_minutes: this.idleMinutes },
      accounts: [account],
      channel: () => undefined,
      subscribersOf: () => ['bot'],
    };
    const directory = { all: () => [gateway], byId: () => gateway } as unknown as GatewayDirectory;
    const closer = new DialogCloser(this.dialogs, directory, this.clock);
    const kicker = { kick: (what: string) => void this.kicks.push(what) } as never;
    const rows = new IdleRepository(database);
    return new IdleSweeper(rows, closer, directory, database, this.clock, kicker, {} as Log).sweep();
  }

  async open(): Promise<string> {
    const [contact, thread, id] = [newId(), newId(), newId()];
    const now = this.clock.now();
    await database.query(`INSERT INTO contact (id, name, created_at, updated_at) VALUES ($1, 'Ann', $2, $2)`, [
      contact,
      now,
    ]);
    await database.query(
      'INSERT INTO thread (id, gateway_id, account_id, contact_id, created_at) VALUES ($1, $2, $3, $4, $5)',
      [thread, this.gatewayId, this.accountId, contact, now],
    );
    await database.query(
      `INSERT INTO dialog (id, thread_id, gateway_id, account_id, contact_id, channel, variables, opened_at)
       VALUES ($1, $2, $3, $4, $5, 'chat', '{}', $6)`,
      [id, thread, this.gatewayId, this.accountId, contact, now],
    );
    return id;
  }

  async say(dialog: string, direction: 'in' | 'out'): Promise<void> {
    const now = this.clock.now();
    await database.query(
      `INSERT INTO message (id, created_at, direction, gateway_id, account_id, channel, thread_id, dialog_id, contact_id, origin, status, part,
         content, occurred_at, updated_at)
       SELECT $2, $3, $4, gateway_id, account_id, channel, thread_id, id, contact_id, 'api', 'queued', 'content', '{}', $3, $3
       FROM dialog WHERE id = $1`,
      [dialog, newId(now), now, direction],
    );
  }

  async pass(minutes: number): Promise<void> {
    this.clock.advance(minutes * MINUTE_MS);
    await this.sweep();
  }

  async reasonOf(dialog: string): Promise<string | null> {
    return (await this.dialogs.record(database, dialog))?.closeReason ?? null;
  }

  async told(dialog: string): Promise<readonly object[]> {
    const rows = await database.query<{ body: object }>(
      `SELECT body FROM event WHERE type = 'dialog.closed' AND body #>> '{dialog,id}' = $1`,
      [dialog],
    );
    return rows.map(({ body }) => body);
  }

  async checkAt(dialog: string): Promise<Date | null> {
    const [row] = await database.query<{ at: Date | null }>('SELECT idle_check_at AS at FROM dialog WHERE id = $1', [
      dialog,
    ]);
    return row?.at ?? null;
  }
}

let bench: Bench;

beforeAll(async () => {
  database = await openTestDatabase();
});

beforeEach(() => {
  bench = new Bench();
});

describe('a dialog in which nobody says anything', () => {
  it('is closed when its time is over, once, with the reason', async () => {
    const dialog = await bench.open();
    await bench.sweep();
    await bench.pass(9.9);
    expect(await bench.reasonOf(dialog)).toBeNull();
    await bench.pass(0.1);
    expect(await bench.reasonOf(dialog)).toBe('idle');
    await bench.pass(10);
    expect(await bench.told(dialog)).toMatchObject([{ type: 'dialog.closed', reason: 'idle', dialog: { id: dialog } }]);
    expect(bench.kicks).toEqual(['events']);
  });

  it.each(['in', 'out'] as const)(
    'lives on from its last message (%s), and is not touched by it',
    async (direction) => {
      const dialog = await bench.open();
      await bench.sweep();
      const planned = await bench.checkAt(dialog);
      await bench.pass(8);
      await bench.say(dialog, direction);
      await bench.pass(1);
      expect(await bench.checkAt(dialog)).toEqual(planned);
      await bench.pass(8);
      expect(await bench.reasonOf(dialog)).toBeNull();
      await bench.pass(1);
      expect(await bench.reasonOf(dialog)).toBe('idle');
    },
  );

  it('stays with the operator who has it, and goes when they have let go', async () => {
    const dialog = await bench.open();
    const dialogs = new DialogRepository(bench.clock);
    await dialogs.assign(database, dialog, { to: 'Ann', since: bench.clock.now(), until: null });
    await bench.sweep();
    for (const minutes of [10, 10, 10]) await bench.pass(minutes);
    expect(await bench.reasonOf(dialog)).toBeNull();
    await dialogs.release(database, dialog);
    await bench.pass(1);
    expect(await bench.reasonOf(dialog)).toBe('idle');
  });

  it('follows a time that is changed: shorter, or none', async () => {
    const [one, other] = [await bench.open(), await bench.open()];
    await bench.sweep();
    bench.idleMinutes = '5';
    await bench.pass(4);
    await bench.say(other, 'in');
    await bench.pass(1);
    expect([await bench.reasonOf(one), await bench.reasonOf(other)]).toEqual(['idle', null]);
    bench.idleMinutes = '0';
    await bench.pass(60);
    expect([await bench.reasonOf(other), await bench.checkAt(other)]).toEqual([null, null]);
  });

  it('is left alone where the gateway does not ask for it', async () => {
    bench.idleMinutes = '0';
    const dialog = await bench.open();
    await bench.pass(100_000);
    expect([await bench.reasonOf(dialog), await bench.checkAt(dialog)]).toEqual([null, null]);
  });
});
