import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { type Job, Worker, type WorkerOptions } from 'bullmq';
import type { Log } from '../logging/log.js';
import { backendOf } from './backend.js';
import { errorLog } from './error-log.js';
import type { QueueConnection } from './queue-connection.js';
import { type QueueName, WORKER_RESILIENCE } from './queues.js';

type Work = Pick<WorkerOptions, 'concurrency' | 'lockDuration'>;

/**
 * What our processors have in common: faults of the queue go to the log, and a stopping process finishes its jobs while the
 * queues are still open. Nest closes queues and workers side by side, and a job that adds to a closed queue waits for ever.
 *
 * The worker is made here and not by `@Processor`, which has one class of workers, and so one backend, for a whole process.
 */
export abstract class QueueWorker implements OnModuleInit, BeforeApplicationShutdown {
  private worker: Worker | undefined;

  protected constructor(
    private readonly queue: QueueName,
    private readonly work: Work,
    private readonly connection: QueueConnection,
    private readonly log: Log,
  ) {}

  abstract process(job: Job): Promise<void>;

  onModuleInit(): void {
    const { options, prefix } = this.connection;
    this.worker = new Worker(
      this.queue,
      (job) => this.process(job),
      { ...WORKER_RESILIENCE, ...this.work, connection: options as never, prefix },
      backendOf(options),
    );
    this.worker.on('error', errorLog(this.log, this.queue));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker?.close();
  }
}
