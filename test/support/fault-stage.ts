import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { TestBot } from './bot.js';
import { Ledger } from './ledger.js';
import { type Patchbay, eventually, freePort, startPatchbay } from './patchbay.js';
import { WORLD, engage } from './stage.js';

/** How often the fault tests go round: `npm run test:faults -- --rounds N`. */
export const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 1);

export interface FaultStageOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly simulator?: SimulatorOptions;
  readonly bot?: object;
}

/** What the network allows is not what the faults are to be about. */
export const FAST = { throughput: 'HIGH', messagingLimit: 'unlimited' } as const;

/** A Patchbay that dies and comes back on the same data folder and port, between a simulated Meta and a bot that live on. */
export class FaultStage {
  readonly uri = 'acme';
  readonly ledger: Ledger;
  private current: Patchbay | undefined;

  private constructor(
    readonly sim: Simulator,
    readonly bot: TestBot,
    readonly dataDir: string,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.ledger = new Ledger(sim, bot);
  }

  /** Meta insists quickly here, so that a test sees the end of an outage soon. */
  static async open({ env, metadata, simulator, bot: botOptions }: FaultStageOptions = {}): Promise<FaultStage> {
    const port = await freePort();
    const bot = await TestBot.start();
    const sim = await startSimulator({
      seed: 1,
      webhookUrl: `http://127.0.0.1:${port}/chat/acme`,
      retry: { firstMs: 50, capMs: 500 },
      ...simulator,
    });
    sim.changeNumber(WORLD.phoneNumberId, FAST);
    const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-faults-'));
    const stage = new FaultStage(sim, bot, dataDir, port, { GRAPH_URL: sim.url, LOG_LEVEL: 'info', ...env });
    await stage.start();
    await engage(stage, { ...(metadata && { metadata }), bot: { events: ['message.received'], ...botOptions } });
    return stage;
  }

  get patchbay(): Patchbay {
    if (!this.current) throw new Error('no Patchbay runs');
    return this.current;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<Patchbay> {
    this.current = await startPatchbay({ dataDir: this.dataDir, port: this.port, env: { ...this.env, ...env } });
    return this.current;
  }

  /** Stops it in good order and starts it with other environment. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<Patchbay> {
    await this.patchbay.stop();
    return this.start(env);
  }

  /** Pid of the embedded PostgreSQL, as its own pid file says. */
  async postmasterPid(): Promise<number> {
    const text = await readFile(join(this.dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8');
    return Number(text.split('\n', 1)[0]);
  }

  /** The parts that `/health/ready` names as failing; empty when it is ready. */
  async failingParts(): Promise<string[]> {
    const { status, body } = await this.patchbay.call<{ failing?: { part: string }[] }>('GET', '//health/ready', {
      key: null,
    });
    return status === 200 ? [] : (body.failing ?? []).map(({ part }) => part);
  }

  async untilFailing(part: string, withinMs = 15_000): Promise<void> {
    await eventually(
      `/health/ready to name the ${part}`,
      async () => (await this.failingParts()).includes(part),
      withinMs,
    );
  }

  async close(): Promise<void> {
    const { FAULT_LOG: file } = process.env;
    if (file) await writeFile(file, this.current?.logLines.join('\n') ?? '');
    await this.current?.dispose();
    await this.sim.close();
    await this.bot.close();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

/** The network allows 45 messages to one person in a burst: who has written so often makes way for somebody else. */
const TIMES_EACH = 20;

/**
 * Does something over and over, `everyMs` apart at the earliest, until it is told to stop; resolves when the last is done. `work`
 * is told for which person: as many at a time as there are workers.
 */
export class Load {
  private stopping = false;
  private readonly workers: Promise<void>[];

  constructor(workers: number, everyMs: number, work: (person: number) => Promise<unknown>) {
    this.workers = Array.from({ length: workers }, async (_, worker) => {
      for (let times = 0; !this.stopping; times += 1) {
        await work(worker + workers * Math.floor(times / TIMES_EACH));
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    });
    for (const running of this.workers) running.catch(() => undefined); // told by stop()
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.workers);
  }
}

/** One line per result, for the record in docs/faults.md. */
export function report(what: string, ledger: Ledger, times: Readonly<Record<string, number>> = {}): void {
  const { written, promised } = ledger.size;
  const seconds = Object.entries(times).map(([name, ms]) => `, ${name} ${(ms / 1_000).toFixed(1)} s`);
  process.stderr.write(`faults: ${what}: ${written} written, ${promised} promised${seconds.join('')}\n`);
}
