import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { GaugesService } from '../../src/api/gauges.service.js';
import { QueueGaugesRepository } from '../../src/api/queue-gauges.repository.js';
import { AccountPulseRepository } from '../../src/delivery/account-pulse.repository.js';
import { AccountPulse } from '../../src/delivery/account-pulse.service.js';
import { ReceiptsWatch } from '../../src/delivery/receipts-watch.service.js';
import { CredentialsWatch } from '../../src/gateway/credentials-watch.service.js';
import type { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { GatewayHooks } from '../../src/gateway/gateway-hooks.js';
import type { LoadedGateway } from '../../src/gateway/loaded-gateway.js';
import { WarningsRepository } from '../../src/gateway/warnings.repository.js';
import { Warnings } from '../../src/gateway/warnings.service.js';
import { SignatureWatch } from '../../src/inbox/signature-watch.service.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { openTestDatabase } from '../support/database.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A gateway with one account, and everything that watches it; `other` is a second process on the same database. */
class Bench {
  readonly clock = new ManualClock();
  readonly metrics = new Metrics();
  readonly lines: { level: string; code?: string }[] = [];
  readonly log = pino(
    { level: 'info', formatters: { level: (level) => ({ level }) } },
    { write: (line) => void this.lines.push(JSON.parse(line)) },
  );
  readonly gatewayId = newId();
  readonly accountId = newId();
  receipts: readonly string[] = ['sent', 'delivered', 'read'];
  credentialsExpireAt: Date | undefined;
  readonly directory: GatewayDirectory;
  readonly warnings: Warnings;
  readonly credentials: CredentialsWatch;
  readonly receiptsWatch: ReceiptsWatch;

  constructor(readonly database: Database) {
    const channel = () => ({ capabilities: { receipts: this.receipts } });
    const expiry = () => this.credentialsExpireAt;
    const gateway = {
      id: this.gatewayId,
      uri: 'acme',
      channel,
      accounts: [],
      get credentialsExpireAt() {
        return expiry();
      },
    } as unknown as LoadedGateway;
    const account = { id: this.accountId, address: '1065', channel: 'chat' };
    this.directory = {
      all: () => [gateway],
      byId: () => gateway,
      accountById: (id: string) => (id === this.accountId ? { gateway, account } : undefined),
    } as unknown as GatewayDirectory;
    this.warnings = new Warnings(new WarningsRepository(database), this.directory, this.clock, this.log);
    this.credentials = new CredentialsWatch(this.directory, this.warnings, this.clock, this.log, new GatewayHooks());
    const pulses = new AccountPulseRepository(database);
    this.receiptsWatch = new ReceiptsWatch(pulses, this.directory, this.warnings, this.metrics, this.clock, this.log);
  }

  static async open(): Promise<Bench> {
    const bench = new Bench(await openTestDatabase());
    await bench.database.query(
      `INSERT INTO gateway (id, uri, name, type, enabled, metadata, status, created_at, updated_at)
       VALUES ($1, 'acme', 'Acme', 'fake', true, '{}', 'ok', now(), now())`,
      [bench.gatewayId],
    );
    return bench;
  }

  pulse(): AccountPulse {
    return new AccountPulse(new AccountPulseRepository(this.database), this.clock, this.log);
  }

  /** Time goes by, and everybody looks. */
  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.credentials.sweep();
    await this.receiptsWatch.sweep();
  }

  async shown(): Promise<readonly string[]> {
    return (await this.warnings.textsOf([this.gatewayId])).get(this.gatewayId) ?? [];
  }

  told(): readonly string[] {
    return this.lines.splice(0).map(({ level, code }) => `${level} ${code}`);
  }

  async unreceipted(): Promise<readonly number[]> {
    return (await this.metrics.unreceipted.get()).values.map(({ value }) => value);
  }
}

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});

