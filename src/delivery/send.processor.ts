import { Processor } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import type { SendJob } from './admission/send-job.js';
import { SenderService } from './sender.service.js';

@Injectable()
@Processor(
  { name: QUEUES.send, configKey: BULL_CONFIG_KEY },
  { ...WORKER_RESILIENCE, concurrency: 64, lockDuration: 60_000 },
)
export class SendProcessor extends QueueWorker {
  constructor(
    private readonly sender: SenderService,
    @Inject(LOG) log: Log,
  ) {
    super(log, QUEUES.send);
  }

  async process(job: Job<SendJob>): Promise<void> {
    await Promise.all(job.data.messages.map((message) => this.sender.send(message, job.data)));
  }
}
