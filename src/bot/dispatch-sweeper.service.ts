import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { Addressees } from './addressees.service.js';
import { DispatcherService } from './dispatcher.service.js';
import { EventQueueRepository } from './event-queue.repository.js';
import { Declarations } from './in-process/declarations.service.js';
import { InProcessRegistry } from './in-process/in-process-registry.js';

const FORGET_EVERY_MS = 60_000;

/** Wakes the dispatcher when a retry is due or a kick was lost, and takes back what a dead process had claimed. */
@Injectable()
export class DispatchSweeper extends Sweeper {
  private forgottenMs = performance.now();
  private wasDue = false;

  constructor(
    private readonly queue: EventQueueRepository,
    private readonly dispatcher: DispatcherService,
    private readonly addressees: Addressees,
    private readonly declarations: Declarations,
    private readonly inProcess: InProcessRegistry,
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
    await this.forgetDeleted();
    await this.declarations.declareBots();
    const isDue = await this.queue.hasDue(this.addressees.subscribers(), this.addressees.gatewaysElsewhere());
    if (isDue) this.dispatch.kick('events');
    // A kick waits behind the job of a process that died until it counts as stalled; this process can begin at once. And it may
    // reach a process that does not have who is to be told, and leaves that to one that has.
    if (isDue && (this.wasDue || !this.inProcess.isEmpty)) await this.dispatcher.wake();
    this.wasDue = isDue;
  }

  private async forgetDeleted(): Promise<void> {
    if (performance.now() - this.forgottenMs < FORGET_EVERY_MS) return;
    await this.queue.forgetDeleted();
    this.forgottenMs = performance.now();
  }
}
