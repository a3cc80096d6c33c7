import type { Queue } from 'bullmq';
import type { Log } from '../logging/log.js';
import { REMOVE_WHEN_DONE } from './queues.js';

/**
 * Wakes the worker of a key. Many kicks of one key become few jobs: here, since only one add per key is under way at a time,
 * and in the queue, by deduplication that remembers a kick which arrives while its job runs (plain deduplication lost them).
 * A kick is never awaited by a request: the row is committed, and a kick that fails is made good by the sweeper.
 */
export class Kicker {
  private readonly adding = new Map<string, { again: boolean }>();

  constructor(
    private readonly queue: Pick<Queue, 'add' | 'name'>,
    private readonly log: Log,
  ) {}

  kick(key: string): void {
    const running = this.adding.get(key);
    if (running) {
      running.again = true;
      return;
    }
    const state = { again: false };
    this.adding.set(key, state);
    void this.add(key).finally(() => {
      this.adding.delete(key);
      if (state.again) this.kick(key);
    });
  }

  private async add(key: string): Promise<void> {
    try {
      await this.queue.add(
        'kick',
        { key },
        { ...REMOVE_WHEN_DONE, deduplication: { id: `kick:${key}`, keepLastIfActive: true } },
      );
    } catch (error) {
      this.log.warn({ err: error, queue: this.queue.name, key }, 'could not wake a worker; the sweeper will');
    }
  }
}
