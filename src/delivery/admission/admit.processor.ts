import { Processor } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { AdmitService } from './admit.service.js';

@Injectable()
@Processor({ name: QUEUES.admit, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 8 })
export class AdmitProcessor extends QueueWorker {
  constructor(
    private readonly admission: AdmitService,
    @Inject(LOG) log: Log,
  ) {
    super(log, QUEUES.admit);
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    await this.admission.pass(job.data.key);
  }
}
