import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { DispatcherService } from './dispatcher.service.js';

@Injectable()
export class DispatchProcessor extends QueueWorker {
  constructor(
    private readonly dispatcher: DispatcherService,
    @Inject(QUEUE_CONNECTION) connection: QueueConnection,
    @Inject(LOG) log: Log,
  ) {
    super(QUEUES.dispatch, { concurrency: 2 }, connection, log);
  }

  async process(): Promise<void> {
    await this.dispatcher.wake();
  }
}
