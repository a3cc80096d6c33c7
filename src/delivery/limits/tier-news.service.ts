import { Inject, Injectable } from '@nestjs/common';
import type { Tier } from '../../contract/index.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import { type FoundAccount, GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { DescribedPort } from '../../gateway/gateway-hooks.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { PortfolioMembers, lowestTier, tierCapability, tierOf } from './portfolio-members.service.js';
import { PortfolioRepository, type Telling } from './portfolio.repository.js';

/** The network told the limit that this account shares. */
export interface TierNews {
  readonly found: FoundAccount;
  readonly tier: Tier;
  readonly at: Date;
}

/** Limits as the network tells them: between two setups, and by one. */
@Injectable()
export class TierNewsService implements DescribedPort {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly portfolios: PortfolioRepository,
    private readonly members: PortfolioMembers,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  /** Returns the accounts to wake after the commit. */
  async apply(sql: Sql, news: readonly TierNews[], now: Date): Promise<readonly string[]> {
    const tellings = news.map(({ found, tier, at }): Telling => {
      const { gateway, account } = found;
      return { id: portfolioOf(gateway, account), channel: account.channel, tier, at, source: 'news' };
    });
    return this.members.accountIds(await this.portfolios.told(sql, tellings, now));
  }

  async described(gatewayId: string, readAt: Date): Promise<void> {
    const gateway = this.directory.byId(gatewayId);
    if (!gateway) return;
    const byPortfolio = new Map<string, FoundAccount[]>();
    for (const account of gateway.accounts) {
      const found = { gateway, account };
      if (account.missing || !tierCapability(found)) continue;
      const id = portfolioOf(gateway, account);
      byPortfolio.set(id, [...(byPortfolio.get(id) ?? []), found]);
    }
    const tellings = [...byPortfolio].flatMap(([id, found]): Telling[] => {
      const tier = lowestTier(found.flatMap((each) => tierOf(each) ?? []));
      const [first] = found;
      return first ? [{ id, channel: first.account.channel, ...(tier && { tier }), at: readAt, source: 'setup' }] : [];
    });
    const told = await this.portfolios.told(this.database, tellings, this.clock.now());
    for (const accountId of this.members.accountIds(told)) this.admission.kick(accountId);
  }
}
