import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { Random } from '../../src/simulator/random.js';
import { TestBot } from './bot.js';
import { type Verdict, judge, readBooks, repliesMade, unfinished } from './delivery-books.js';
import { MIX_WORLD, type Mix, type Planned, planMix } from './delivery-mix.js';
import { Load } from './fault-stage.js';
import { type Moment, planStorms } from './fault-script.js';
import { type Answer, type Patchbay, eventually, freePort, startPatchbay } from './patchbay.js';
import { TestRedis, hasOwnRedis } from './redis.js';
import { SimulatorProcess } from './simulator-process.js';
import { gatewayBody } from './stage.js';
import { Workers } from './workers.js';

const WORKERS = 3;
const PER_BATCH = 250;
const BATCHES_OVER_MS = 20_000;
const FAULTS_MS = 45_000;
const FAULTS_AT_MOST_MS = 75_000;
const LEAST_KILLS = 20;
const CUSTOMERS = 6;
const KILL_EVERY_MS = 1_000;
const ENDS_WITHIN_MS = 120_000;
/** Empty for this long: nothing comes back any more. */
const REST_MS = 3_000;
const REPLY = 're: ';

interface Told {
  readonly mark: string;
  readonly number: string;
  readonly phone: string;
  readonly isScheduled: boolean;
}

/** One API process, three workers, a database, by seed a Redis; and everything that is to go wrong with them. */
export class EngineStage {
  private readonly mix: Mix;
  /** what customers wrote, in order */
  private readonly written: { text: string; number: string; phone: string }[] = [];
  private readonly notes: Record<string, number | string> = {};

  private constructor(
    readonly seed: number,
    private readonly random: Random,
    private readonly sim: SimulatorProcess,
    private readonly bot: TestBot,
    private readonly folder: string,
    private readonly postgres: EmbeddedPostgres,
    private readonly redis: TestRedis | undefined,
    private readonly api: Patchbay,
    private readonly workers: Workers,
  ) {
    this.mix = planMix(random);
    bot.answer = ({ event: { type, message } }) =>
      type === 'message.received'
        ? { body: { replies: [{ type: 'text', text: `${REPLY}${message?.text ?? ''}` }] } }
        : undefined;
  }

