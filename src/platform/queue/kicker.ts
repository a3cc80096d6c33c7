import type { JobsOptions, Queue } from 'bullmq';
import type { Log } from '../logging/log.js';
import { REMOVE_WHEN_DONE } from './queues.js';

/** After a job was added for a key, the next one for it waits this long. */
const REST_MS = 20;

/** Name of the jobs that run beside the key's own one. */
export const RESCUE = 'rescue';

/**
 * Wakes the worker of a key. The first kick of a key leaves at once; those that follow within the rest after it become one job
 * at its end, since an add costs a round trip and, on PostgreSQL, a commit. What is left is deduplicated in the queue, in the
 * way that remembers a kick which arrives while its job runs (plain deduplication lost them).
 * A kick is never awaited by a request: the row is committed, and a kick that fails is made good by the sweeper.
 */
export class Kicker {
  /** keys whose last job is being added, or was a moment ago */
  private readonly resting = new Map<string, { again: boolean }>();

  constructor(
    private readonly queue: Pick<Queue, 'add' | 'name'>,
    private readonly log: Log,
  ) {}

  kick(key: string): void {
    const last = this.resting.get(key);
    if (last) {
      last.again = true;
      return;
    }
    const rest = { again: false };
    this.resting.set(key, rest);
    void this.add(key).finally(() => {
      setTimeout(() => {
        this.resting.delete(key);
        if (rest.again) this.kick(key);
      }, REST_MS);
    });
  }

  /**
   * A second job beside the key's own, for a key that nobody seems to work on: the process that had its job may be dead, and
   * kicks wait behind that job until it counts as stalled. Sweepers of all processes that say so in one second add one job.
   */
  async rescue(key: string): Promise<void> {
    const second = Math.floor(Date.now() / 1_000);
    await this.addJob(key, RESCUE, { jobId: `${RESCUE}-${key}-${second}` });
  }

  private add(key: string): Promise<void> {
    return this.addJob(key, 'kick', { deduplication: { id: `kick:${key}`, keepLastIfActive: true } });
  }

  private async addJob(key: string, name: string, options: JobsOptions): Promise<void> {
    try {
      await this.queue.add(name, { key }, { ...REMOVE_WHEN_DONE, ...options });
    } catch (error) {
      this.log.warn({ err: error, queue: this.queue.name, key }, 'could not wake a worker; the sweeper will');
    }
  }
}
