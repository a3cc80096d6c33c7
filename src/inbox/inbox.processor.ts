import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { ProcessService } from './process.service.js';

/** Few at a time: each holds a database connection for its lock while it works. */
@Injectable()
@Processor({ name: QUEUES.inbox, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 4 })
export class InboxProcessor extends WorkerHost {
  constructor(private readonly processing: ProcessService) {
    super();
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    await this.processing.run(job.data.key);
  }
}
