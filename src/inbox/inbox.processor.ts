import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { ProcessService } from './process.service.js';

/** Few at a time: each holds a database connection for its lock while it works. */
@Injectable()
export class InboxProcessor extends QueueWorker {
  constructor(
    private readonly processing: ProcessService,
    @Inject(QUEUE_CONNECTION) connection: QueueConnection,
    @Inject(LOG) log: Log,
  ) {
    super(QUEUES.inbox, { concurrency: 4 }, connection, log);
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    await this.processing.run(job.data.key);
  }
}
