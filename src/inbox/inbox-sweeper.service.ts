import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { JournalRepository } from './journal.repository.js';

/** Events whose wake-up was lost (the queue was flushed, or away when they came; the process that had it died) are found here. */
@Injectable()
export class InboxSweeper extends Sweeper {
  /** the oldest event of each scope at the last look: where it is still the same, whoever had the scope may be dead */
  private oldest: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly journal: JournalRepository,
    @Inject(kickerToken(QUEUES.inbox)) private readonly inbox: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const oldest = await this.journal.scopesWithWork();
    for (const scope of oldest.keys()) this.inbox.kick(scope);
    for (const [scope, event] of oldest) if (this.oldest.get(scope) === event) await this.inbox.rescue(scope);
    this.oldest = oldest;
  }
}
