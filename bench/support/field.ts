import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Pool, request } from 'undici';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import type { LimitReport, SimulatorOptions } from '../../src/simulator/simulator.js';
import { ADMIN_KEY, type Patchbay, eventually, freePort, startPatchbay } from '../../test/support/patchbay.js';
import { WORLD } from '../../test/support/stage.js';
import { cpuMs } from './cpu.js';
import { sleep } from './numbers.js';
import type { Tally } from './meta.main.js';
import { Program } from './program.js';
import { COUNTS_STATEMENTS, countStatements } from './statements.js';
import { BenchRedis } from './redis.js';

export const URI = 'acme';

export interface FieldOptions {
  readonly queue: 'postgresql' | 'redis';
  readonly simulator: SimulatorOptions;
  /** how many templates its WABAs have together */
  readonly templates: number;
  readonly botUrl?: string;
  readonly profiles?: string | undefined;
  /** arguments of Patchbay's Node, such as `--trace-gc` */
  readonly node?: readonly string[];
  /** whether PostgreSQL keeps count of its statements, which costs a little */
  readonly countsStatements?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface OutboundMessage {
  readonly account: string;
  readonly to: string;
  readonly content: object;
}

export interface Costs {
  readonly patchbay: number;
  readonly postgres: number;
  readonly redis: number;
  readonly meta: number;
}

/** What the benches of sending stand on: PostgreSQL, perhaps Redis, a simulated Meta and Patchbay, each in a process of its own. */
export class Field {
  /** false as soon as Patchbay turns out not to know the batch endpoint */
  private knowsBatches = true;
  private pool: Pool | undefined;

  private constructor(
    readonly dataDir: string,
    readonly database: string,
    readonly graphUrl: string,
    readonly meta: Program,
    readonly redis: BenchRedis | undefined,
    readonly patchbay: Patchbay,
    readonly client: pg.Client,
    private readonly postgres: EmbeddedPostgres,
  ) {}

