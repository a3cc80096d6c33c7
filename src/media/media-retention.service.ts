import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { CONFIG, LOG } from '../platform/platform.tokens.js';
import { MediaFileRepository } from './media-file.repository.js';
import { MediaUploadRepository } from './media-upload.repository.js';
import { MEDIA_STAGING, MEDIA_STORE } from './media.tokens.js';
import type { MediaStore } from './storage/media-store.js';
import type { Staging } from './storage/staging.js';

const DAY_MS = 24 * 60 * 60_000;
const EVERY_MS = 60 * 60_000;
const FIRST_AFTER_MS = 90_000;
const BATCH = 200;

/** An arbitrary constant, used for nothing else. */
const RETENTION_LOCK = 7_240_841;

/** Removes files that no message has named for as long as files are kept, once an hour, one process at a time. */
@Injectable()
export class MediaRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly files: MediaFileRepository,
    private readonly uploads: MediaUploadRepository,
    @Inject(MEDIA_STAGING) private readonly staging: Staging,
    @Inject(MEDIA_STORE) private readonly store: MediaStore,
    @Inject(CONFIG) private readonly config: Pick<Config, 'retentionMediaDays'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(FIRST_AFTER_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round; false when another process is at it. */
  async run(): Promise<boolean> {
    await this.staging.sweep();
    return this.database.withLock(RETENTION_LOCK, 'media', async () => {
      const now = this.clock.now();
      const before = new Date(now.getTime() - this.config.retentionMediaDays * DAY_MS);
      let gone = 0;
      for (
        let batch = await this.unused(before);
        batch.length > 0 && !this.stopped;
        batch = await this.unused(before)
      ) {
        for (const { id, sha256 } of batch) await this.remove(id, sha256, before);
        gone += batch.length;
      }
      while ((await this.uploads.removeExpired(this.database, now, BATCH)) === BATCH && !this.stopped);
      if (gone > 0) this.log.info({ files: gone, before }, 'files that were kept for long enough are gone');
    });
  }

  private unused(before: Date): Promise<readonly { id: string; sha256: string | null }[]> {
    return this.files.unused(this.database, before, BATCH);
  }

  /** The bytes go before the row's end is committed: should this process die between the two, the next round does it again. */
  private async remove(id: string, sha256: string | null, before: Date): Promise<void> {
    await this.database.transaction(async (sql) => {
      if ((await this.files.remove(sql, id, sha256, before)) && sha256 !== null) await this.store.remove(sha256);
    });
  }

  private schedule(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.run()
        .catch((error: unknown) =>
          this.log.warn({ err: error }, 'could not remove old files; it is tried again in an hour'),
        )
        .then(() => {
          if (!this.stopped) this.schedule(EVERY_MS);
        });
    }, afterMs).unref();
  }
}
