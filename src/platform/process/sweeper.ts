import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Log } from '../logging/log.js';

const TICK_MS = 1_000;

/**
 * Looks, once a second, for what no job will do: what is due, and what a lost wake-up or a dead process left behind. Sweeps
 * are idempotent and run in every process with the role; one that fails is tried again with the next tick.
 */
export abstract class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  protected constructor(protected readonly log: Log) {}

  abstract sweep(): Promise<void>;

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((error: unknown) => this.log.warn({ err: error, sweeper: this.constructor.name }, 'a sweep failed'))
        .then(() => {
          if (!this.stopped) this.schedule();
        });
    }, TICK_MS);
  }
}
