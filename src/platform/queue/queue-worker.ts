import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import type { Log } from '../logging/log.js';
import { errorLog } from './error-log.js';
import type { QueueName } from './queues.js';

/** What our processors have in common: faults of the queue go to the log. */
export abstract class QueueWorker extends WorkerHost {
  private readonly report: (error: Error) => void;

  protected constructor(log: Log, queue: QueueName) {
    super();
    this.report = errorLog(log, queue);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.report(error);
  }
}