describe('an account that gets no receipts', () => {
  it('is told once after five minutes, and once when they come', async () => {
    const pulse = bench.pulse();
    for (let sent = 0; sent < 3; sent += 1) pulse.accepted(bench.accountId);
    await pulse.flush();
    await bench.pass(4 * MINUTE_MS);
    expect([await bench.shown(), bench.told()]).toEqual([[], []]);
    await bench.pass(MINUTE_MS);
    expect(await bench.shown()).toEqual([expect.stringContaining('account 1065')]);
    expect(await bench.unreceipted()).toEqual([3]);
    await bench.pass(MINUTE_MS);
    expect(bench.told()).toEqual(['warn receipts.missing']);
    pulse.receipt(bench.accountId);
    await pulse.flush();
    await bench.pass(MINUTE_MS);
    expect([await bench.shown(), await bench.unreceipted(), bench.told()]).toEqual([[], [], ['info receipts.missing']]);
  });

  it('is none while receipts go to another process than answers do', async () => {
    const sender = bench.pulse();
    const callback = bench.pulse();
    for (let minute = 0; minute < 12; minute += 1) {
      sender.accepted(bench.accountId);
      await sender.flush();
      await bench.pass(20_000);
      callback.receipt(bench.accountId);
      await callback.flush();
      await bench.pass(20_000);
      sender.accepted(bench.accountId);
      await bench.pass(20_000);
    }
    expect([await bench.shown(), bench.told()]).toEqual([[], []]);
    for (let minute = 0; minute < 8; minute += 1) {
      sender.accepted(bench.accountId);
      await sender.flush();
      await bench.pass(MINUTE_MS);
    }
    expect(bench.told()).toEqual(['warn receipts.missing']);
  });

  it('is none when its only receipt overtook the answer', async () => {
    const pulse = bench.pulse();
    pulse.receipt(bench.accountId);
    await pulse.flush();
    bench.clock.advance(1_000);
    pulse.accepted(bench.accountId);
    await pulse.flush();
    await bench.pass(10 * MINUTE_MS);
    expect(await bench.shown()).toEqual([]);
  });

  it('is none on a channel that gives none, nor a day after it has last sent', async () => {
    bench.receipts = ['read'];
    const pulse = bench.pulse();
    pulse.accepted(bench.accountId);
    await pulse.flush();
    await bench.pass(10 * MINUTE_MS);
    expect(await bench.shown()).toEqual([]);
    bench.receipts = ['delivered'];
    await bench.pass(MINUTE_MS);
    expect(await bench.shown()).toHaveLength(1);
    await bench.pass(DAY_MS);
    expect(await bench.shown()).toEqual([]);
  });
});

describe('credentials that expire', () => {
  it('are told of 14, 7, 3 and 1 days before, and when they have', async () => {
    bench.credentialsExpireAt = new Date(bench.clock.now().getTime() + 20 * DAY_MS);
    const told = [];
    for (let day = 0; day <= 21; day += 1) {
      for (const _ of bench.told()) told.push(20 - day);
      await bench.pass(DAY_MS);
    }
    expect(told).toEqual([14, 7, 3, 1, 0]);
    expect(await bench.shown()).toEqual([expect.stringMatching(/expired on 2026-12-10 12:00 UTC/)]);
  });

  it('are told of by one process, and forgotten once there are new ones', async () => {
    bench.credentialsExpireAt = new Date(bench.clock.now().getTime() + DAY_MS);
    const other = new CredentialsWatch(bench.directory, bench.warnings, bench.clock, bench.log, new GatewayHooks());
    await Promise.all([bench.credentials.sweep(), other.sweep()]);
    expect(bench.told()).toEqual(['warn credentials.expiring']);
    bench.credentialsExpireAt = undefined;
    await bench.pass(MINUTE_MS);
    expect([await bench.shown(), bench.told()]).toEqual([[], ['info credentials.expiring']]);
  });
});

describe('wrong signatures', () => {
  it('are worth a warning when there are many in a minute, for an hour', async () => {
    const watch = new SignatureWatch(bench.warnings, bench.clock, bench.log);
    const refuse = (times: number): void => {
      for (let made = 0; made < times; made += 1) watch.refused(bench.directory.all());
    };
    refuse(20);
    bench.clock.advance(MINUTE_MS);
    refuse(20);
    expect(await bench.shown()).toEqual([]);
    refuse(200);
    await logged(bench, 1);
    bench.clock.advance(MINUTE_MS);
    refuse(200);
    expect(await bench.shown()).toEqual([expect.stringContaining('wrong signature')]);
    bench.clock.advance(59 * MINUTE_MS);
    expect(await bench.shown()).toEqual([]);
    bench.lines.splice(0);
    refuse(21);
    await logged(bench, 1);
    expect(await bench.shown()).toHaveLength(1);
  });
});

