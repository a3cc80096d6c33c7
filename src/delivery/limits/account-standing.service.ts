import { Inject, Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { StandingPort } from '../../gateway/gateway-hooks.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { AccountFactsRepository } from '../admission/account-facts.repository.js';
import { AccountHolds } from '../admission/account-holds.service.js';
import { pausedView, stops } from './limits-reader.service.js';
import { LimitsRepository } from './limits.repository.js';
import { PauseRepository } from './pause.repository.js';
import { standingView } from './standing-view.js';

/** What the gateway room shows with an account and cannot know: what keeps it from sending, and what waits for that. */
@Injectable()
export class AccountStanding implements StandingPort {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly limits: LimitsRepository,
    private readonly pauses: PauseRepository,
    private readonly facts: AccountFactsRepository,
    private readonly holds: AccountHolds,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  async standings(accountIds: readonly string[]): Promise<ReadonlyMap<string, object>> {
    if (accountIds.length === 0) return new Map();
    const now = this.clock.now();
    const [waiting, pauses, holds] = await Promise.all([
      this.limits.waiting(this.database, accountIds),
      this.pauses.all(this.database, now),
      this.facts.holdsOf(this.database, accountIds, now),
    ]);
    return new Map(
      accountIds.map((id) => {
        const found = this.directory.accountById(id);
        const pause = found && pauses.find((each) => stops(each, found));
        const { queued, held } = waiting.get(id) ?? { queued: 0, held: 0 };
        const own = holds.filter(({ accountId }) => accountId === id);
        return [id, { ...(pause && { paused: pausedView(pause) }), ...standingView(own), queued, held }];
      }),
    );
  }

  mended(sql: Sql, accountIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.holds.mended(sql, accountIds);
  }

  wake(accountIds: Iterable<string>): void {
    for (const id of accountIds) this.admission.kick(id);
  }
}
