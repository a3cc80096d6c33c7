import { Inject, Injectable } from '@nestjs/common';
import type { BillingFacet } from '../contract/index.js';
import { type Arrival, ArrivalRepository } from '../delivery/arrival.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { UNKNOWN_COUNTRY, countryOfPhone } from './country-of.js';
import { localDay } from './local-day.js';
import { type CountedAccount, type DailyUse, UsageRepository } from './usage.repository.js';
import { zoneOf } from './zone-of.js';

/** So few that whoever waits for the event loop meanwhile does not notice. */
const BATCH = 1_000;
const UNKNOWN = 'unknown';

/** Counts, every second, what arrived since: taken and added in one transaction, so that each message counts once. */
@Injectable()
export class UsageRollUp extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly directory: GatewayDirectory,
    private readonly arrivals: ArrivalRepository,
    private readonly usage: UsageRepository,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    for (;;) if ((await this.count()) < BATCH) return;
  }

  private count(): Promise<number> {
    return this.database.transaction(async (sql) => {
      const arrivals = await this.arrivals.take(sql, BATCH);
      if (arrivals.length === 0) return 0;
      const ids = [...new Set(arrivals.map(({ accountId }) => accountId))];
      const accounts = new Map((await this.usage.accounts(sql, ids)).map((account) => [account.id, account]));
      const rows = new Map<string, DailyUse>();
      for (const arrival of arrivals) {
        const account = accounts.get(arrival.accountId);
        if (!account) continue;
        const use = useOf(arrival, account, this.billingOf(account));
        const key = [use.accountId, use.day, use.category, use.type, use.charged, use.country].join('\u001f');
        rows.set(key, { ...use, messages: (rows.get(key)?.messages ?? 0) + 1 });
      }
      await this.usage.add(sql, [...rows.values()]);
      return arrivals.length;
    });
  }

  private billingOf({ gatewayId, channel }: CountedAccount): BillingFacet | undefined {
    return this.directory.byId(gatewayId)?.channel(channel)?.billing;
  }
}

function useOf(
  { accountId, at, phone, userId, price }: Arrival,
  { groupDetails }: CountedAccount,
  billing: BillingFacet | undefined,
): DailyUse {
  const byPhone = phone === undefined ? undefined : countryOfPhone(phone);
  const byId = userId === undefined ? undefined : billing?.countryOf?.(userId);
  return {
    accountId,
    day: localDay(at, zoneOf(billing, groupDetails).name),
    category: price?.category ?? UNKNOWN,
    type: price?.type ?? UNKNOWN,
    charged: Boolean(price && billing?.isCharged(price)),
    country: byPhone ?? byId ?? UNKNOWN_COUNTRY,
    rateCategory: price ? (billing?.rateCategory(price.category) ?? price.category) : UNKNOWN,
    messages: 1,
  };
}
