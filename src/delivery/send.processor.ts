import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import type { SendJob } from './send-job.js';
import { SenderService } from './sender.service.js';

@Injectable()
@Processor(
  { name: QUEUES.send, configKey: BULL_CONFIG_KEY },
  { ...WORKER_RESILIENCE, concurrency: 64, lockDuration: 60_000 },
)
export class SendProcessor extends WorkerHost {
  constructor(private readonly sender: SenderService) {
    super();
  }

  async process(job: Job<SendJob>): Promise<void> {
    await Promise.all(job.data.messages.map((message) => this.sender.send(message)));
  }
}
