import { Processor } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { QueueWorker } from '../platform/queue/queue-worker.js';
import { BULL_CONFIG_KEY, QUEUES, WORKER_RESILIENCE } from '../platform/queue/queues.js';
import { MediaFetcher } from './inbound/fetcher.service.js';
import { MediaCalls } from './media-calls.service.js';
import { parseKey } from './media-key.js';
import { MediaUploader } from './outbound/uploader.service.js';

@Injectable()
@Processor({ name: QUEUES.media, configKey: BULL_CONFIG_KEY }, { ...WORKER_RESILIENCE, concurrency: 8 })
export class MediaProcessor extends QueueWorker {
  constructor(
    private readonly fetcher: MediaFetcher,
    private readonly uploader: MediaUploader,
    private readonly calls: MediaCalls,
    @Inject(LOG) log: Log,
  ) {
    super(log, QUEUES.media);
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
