import { Processor } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { DispatcherService } from './dispatcher.service.js';

@Injectable()
@Processor({ name: QUEUES.dispatch, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 2 })
export class DispatchProcessor extends QueueWorker {
  constructor(
    private readonly dispatcher: DispatcherService,
    @Inject(LOG) log: Log,
  ) {
    super(log, QUEUES.dispatch);
  }

  async process(): Promise<void> {
    await this.dispatcher.wake();
  }
}
