import { Injectable } from '@nestjs/common';
import type { LimitCapabilities, Tier } from '../../contract/index.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import { type FoundAccount, GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { PortfolioKey } from './portfolio.repository.js';

/** Which accounts share which limit, from memory. */
@Injectable()
export class PortfolioMembers {
  constructor(private readonly directory: GatewayDirectory) {}

  /** The accounts of every portfolio, of all gateways; accounts of networks without such a limit are in none. */
  all(): ReadonlyMap<string, readonly FoundAccount[]> {
    const members = new Map<string, FoundAccount[]>();
    for (const gateway of this.directory.all()) {
      for (const account of gateway.accounts) {
        const found = { gateway, account };
        if (!tierCapability(found)) continue;
        const id = portfolioOf(gateway, account);
        const own = members.get(id);
        if (own) own.push(found);
        else members.set(id, [found]);
      }
    }
    return members;
  }

  accountIds(portfolioIds: ReadonlySet<string>): readonly string[] {
    if (portfolioIds.size === 0) return [];
    return [...this.all()].flatMap(([id, members]) =>
      portfolioIds.has(id) ? members.map(({ account }) => account.id) : [],
    );
  }
}

export function tierCapability({ gateway, account }: FoundAccount): LimitCapabilities['tier'] {
  return gateway.channel(account.channel)?.capabilities.limits?.tier;
}

/** What the details of one account say of the limit that it shares. */
export function tierOf({ gateway, account }: FoundAccount): Tier | undefined {
  return gateway.channel(account.channel)?.accounts.limits?.(account.details).tier;
}

/**
 * Names the portfolio of an account, with what its details say of the limit: what `PortfolioRepository.lock` needs to make the
 * row at its first need.
 */
export function portfolioKey(found: FoundAccount): PortfolioKey {
  const { gateway, account } = found;
  const tier = tierOf(found);
  return {
    id: portfolioOf(gateway, account),
    channel: account.channel,
    ...(tier && { tier }),
    ...(tier && account.toldAt && { toldAt: account.toldAt }),
  };
}

/** Numbers that share a limit should be told the same one; while they are not, the lowest is kept to. */
export function lowestTier(tiers: readonly Tier[]): Tier | undefined {
  const value = ({ limit }: Tier): number => limit ?? Number.POSITIVE_INFINITY;
  return tiers.toSorted((a, b) => value(a) - value(b))[0];
}
