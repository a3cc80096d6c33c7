import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import type { FoundAccount } from '../../gateway/gateway-directory.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import type { SeedDto } from './limits.dto.js';
import type { LimitsView } from './limits.view.js';
import { LimitsReader } from './limits-reader.service.js';
import { PauseScopes } from './pause-scopes.service.js';
import { PortfolioMembers, portfolioKey, tierCapability } from './portfolio-members.service.js';
import { PortfolioRepository, type Seed } from './portfolio.repository.js';

const DAY_MS = 24 * 60 * 60_000;

/** The caller's clock may be ahead of ours by so much. */
const AHEAD_MS = 60_000;

/** What another system opened before we were here takes up places until a day after it did. */
@Injectable()
export class SeedService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly scopes: PauseScopes,
    private readonly portfolios: PortfolioRepository,
    private readonly members: PortfolioMembers,
    private readonly reader: LimitsReader,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  async seed(principal: Principal, given: SeedDto): Promise<LimitsView> {
    const now = this.clock.now();
    const seeds = readSeeds(given, now);
    const gateway = this.scopes.requireGateway(principal, given.gateway);
    const found = choose(gateway, given.portfolio);
    const key = portfolioKey(found);
    await this.database.transaction(async (sql) => {
      await this.portfolios.lock(sql, key, now);
      await this.portfolios.seed(sql, key.id, seeds, now);
    });
    for (const accountId of this.members.accountIds(new Set([key.id]))) this.admission.kick(accountId);
    return this.reader.view(principal, given.gateway);
  }
}

function readSeeds({ opened, at, openings }: SeedDto, now: Date): readonly Seed[] {
  if ((opened === undefined) === (openings === undefined) || (openings && at !== undefined)) {
    throw new Problem(400, 'validation.failed', 'Give either opened, with at if it was not just now, or openings.', [
      { path: 'opened', code: 'validation.failed', message: 'give either opened or openings' },
    ]);
  }
  const given = openings ?? [{ opened: opened ?? 0, at }];
  return given.map((opening, index) => {
    const when = opening.at === undefined ? now : new Date(opening.at);
    const ageMs = now.getTime() - when.getTime();
    if (ageMs >= DAY_MS || ageMs < -AHEAD_MS) {
      const path = openings ? `openings[${index}].at` : 'at';
      throw new Problem(
        422,
        'seed.at.range',
        `${path} must lie within the last 24 hours: earlier openings have lapsed.`,
        [{ path, code: 'seed.at.range', message: 'must lie within the last 24 hours' }],
      );
    }
    return { opened: opening.opened, at: when };
  });
}

/** @throws Problem 422 when it is not clear which portfolio is meant */
function choose(gateway: LoadedGateway, wanted: string | undefined): FoundAccount {
  const byId = new Map<string, FoundAccount>();
  for (const account of gateway.accounts) {
    const found = { gateway, account };
    if (tierCapability(found)) byId.set(portfolioOf(gateway, account), found);
  }
  const fits = [...byId].filter(([id]) => wanted === undefined || id === wanted || id.endsWith(`:${wanted}`));
  const [only, ...others] = fits;
  if (only && others.length === 0) return only[1];
  const names = [...byId.keys()].slice(0, 10).join(', ') || 'none: run setup first';
  const code = fits.length === 0 ? 'portfolio.unknown' : 'portfolio.ambiguous';
  throw new Problem(422, code, `Say which portfolio of the gateway is meant; it has ${names}.`, [
    { path: 'portfolio', code, message: `must be one of ${names}` },
  ]);
}
