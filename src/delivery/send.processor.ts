import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import type { SendJob } from './admission/send-job.js';
import { SenderService } from './sender.service.js';

@Injectable()
export class SendProcessor extends QueueWorker {
  constructor(
    private readonly sender: SenderService,
    @Inject(QUEUE_CONNECTION) connection: QueueConnection,
    @Inject(LOG) log: Log,
  ) {
    super(QUEUES.send, { concurrency: 64, lockDuration: 60_000 }, connection, log);
  }

  async process(job: Job<SendJob>): Promise<void> {
    await Promise.all(job.data.messages.map((message) => this.sender.send(message, job.data)));
  }
}
