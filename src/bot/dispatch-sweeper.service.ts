import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { DispatcherService } from './dispatcher.service.js';
import { EventQueueRepository } from './event-queue.repository.js';

const TICK_MS = 1_000;

/** Wakes the dispatcher when a retry is due or a kick was lost, and takes back what a dead process had claimed. */
@Injectable()
export class DispatchSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly queue: EventQueueRepository,
    private readonly dispatcher: DispatcherService,
    private readonly metrics: Metrics,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

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
      this.running = this.tick()
        .catch((error: unknown) => this.log.warn({ err: error }, 'the dispatch sweep failed; it is tried again'))
        .then(() => {
          if (!this.stopped) this.schedule();
        });
    }, TICK_MS);
  }

  private async tick(): Promise<void> {
    const repaired = await this.queue.takeBack();
    if (repaired > 0) {
      this.metrics.repairs.inc({ kind: 'dead_dispatch' }, repaired);
      this.log.warn({ repaired }, 'took back events that a dead process was delivering');
    }
    await this.dispatcher.recover();
    if (await this.queue.hasDue()) this.dispatch.kick('events');
  }
}
