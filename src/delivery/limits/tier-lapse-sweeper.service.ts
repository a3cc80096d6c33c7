import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Sweeper } from '../../platform/process/sweeper.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { OpenedPeople } from './opened-people.repository.js';
import { PortfolioMembers } from './portfolio-members.service.js';
import { TierLapseRepository } from './tier-lapse.repository.js';

const FORGET_EVERY_MS = 60 * 60_000;

/** Places of messaging limits that time gives back; whoever waits for one is woken. */
@Injectable()
export class TierLapseSweeper extends Sweeper {
  private forgotAt = new Date(0);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly lapses: TierLapseRepository,
    private readonly members: PortfolioMembers,
    private readonly opened: OpenedPeople,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    for (const portfolioId of await this.lapses.due(now)) await this.lapse(portfolioId, now);
    if (now.getTime() - this.forgotAt.getTime() < FORGET_EVERY_MS) return;
    this.forgotAt = now;
    await this.opened.forgetOld(this.database, now);
  }

  private async lapse(portfolioId: string, now: Date): Promise<void> {
    let freed = 0;
    for (;;) {
      const { places, seeds } = await this.lapses.lapse(portfolioId, now);
      freed += places + seeds;
      if (places < this.lapses.batch) break;
    }
    // another process may have been faster: then it has woken them
    if (freed === 0) return;
    for (const accountId of this.members.accountIds(new Set([portfolioId]))) this.admission.kick(accountId);
  }
}
