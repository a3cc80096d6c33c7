import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { MediaFileRepository } from './media-file.repository.js';
import { fetchKey, uploadKey } from './media-key.js';
import { MediaUploadRepository } from './media-upload.repository.js';

const AT_ONCE = 100;

/** Files whose next try is due, and those whose job was lost or whose process died with them. */
@Injectable()
export class MediaSweeper extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly files: MediaFileRepository,
    private readonly uploads: MediaUploadRepository,
    @Inject(kickerToken(QUEUES.media)) private readonly work: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    // First what messages wait for.
    for (const id of await this.uploads.due(this.database, now, AT_ONCE)) this.work.kick(uploadKey(id));
    for (const id of await this.files.due(this.database, now, AT_ONCE)) this.work.kick(fetchKey(id));
  }
}
