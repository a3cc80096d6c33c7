import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { JournalRepository } from './journal.repository.js';

const TICK_MS = 1_000;

/** Events whose wake-up was lost (the queue was flushed, or away when they came) are found here. */
@Injectable()
export class InboxSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly journal: JournalRepository,
    @Inject(kickerToken(QUEUES.inbox)) private readonly inbox: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick()
        .catch((error: unknown) => this.log.warn({ err: error }, 'the inbox sweep failed; it is tried again'))
        .then(() => {
          if (!this.stopped) this.schedule();
        });
    }, TICK_MS);
  }

  private async tick(): Promise<void> {
    for (const scope of await this.journal.scopesWithWork()) this.inbox.kick(scope);
  }
}
