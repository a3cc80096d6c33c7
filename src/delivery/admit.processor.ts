import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { AdmitService } from './admit.service.js';

@Injectable()
@Processor({ name: QUEUES.admit, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 8 })
export class AdmitProcessor extends WorkerHost {
  constructor(private readonly admission: AdmitService) {
    super();
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    await this.admission.pass(job.data.key);
  }
}
