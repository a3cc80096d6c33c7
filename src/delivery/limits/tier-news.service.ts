import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Tier } from '../../contract/index.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import { type FoundAccount, GatewayDirectory } from '../../gateway/gateway-directory.js';
import { type DescribedPort, GatewayHooks } from '../../gateway/gateway-hooks.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
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

const LONG_AGO = new Date(0);

/** Limits as the network tells them: between two setups, and by one. */
@Injectable()
export class TierNewsService implements DescribedPort, OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly hooks: GatewayHooks,
    private readonly portfolios: PortfolioRepository,
    private readonly members: PortfolioMembers,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(LOG) private readonly log: Log,
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
    if (gateway) await this.tell([gateway], readAt);
  }

  /** Accounts may be older than what is known of portfolios, and settings may name a new one. */
  async onApplicationBootstrap(): Promise<void> {
    this.hooks.onChange((gatewayId) => void this.fill(this.directory.all().filter(({ id }) => id === gatewayId)));
    await this.fill(this.directory.all());
  }

  /** Makes known what is not; what the details say may be old, so it stands back behind whatever was told. */
  private async fill(gateways: readonly LoadedGateway[]): Promise<void> {
    try {
      await this.tell(gateways, LONG_AGO);
    } catch (error) {
      this.log.warn({ err: error }, 'could not make messaging limits known; the next setup or change will');
    }
  }

  private async tell(gateways: readonly LoadedGateway[], at: Date): Promise<void> {
    const byPortfolio = new Map<string, FoundAccount[]>();
    for (const gateway of gateways) {
      for (const account of gateway.accounts) {
        const found = { gateway, account };
        if (account.missing || !tierCapability(found)) continue;
        const id = portfolioOf(gateway, account);
        const own = byPortfolio.get(id);
        if (own) own.push(found);
        else byPortfolio.set(id, [found]);
      }
    }
    const tellings = [...byPortfolio].flatMap(([id, found]): Telling[] => {
      const tier = lowestTier(found.flatMap((each) => tierOf(each) ?? []));
      const [first] = found;
      return first ? [{ id, channel: first.account.channel, ...(tier && { tier }), at, source: 'setup' }] : [];
    });
    const told = await this.portfolios.told(this.database, tellings, this.clock.now());
    for (const accountId of this.members.accountIds(told)) this.admission.kick(accountId);
  }
}