describe('the gauges', () => {
  it('count what waits, what is held and why, and what is in doubt', async () => {
    await outbound(bench.database, 3, 'waiting', null);
    await outbound(bench.database, 2, 'ready', 'account');
    await outbound(bench.database, 1, 'doubt', 'doubt');
    await gauges(bench).refresh();
    expect(await values(bench.metrics.queueDepth)).toMatchObject({
      inbox: 0,
      outbound_waiting: 3,
      outbound_ready: 2,
      outbound_doubt: 1,
    });
    expect(await values(bench.metrics.held)).toEqual({ account: 2, doubt: 1 });
    expect((await values(bench.metrics.heldAge))['account']).toBeGreaterThanOrEqual(3_600);
    expect((await bench.metrics.inDoubt.get()).values).toMatchObject([{ value: 1 }]);
  });

  it('show warnings, and are read once for all who ask at the same time', async () => {
    await bench.warnings.raise({ gatewayId: bench.gatewayId, code: 'receipts.missing', subject: '1065', detail: 'd' });
    const service = gauges(bench);
    await Promise.all([service.refresh(), service.refresh()]);
    await bench.warnings.clear({ gatewayId: bench.gatewayId, code: 'receipts.missing', subject: '1065' });
    await service.refresh();
    expect((await bench.metrics.gatewayWarnings.get()).values).toMatchObject([
      { labels: { gateway: 'acme', code: 'receipts.missing', subject: '1065' }, value: 1 },
    ]);
  });

  it('cost little with more than a hundred thousand waiting, and are about right', async () => {
    for (let part = 0; part < 6; part += 1) await outbound(bench.database, 20_000, 'waiting', null);
    for (let part = 0; part < 2; part += 1) await outbound(bench.database, 20_000, 'ready', 'tier');
    await outbound(bench.database, 7, 'ready', 'account');
    await outbound(bench.database, 3, 'doubt', 'doubt');
    await bench.database.query('VACUUM ANALYZE outbound');
    const service = gauges(bench);
    // What it costs is what it takes when nothing else is in its way.
    const took: number[] = [];
    for (let times = 0; times < 5; times += 1) {
      const started = performance.now();
      await service.refresh();
      took.push(performance.now() - started);
    }
    expect(Math.min(...took)).toBeLessThan(1_000);
    const depths = await values(bench.metrics.queueDepth);
    expect(Math.abs((depths['outbound_waiting'] ?? 0) - 120_000)).toBeLessThan(24_000);
    expect(depths['outbound_doubt']).toBe(3);
    const held = await values(bench.metrics.held);
    expect([held['account'], held['doubt']]).toEqual([7, 3]);
    expect(Math.abs((held['tier'] ?? 0) - 40_000)).toBeLessThan(24_000);
  });
});

function gauges({ database, warnings, directory, metrics }: Bench): GaugesService {
  return new GaugesService(new QueueGaugesRepository(database), warnings, directory, metrics);
}

async function values(gauge: Metrics['held'] | Metrics['queueDepth']): Promise<Record<string, number>> {
  const { values: all } = await gauge.get();
  return Object.fromEntries(all.map(({ labels, value }) => [Object.values(labels)[0], value]));
}

async function outbound(database: Database, rows: number, state: string, held: string | null): Promise<void> {
  await database.query(
    `INSERT INTO outbound (message_id, thread_id, seq, gateway_id, account_id, contact_id, class, state, part, kind, has_fallback, opens,
       has_place, attempt, available_at, changed_at, held_reason)
     SELECT gen_random_uuid(), gen_random_uuid(), n, $1, $1, $1, 3, $2, 'content', 1, false, false, false, 0, now(),
       now() - interval '1 hour', $3
     FROM generate_series(1, $4::int) n`,
    [newId(), state, held, rows],
  );
}

/** What is not waited for by anybody is found in the log. */
async function logged({ lines }: Bench, count: number): Promise<void> {
  while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}