  static async open(seed: number): Promise<EngineStage> {
    const random = new Random(seed);
    const onRedis = hasOwnRedis && random.fork('queue').next() < 0.6;
    process.stderr.write(`faults: seed ${seed}, queue on ${onRedis ? 'redis' : 'postgresql'}\n`);
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-engine-'));
    const log = { info: () => undefined, warn: () => undefined };
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log });
    const redis = onRedis ? await TestRedis.start() : undefined;
    const port = await freePort();
    const bot = await TestBot.start();
    const webhookUrl = `http://127.0.0.1:${port}/chat/acme`;
    const sim = await SimulatorProcess.start({ seed, webhookUrl, world: MIX_WORLD });
    const env = {
      DATABASE_URL: redis ? postgres.connectionString : postgres.tcpConnectionString,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      ALLOW_PRIVATE_URLS: 'true',
      GRAPH_URL: sim.url,
      ...(redis && { REDIS_URL: redis.url }),
    };
    const api = await startPatchbay({ port, env: { ...env, ROLES: 'api' } });
    const workers = new Workers(WORKERS, env, random.fork('kills'));
    const stage = new EngineStage(seed, random, sim, bot, folder, postgres, redis, api, workers);
    await workers.start();
    await stage.engage();
    await eventually('the templates to be read', async () => {
      await api.command('acme', 'whatsapp=setup');
      const { body } = await api.call<{ items: unknown[] }>('GET', '/templates?gateway=acme');
      return body.items.length === 6;
    });
    return stage;
  }

  private async engage(): Promise<void> {
    const bot = { events: ['message.received'] };
    const body = gatewayBody({ uri: 'acme', bot: this.bot }, { metadata: { settle_seconds: '10' }, bot });
    const { status, text } = await this.api.call('POST', '/gateways', { body });
    if (status !== 201) throw new Error(`the gateway was not created: ${status} ${text}`);
    for (const operation of ['setup', 'subscribe']) await this.api.command('acme', `whatsapp=${operation}`);
  }

  /** The whole run: windows open, the mix is sent, everything fails for a while, and then everything ends. */
  async run(): Promise<void> {
    for (const { phone, number } of this.mix.writers) await this.write(phone, number);
    await this.end('the windows to be open');
    const startedAt = performance.now();
    const turns = Array.from({ length: CUSTOMERS }, () => 0);
    const customers = new Load(CUSTOMERS, 400, (person) => {
      // Each of them is many people in turn: one alone would soon be beyond the pair limit.
      const worker = person % CUSTOMERS;
      const own = this.mix.writers.filter((_, index) => index % CUSTOMERS === worker);
      const turn = turns[worker] ?? 0;
      turns[worker] = turn + 1;
      const writer = own[turn % own.length] as Mix['writers'][number];
      return this.write(writer.phone, writer.number);
    });
    const faults = this.fail(startedAt);
    await this.sendMix(startedAt);
    this.notes['posted'] = seconds(startedAt);
    this.notes['sent by then'] = await this.sim.sentCount();
    await faults;
    this.notes['sent in the faults'] = await this.sim.sentCount();
    await customers.stop();
    await this.sim.clearFaults();
    await this.end('everything to end');
    this.notes['ended'] = seconds(startedAt);
    // Late receipts overrule what was given up.
    this.notes['late receipts'] = await this.sim.releaseStatuses();
    await this.end('the late receipts to be read');
  }

  async verdict(): Promise<Verdict & { unheard: readonly string[] }> {
    const replies: Told[] = this.written.map((one) => ({ ...one, mark: REPLY + one.text, isScheduled: false }));
    const books = await readBooks(this.postgres.connectionString);
    const count = (fits: (one: (typeof books)[number]) => boolean): number => books.filter(fits).length;
    this.notes['outcome unknown'] = count(({ error }) => error === 'outcome.unknown');
    this.notes['held by tier'] = count(({ held }) => held === 'tier');
    this.notes['expired'] = count(({ status }) => status === 'expired');
    this.notes['in doubt once'] = count(({ doubted }) => doubted.length > 0);
    const failures = new Map<string, number>();
    for (const { error } of books) if (error) failures.set(error, (failures.get(error) ?? 0) + 1);
    this.notes['failed'] = JSON.stringify(Object.fromEntries(failures));
    return {
      ...judge(await this.sim.sent(), await this.sim.limits(), [...this.mix.messages, ...replies], books),
      unheard: this.written.flatMap(({ text }) =>
        this.heard(text) === 1 ? [] : [`${text}: ${this.heard(text)} events`],
      ),
    };
  }

  async summary(more: Readonly<Record<string, number>>): Promise<string> {
    const { numbers, portfolios } = await this.sim.limits();
    const worst = Object.fromEntries(
      Object.entries(numbers).map(([id, number]) => [
        `worst of ${id.slice(-4)}`,
        number.worst.map(({ excess }) => excess.toFixed(1)).join('/'),
      ]),
    );
    const people = Object.values(portfolios).map(({ unique, limit }) => `${unique}/${limit}`);
    const facts = {
      seed: this.seed,
      queue: this.redis ? 'redis' : 'postgresql',
      kills: this.workers.kills,
      'starts that failed': this.workers.startsThatFailed,
      written: this.written.length,
      ...this.notes,
      ...more,
      ...worst,
      people: people.join(' '),
    };
    return Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  }

  async close(): Promise<void> {
    const { FAULT_LOG: file } = process.env;
    if (file) {
      const { writeFile } = await import('node:fs/promises');
      const lines = [this.api, ...this.workers.all].flatMap(({ pid, logLines }) =>
        logLines.map((line) => `${pid} ${line}`),
      );
      await writeFile(`${file}.${this.seed}`, lines.join('\n'));
    }
    await Promise.all([this.workers.stop(), this.api.dispose()]);
    await this.sim.stop();
    await this.bot.close();
    await this.redis?.stop();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }

  /** Waits until the bot heard it: the next message of this customer can then not overtake it. */
  private async write(phone: string, number: string): Promise<void> {
    const text = `w${this.written.length}.`;
    this.written.push({ text, phone, number });
    await this.sim.write(phone, number, text);
    await this.bot.waitFor(({ message }) => message?.text === text, 120_000);
  }

  /** How many events the customer's message became. */
  private heard(text: string): number {
    return new Set(this.bot.events.filter(({ message }) => message?.text === text).map(({ id }) => id)).size;
  }

  /** One batch after the other, each insisting with its key until it has its 202. */
  private async sendMix(startedAt: number): Promise<void> {
    const { messages } = this.mix;
    for (let start = 0; start < messages.length; start += PER_BATCH) {
      const due = startedAt + (BATCHES_OVER_MS * start) / messages.length;
      await sleep(Math.max(0, due - performance.now()));
      await this.sendBatch(messages.slice(start, start + PER_BATCH), `batch-${start}`);
    }
  }

  private async sendBatch(batch: readonly Planned[], key: string): Promise<void> {
    const now = Date.now();
    const body = { messages: batch.map((one) => ({ gateway: 'acme', ...one.body(now) })) };
    const answer = await eventually(
      'the batch to be taken',
      async () => {
        const headers = { 'Idempotency-Key': key };
        const asked: Answer<{ items?: { error?: unknown }[] }> = await this.api.call(
          'POST',
          '/messages/batch',
          { body, headers },
          20_000,
        );
        if (asked.status !== 202) await sleep(250);
        return asked.status === 202 && asked.body;
      },
      120_000,
    );
    const refused = answer.items?.filter(({ error }) => error !== undefined) ?? [];
    if (refused.length > 0) throw new Error(`${refused.length} of the mix were refused: ${JSON.stringify(refused[0])}`);
  }

  private async fail(startedAt: number): Promise<void> {
    const dice = this.random.fork('faults');
    const at = (name: string, act: () => unknown): Moment => ({ atMs: dice.next() * (FAULTS_MS - 5_000), name, act });
    const moments = [
      ...planStorms(this.sim, this.random, FAULTS_MS - 5_000),
      at('PostgreSQL killed', () => process.kill(this.postgres.pid ?? 0, 'SIGKILL')),
      ...(this.redis ? [1, 2, 3].map(() => at('FLUSHALL', () => this.flush())) : []),
      ...Array.from({ length: Math.floor(FAULTS_MS / KILL_EVERY_MS) }, (_, index) => ({
        atMs: index * KILL_EVERY_MS,
        name: 'kill',
        act: () => this.workers.killOne(),
      })),
    ].sort((one, other) => one.atMs - other.atMs);
    for (const { atMs, act } of moments) {
      await sleep(Math.max(0, startedAt + atMs - performance.now()));
      await act();
    }
    // A busy machine starts them more slowly than one a second: it goes on for longer.
    while (this.workers.kills < LEAST_KILLS && performance.now() - startedAt < FAULTS_AT_MOST_MS) {
      await sleep(KILL_EVERY_MS);
      await this.workers.killOne();
    }
  }

  private async flush(): Promise<void> {
    const client = new Redis(this.redis?.url ?? '');
    await client.flushall();
    client.disconnect();
  }

  /** Resolves when nothing is under way any more, and has not been for a moment. */
  private async end(what: string): Promise<void> {
    let since: number | undefined;
    let last: readonly string[] = [];
    await eventually(
      what,
      async () => {
        last = await unfinished(this.postgres.connectionString);
        const open = this.written.length - (await repliesMade(this.postgres.connectionString));
        if (open > 0) last = [...last, `${open} replies`];
        if (last.length > 0) since = undefined;
        else since ??= performance.now();
        await sleep(250);
        return since !== undefined && performance.now() - since > REST_MS;
      },
      ENDS_WITHIN_MS,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; still open: ${last.join(', ')}`);
    });
    await this.sim.idle();
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}
