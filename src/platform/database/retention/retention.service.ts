import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../clock/clock.js';
import type { Config } from '../../config/config.js';
import type { Log } from '../../logging/log.js';
import { CONFIG, LOG } from '../../platform.tokens.js';
import { Database } from '../database.js';
import { RETAINED, type Span } from './retained.js';
import { RetentionRepository } from './retention.repository.js';

const DAY_MS = 24 * 60 * 60_000;
const EVERY_MS = 60 * 60_000;
const FIRST_AFTER_MS = 60_000;

/** An arbitrary constant, used for nothing else. */
const RETENTION_LOCK = 7_240_617;

/** A table that is never free for a moment is left until the next hour. */
const TRIES = 10;
const TRY_AGAIN_MS = 1_000;

/** Drops what is older than the installation keeps it, once an hour, one process at a time. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly rows: RetentionRepository,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'roles' | 'retentionEventsDays' | 'retentionMessagesDays'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.roles.has('worker')) this.schedule(FIRST_AFTER_MS);
  }

  /** What runs ends after the statement that it is at. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round; false when another process is at it. */
  async run(): Promise<boolean> {
    return this.database.withLock(RETENTION_LOCK, 'retention', async () => {
      const before = {
        events: this.cutoff(this.config.retentionEventsDays),
        messages: this.cutoff(this.config.retentionMessagesDays),
      };
      const gone: Record<string, number> = {};
      const count = (what: string, rows: number): void => {
        if (rows > 0) gone[what] = (gone[what] ?? 0) + rows;
      };
      count('unhandled_event', await this.batches(() => this.rows.trimUnhandled(before.events)));
      count('stream_event', await this.batches(() => this.rows.trimStreams(before.events)));
      count('stream_interest', await this.batches(() => this.rows.trimStreamInterests(before.events)));
      await this.dropPartitions(before, count);
      await this.trim(before, count, 'partitions of message' in gone);
      if (Object.keys(gone).length > 0) this.log.info({ gone, before }, 'what was kept for long enough is gone');
    });
  }

  private async dropPartitions(before: Record<Span, Date>, count: (what: string, rows: number) => void): Promise<void> {
    for (const retained of RETAINED) {
      for (const partition of await this.rows.partitionsBefore(retained, before[retained.span])) {
        for (let tries = 1; !this.stopped; tries += 1) {
          const result = await this.rows.drop(retained, partition);
          if (result === 'dropped') count(`partitions of ${retained.table}`, 1);
          if (result !== 'busy') break;
          if (tries === TRIES) {
            this.log.warn({ partition: partition.name }, 'an old partition is in use; it is dropped in an hour');
            break;
          }
          await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
        }
      }
    }
  }

  /** Rows without a partition of their own, and what only spoke of rows that are gone. */
  private async trim(
    before: Record<Span, Date>,
    count: (what: string, rows: number) => void,
    messagesWent: boolean,
  ): Promise<void> {
    let wentFromDefault = false;
    for (const retained of RETAINED) {
      const deleted = await this.batches(() => this.rows.trimDefault(retained, before[retained.span]));
      count(retained.table, deleted);
      if (retained.table === 'message') wentFromDefault = deleted > 0;
    }
    if (!messagesWent && !wentFromDefault) return;
    const oldest = await this.rows.oldestMessage(before.messages);
    for await (const deleted of this.rows.trimRefs(oldest)) {
      count('message_ref', deleted);
      if (this.stopped) return;
    }
    for await (const deleted of this.rows.trimDialogs(before.messages)) {
      count('dialog', deleted);
      if (this.stopped) return;
    }
  }

  private async batches(batch: () => Promise<{ deleted: number; more: boolean }>): Promise<number> {
    let sum = 0;
    for (let more = true; more && !this.stopped;) {
      const result = await batch();
      sum += result.deleted;
      more = result.more;
    }
    return sum;
  }

  private cutoff(days: number): Date {
    return new Date(this.clock.now().getTime() - days * DAY_MS);
  }

  private schedule(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.run()
        .catch((error: unknown) =>
          this.log.warn({ err: error }, 'could not drop what is old; it is tried again in an hour'),
        )
        .then(() => {
          if (!this.stopped) this.schedule(EVERY_MS);
        });
    }, afterMs).unref();
  }
}