  static async open({
    queue,
    simulator,
    templates,
    botUrl,
    profiles,
    node = [],
    countsStatements,
    env,
  }: FieldOptions): Promise<Field> {
    const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-bench-'));
    const log = { info: () => undefined, warn: () => undefined };
    const postgres = await startEmbeddedPostgres({
      dataDir,
      log,
      ...(countsStatements && { settings: COUNTS_STATEMENTS }),
    });
    const client = new pg.Client({ connectionString: postgres.connectionString, options: '-c search_path=patchbay' });
    await client.connect();
    if (countsStatements) await countStatements(client);
    const redis = queue === 'redis' ? await BenchRedis.start() : undefined;
    const port = await freePort();
    const meta = Program.start(join(import.meta.dirname, 'meta.main.js'));
    const graphUrl = await meta.ask<string>('open', {
      webhookUrl: `http://127.0.0.1:${port}/chat/${URI}`,
      ...simulator,
    });
    const patchbay = await startPatchbay({
      port,
      dataDir: join(dataDir, 'patchbay'),
      env: {
        DATABASE_URL: postgres.connectionString,
        ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
        ALLOW_PRIVATE_URLS: 'true',
        GRAPH_URL: graphUrl,
        LOG_LEVEL: 'warn',
        ...(redis && { REDIS_URL: redis.url }),
        ...env,
      },
      nodeArguments: [...node, ...(profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`])],
    });
    const { connectionString } = postgres;
    const field = new Field(dataDir, connectionString, graphUrl, meta, redis, patchbay, client, postgres);
    await field.engage(botUrl, templates);
    return field;
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
    await this.patchbay.dispose();
    await this.meta.stop();
    await this.redis?.stop();
    await this.client.end();
    await this.postgres.stop();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }

  /** Hands messages over, many per request. @throws when one of them is refused */
  async hand(messages: readonly OutboundMessage[], perRequest: number, requestsAtOnce = 2): Promise<void> {
    const slices: OutboundMessage[][] = [];
    for (let start = 0; start < messages.length; start += perRequest)
      slices.push(messages.slice(start, start + perRequest));
    const worker = async (): Promise<void> => {
      for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) await this.handOver(slice);
    };
    await Promise.all(Array.from({ length: requestsAtOnce }, worker));
  }

  /** One message by itself. @returns when it was handed over, in ms since the epoch */
  async handOne(message: OutboundMessage): Promise<number> {
    const at = Date.now();
    const { status, text } = await this.post('/messages', { gateway: URI, ...message });
    if (status !== 202) throw new Error(`a message was not taken: ${status} ${text}`);
    return at;
  }

  tally(): Promise<Tally> {
    return this.meta.ask<Tally>('tally', null);
  }

  limits(): Promise<LimitReport> {
    return this.meta.ask<LimitReport>('limits', null);
  }

  /** Waits until so many were accepted, or until nothing has been accepted for a while. */
  async untilAccepted(count: number, patienceMs = 30_000): Promise<Tally> {
    let movedAt = performance.now();
    for (let last = 0; ;) {
      const tally = await this.tally();
      if (tally.accepted !== last) movedAt = performance.now();
      last = tally.accepted;
      if (last >= count || performance.now() - movedAt > patienceMs) return tally;
      await sleep(50);
    }
  }

  /**
   * Waits until as many outbound messages are read as were accepted. They are counted while no receipt waits: reading all messages
   * costs as much as applying thousands of receipts. @returns how many are missing after all patience
   */
  async untilRead(count: number, patienceMs = 60_000): Promise<number> {
    let movedAt = performance.now();
    for (let [read, waiting] = [-1, 0]; ;) {
      const { rows } = await this.client.query<{ waiting: number }>(
        'SELECT count(*)::int AS waiting FROM inbox_pending',
      );
      const before = `${read} ${waiting}`;
      waiting = rows[0]?.waiting ?? 0;
      if (waiting === 0) read = await this.countRead();
      if (before !== `${read} ${waiting}`) movedAt = performance.now();
      if (read >= count || performance.now() - movedAt > patienceMs) return count - read;
      await sleep(200);
    }
  }

  private async countRead(): Promise<number> {
    const { rows } = await this.client.query<{ read: number }>(
      "SELECT count(*)::int AS read FROM message WHERE direction = 'out' AND status = 'read'",
    );
    return rows[0]?.read ?? 0;
  }

  /** Processor time so far, in ms. */
  async costs(): Promise<Costs> {
    return {
      patchbay: cpuMs(this.patchbay.pid),
      postgres: cpuMs(this.postgres.pid ?? 0),
      redis: this.redis === undefined ? 0 : cpuMs(this.redis.pid),
      meta: (await this.tally()).cpuMs,
    };
  }

  async version(): Promise<string> {
    const { rows } = await this.client.query<{ version: string; fsync: string; commit: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit`,
    );
    const [row] = rows;
    const queue = this.redis === undefined ? 'PostgreSQL' : 'Redis (nothing on disk)';
    return `PostgreSQL ${row?.version}, fsync ${row?.fsync}, synchronous_commit ${row?.commit}; BullMQ on ${queue}`;
  }

  private async handOver(messages: readonly OutboundMessage[]): Promise<void> {
    if (this.knowsBatches) {
      const items = messages.map((message) => ({ gateway: URI, ...message }));
      const { status, text } = await this.post('/messages/batch', { messages: items });
      if (status === 202) {
        const answer = JSON.parse(text) as { items: { error?: unknown }[] };
        const refused = answer.items.filter(({ error }) => error !== undefined);
        if (refused.length > 0) {
          throw new Error(`${refused.length} of a batch were refused, the first: ${JSON.stringify(refused[0])}`);
        }
        return;
      }
      if (status !== 404 && status !== 405) throw new Error(`a batch was not taken: ${status} ${text.slice(0, 500)}`);
      this.knowsBatches = false;
      process.stdout.write('  there is no batch endpoint: messages go one by one\n');
    }
    const left = [...messages];
    const worker = async (): Promise<void> => {
      for (let message = left.pop(); message !== undefined; message = left.pop()) await this.handOne(message);
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  }

  private async post(path: string, body: object): Promise<{ status: number; text: string }> {
    this.pool ??= new Pool(this.patchbay.url, { connections: 64, headersTimeout: 120_000, bodyTimeout: 120_000 });
    const answer = await request(`${this.patchbay.url}/api/v1${path}`, {
      method: 'POST',
      dispatcher: this.pool,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  private async engage(botUrl: string | undefined, templates: number): Promise<void> {
    const { token, appId, appSecret, verifyToken } = WORLD;
    const { patchbay } = this;
    const created = await patchbay.call('POST', '/gateways', {
      body: {
        name: 'Acme',
        uri: URI,
        type: 'messenger',
        metadata: { whatsapp_token: token, client_id: appId, client_secret: appSecret, verify_token: verifyToken },
        ...(botUrl !== undefined && { bot: { type: 'webhook', url: botUrl } }),
      },
    });
    if (created.status !== 201) throw new Error(`the gateway was not created: ${created.status} ${created.text}`);
    for (const operation of ['setup', 'subscribe']) {
      const answer = await patchbay.command(URI, `whatsapp=${operation}`);
      if (answer.status !== 200) throw new Error(`${operation} failed: ${answer.status} ${answer.text}`);
    }
    await eventually('the templates to be read', async () => {
      const { body } = await patchbay.call<{ items: unknown[] }>('GET', `/templates?gateway=${URI}`);
      return body.items.length >= templates;
    });
  }
}
