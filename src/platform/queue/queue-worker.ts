import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { Log } from '../logging/log.js';
import { errorLog } from './error-log.js';
import type { QueueName } from './queues.js';

/**
 * What our processors have in common: faults of the queue go to the log, and a stopping process finishes its jobs while the
 * queues are still open. Nest closes queues and workers side by side, and a job that adds to a closed queue waits for ever.
 */
export abstract class QueueWorker extends WorkerHost implements BeforeApplicationShutdown {
  private readonly report: (error: Error) => void;

  protected constructor(log: Log, queue: QueueName) {
    super();
    this.report = errorLog(log, queue);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.report(error);
  }
}
