import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { MediaFetcher } from './inbound/fetcher.service.js';
import { MediaCalls } from './media-calls.service.js';
import { parseKey } from './media-key.js';
import { MediaUploader } from './outbound/uploader.service.js';

@Injectable()
export class MediaProcessor extends QueueWorker {
  constructor(
    private readonly fetcher: MediaFetcher,
    private readonly uploader: MediaUploader,
    private readonly calls: MediaCalls,
    @Inject(QUEUE_CONNECTION) connection: QueueConnection,
    @Inject(LOG) log: Log,
  ) {
    super(QUEUES.media, { concurrency: 8 }, connection, log);
  }

  /** A large file takes longer than a process may take to stop: it is cut off, and carried again. */
  override async beforeApplicationShutdown(): Promise<void> {
    this.calls.stop();
    await super.beforeApplicationShutdown();
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    const wanted = parseKey(job.data.key);
    if (!wanted) return;
    await this.calls.untilEnd(wanted.kind === 'fetch' ? this.fetcher.run(wanted.id) : this.uploader.run(wanted.id));
  }
}
