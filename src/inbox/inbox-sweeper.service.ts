import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { JournalRepository } from './journal.repository.js';

/** Events whose wake-up was lost (the queue was flushed, or away when they came) are found here. */
@Injectable()
export class InboxSweeper extends Sweeper {
  constructor(
    private readonly journal: JournalRepository,
    @Inject(kickerToken(QUEUES.inbox)) private readonly inbox: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    for (const scope of await this.journal.scopesWithWork()) this.inbox.kick(scope);
  }
}
