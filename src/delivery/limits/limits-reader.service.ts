import { Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import { networkThroughput, portfolioOf, throughputOf } from '../../gateway/account-limits.js';
import type { FoundAccount } from '../../gateway/gateway-directory.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { classOfRank } from '../message-class.js';
import { drainSeconds } from './drain.js';
import { HELD_AT_MOST, LimitsRepository, type Waiting } from './limits.repository.js';
import type { AccountLimitsView, LimitsView, PortfolioView } from './limits.view.js';
import { type Opened, OpenedPeople } from './opened-people.repository.js';
import { type Pause, PauseRepository } from './pause.repository.js';
import { PauseScopes } from './pause-scopes.service.js';
import { PortfolioMembers, lowestTier, tierCapability, tierOf } from './portfolio-members.service.js';
import { type Portfolio, PortfolioRepository, limitInForce } from './portfolio.repository.js';

const DAY_MS = 24 * 60 * 60_000;
const NOTHING: Waiting = { queued: 0, scheduled: 0, held: 0 };
const NOBODY: Opened = { in7Days: 0, in30Days: 0 };

/** What the views are made of, read in one moment. */
interface Readings {
  readonly now: Date;
  readonly portfolios: ReadonlyMap<string, Portfolio>;
  readonly heldByTier: ReadonlyMap<string, number>;
  readonly releases: ReadonlyMap<string, Date>;
  readonly opened: ReadonlyMap<string, Opened>;
  readonly groups: Awaited<ReturnType<LimitsRepository['groupDetails']>>;
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly factors: ReadonlyMap<string, number>;
  readonly pauses: readonly Pause[];
}

/** `GET /limits`: what is in force, what is used, what waits and for how long. */
@Injectable()
export class LimitsReader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly scopes: PauseScopes,
    private readonly members: PortfolioMembers,
    private readonly portfolios: PortfolioRepository,
    private readonly limits: LimitsRepository,
    private readonly opened: OpenedPeople,
    private readonly pauses: PauseRepository,
  ) {}

  async view(principal: Principal, wanted: string | undefined): Promise<LimitsView> {
    const shown = this.scopes
      .visible(principal, wanted)
      .flatMap((gateway) => gateway.accounts.map((account) => ({ gateway, account })))
      .toSorted((a, b) => (a.account.id < b.account.id ? 1 : -1));
    const ids = new Set(shown.filter(tierCapability).map(({ gateway, account }) => portfolioOf(gateway, account)));
    const members = new Map([...this.members.all()].filter(([id]) => ids.has(id)));
    const readings = await this.database.snapshot((sql) => this.read(sql, shown, members));
    const portfolios = new Map([...members].map(([id, found]) => [id, portfolioView(id, found, readings)]));
    return {
      portfolios: [...portfolios.values()],
      accounts: shown.map((found) => accountView(found, portfolios, readings)),
    };
  }

  private async read(
    sql: Sql,
    shown: readonly FoundAccount[],
    members: ReadonlyMap<string, readonly FoundAccount[]>,
  ): Promise<Readings> {
    const now = this.clock.now();
    const portfolioIds = [...members.keys()];
    const all = [...members.values()].flat().map(({ account }) => account);
    const accountIds = shown.map(({ account }) => account.id);
    return {
      now,
      portfolios: new Map((await this.portfolios.find(sql, portfolioIds)).map((row) => [row.id, row])),
      heldByTier: await this.limits.heldByTier(
        sql,
        all.map(({ id }) => id),
      ),
      releases: await this.limits.nextReleases(sql, portfolioIds),
      opened: await this.opened.of(sql, portfolioIds, now),
      groups: await this.limits.groupDetails(sql, [...new Set(all.map(({ groupId }) => groupId))]),
      waiting: await this.limits.waiting(sql, accountIds),
      factors: await this.limits.paceFactors(sql, accountIds, now),
      pauses: await this.pauses.all(sql, now),
    };
  }
}

