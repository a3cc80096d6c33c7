import { type Random } from '../../src/simulator/random.js';
import { type Patchbay, eventually, startPatchbay } from './patchbay.js';

/** The last one at work is let alone for so long: it is to have something in hand when it dies. */
const ALONE_MS = 1_500;

interface Worker {
  readonly patchbay: Patchbay;
  readyAt?: number;
}

/**
 * Worker processes, as many all the time as it began with: for each that is killed another one starts, and for each that gave up at its
 * start, as whoever supervises processes would see to.
 */
export class Workers {
  kills = 0;
  startsThatFailed = 0;
  /** everything that workers said, also the dead */
  readonly all: Patchbay[] = [];
  private workers: Worker[] = [];
  private isEnding = false;

  constructor(
    private readonly count: number,
    private readonly env: Readonly<Record<string, string>>,
    private readonly random: Random,
  ) {}

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.count }, () => this.spawn()).map(({ ready }) => ready));
  }

  /** `kill -9` for one of those that work, and the start of another. False when there is none to kill. */
  async killOne(): Promise<boolean> {
    const isOld = ({ readyAt }: Worker): boolean => performance.now() - (readyAt ?? Infinity) > ALONE_MS;
    const atWork = this.workers.filter(({ readyAt }) => readyAt !== undefined);
    const ready = atWork.length > 1 ? atWork : atWork.filter(isOld);
    const victim = ready[Math.floor(this.random.next() * ready.length)];
    if (!victim) return false;
    this.workers = this.workers.filter((worker) => worker !== victim);
    this.kills += 1;
    await victim.patchbay.kill();
    this.spawn();
    return true;
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    await Promise.all(this.workers.map(({ patchbay }) => patchbay.dispose()));
  }

  private spawn(): { ready: Promise<void> } {
    const starting = startPatchbay({ env: { ...this.env, ROLES: 'worker' }, waitUntilReady: false });
    const ready = starting.then(async (patchbay) => {
      const worker: Worker = { patchbay };
      this.workers.push(worker);
      this.all.push(patchbay);
      if (this.isEnding) await patchbay.dispose();
      await becomesReady(patchbay);
      worker.readyAt = performance.now();
    });
    ready.catch(() => {
      if (this.isEnding) return;
      this.startsThatFailed += 1;
      this.spawn();
    });
    return { ready };
  }
}

/** Fails as soon as the process ends. */
async function becomesReady(patchbay: Patchbay): Promise<void> {
  let hasEnded = false;
  void patchbay.exited.then(() => (hasEnded = true));
  const isReady = async (): Promise<boolean> =>
    (await patchbay.call('GET', '//health/ready', { key: null })).status === 200;
  await eventually('a worker to be ready', async () => hasEnded || (await isReady()), 120_000);
  if (hasEnded) throw new Error('the worker gave up at its start');
}
