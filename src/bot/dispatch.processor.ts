import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { DispatcherService } from './dispatcher.service.js';

@Injectable()
@Processor({ name: QUEUES.dispatch, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 2 })
export class DispatchProcessor extends WorkerHost {
  constructor(private readonly dispatcher: DispatcherService) {
    super();
  }

  async process(): Promise<void> {
    await this.dispatcher.wake();
  }
}