function portfolioView(id: string, members: readonly FoundAccount[], readings: Readings): PortfolioView {
  const { now } = readings;
  const [first] = members;
  const unknown = (first && tierCapability(first)?.unknown) ?? 0;
  const row = readings.portfolios.get(id) ?? unmade(members);
  const limit = limitInForce(row, unknown);
  const held = members.reduce((sum, { account }) => sum + (readings.heldByTier.get(account.id) ?? 0), 0);
  const isKnown = row.knownSince !== undefined && row.knownSince.getTime() <= now.getTime() - DAY_MS;
  const nextTier = first?.gateway.channel(first.account.channel)?.accounts.nextTier?.({
    limit,
    opened: readings.opened.get(id) ?? NOBODY,
    groups: [...new Set(members.map(({ account }) => account.groupId))].flatMap((groupId) => {
      const details = readings.groups.get(groupId);
      return details ? [details] : [];
    }),
    accounts: members.map(({ account }) => account.details),
  });
  return {
    id,
    tier: row.tier,
    limit,
    used: row.used,
    free: limit === null ? null : Math.max(0, limit - row.used),
    held: Math.min(held, HELD_AT_MOST),
    nextReleaseAt: readings.releases.get(id)?.toISOString() ?? null,
    confidence: row.seededAt || isKnown ? 'full' : 'partial',
    ...(nextTier && { nextTier }),
  };
}

/** A portfolio that nothing was ever counted for, as it would be made. */
function unmade(members: readonly FoundAccount[]) {
  const tier = lowestTier(members.flatMap((found) => tierOf(found) ?? []));
  const [name, limit, unlimited] = [tier?.name ?? null, tier?.limit ?? null, tier?.limit === null];
  return { tier: name, limit, unlimited, used: 0, seededAt: null, knownSince: undefined };
}

function accountView(
  found: FoundAccount,
  portfolios: ReadonlyMap<string, PortfolioView>,
  readings: Readings,
): AccountLimitsView {
  const { gateway, account } = found;
  const waiting = readings.waiting.get(account.id) ?? NOTHING;
  const pace = paceInForce(found, readings.factors.get(account.id));
  const portfolio = tierCapability(found) && portfolios.get(portfolioOf(gateway, account));
  const quality = gateway.channel(account.channel)?.accounts.health?.(account.details).quality;
  const pause = readings.pauses.find((each) => stops(each, found));
  return {
    id: account.address,
    gateway: { id: gateway.id, uri: gateway.uri },
    channel: account.channel,
    ...(portfolio && { portfolio: portfolio.id }),
    throughput: finite(networkThroughput(gateway, account)),
    pace: finite(pace),
    quality: quality ?? null,
    ...(pause && { paused: pausedView(pause) }),
    queued: waiting.queued,
    held: waiting.held,
    estimatedDrainSeconds: drainSeconds(
      {
        queued: waiting.queued - waiting.scheduled,
        pace,
        ...(pause?.class === null && { pausedUntil: pause.until }),
        ...(portfolio && { tier: portfolio }),
      },
      readings.now,
    ),
  };
}

/** Messages per second that the account may send now. */
function paceInForce({ gateway, account }: FoundAccount, factor = 1): number {
  return throughputOf(gateway, account) * factor;
}

/** JSON has no infinity; the noise of a stored factor is rounded away. */
function finite(perSecond: number): number | null {
  return Number.isFinite(perSecond) ? Math.round(perSecond * 1000) / 1000 : null;
}

export function stops(pause: Pause, { gateway, account }: FoundAccount): boolean {
  return (
    (pause.gatewayId === null || pause.gatewayId === gateway.id) &&
    (pause.accountId === null || pause.accountId === account.id)
  );
}

export function pausedView({ reason, until, class: rank }: Pause): NonNullable<AccountLimitsView['paused']> {
  return { reason, until: until?.toISOString() ?? null, ...(rank !== null && { class: classOfRank(rank) }) };
}
