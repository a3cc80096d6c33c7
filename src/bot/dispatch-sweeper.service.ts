import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { DispatcherService } from './dispatcher.service.js';
import { EventQueueRepository } from './event-queue.repository.js';

/** Wakes the dispatcher when a retry is due or a kick was lost, and takes back what a dead process had claimed. */
@Injectable()
export class DispatchSweeper extends Sweeper {
  constructor(
    private readonly queue: EventQueueRepository,
    private readonly dispatcher: DispatcherService,
    private readonly metrics: Metrics,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const repaired = await this.queue.takeBack();
    if (repaired > 0) {
      this.metrics.repairs.inc({ kind: 'dead_dispatch' }, repaired);
      this.log.warn({ repaired }, 'took back events that a dead process was delivering');
    }
    await this.dispatcher.recover();
    if (await this.queue.hasDue()) this.dispatch.kick('events');
  }
}
