import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { Log } from '../logging/log.js';
import { LOG } from '../platform.tokens.js';
import { Database } from './database.js';
import { ensurePartitions } from './partitions.js';

const EVERY_MS = 60 * 60_000;

/** Partitions are made ahead while the process runs, not only when it starts. */
@Injectable()
export class PartitionKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      ensurePartitions(this.database, this.clock.now()).catch((error: unknown) =>
        this.log.warn({ err: error }, 'could not make partitions ahead; it is tried again in an hour'),
      );
    }, EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
