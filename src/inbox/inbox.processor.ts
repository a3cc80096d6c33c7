import { Processor } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { ProcessService } from './process.service.js';

/** Few at a time: each holds a database connection for its lock while it works. */
@Injectable()
@Processor({ name: QUEUES.inbox, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 4 })
export class InboxProcessor extends QueueWorker {
  constructor(
    private readonly processing: ProcessService,
    @Inject(LOG) log: Log,
  ) {
    super(log, QUEUES.inbox);
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    await this.processing.run(job.data.key);
  }
}
