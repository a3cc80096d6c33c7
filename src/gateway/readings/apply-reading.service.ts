import { Inject, Injectable } from '@nestjs/common';
import type { AccountDescription, AccountGroup } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { type OutboxEvent, appendEvents } from '../../platform/outbox/outbox.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { AccountNewsRepository, type KnownAccount } from '../account-news.repository.js';
import { gatewayEvent } from '../gateway-events.js';
import { GatewayChanges } from '../gateway-changes.js';
import { GatewayHooks } from '../gateway-hooks.js';
import type { LoadedAccount, LoadedGateway } from '../loaded-gateway.js';
import { whatChanged } from './what-changed.js';

/** What was read by our clock counts as so much older: news that crossed it must not be taken for late. */
const SKEW_MS = 60_000;

/** What the network has just shown of accounts that we know. */
export interface Found {
  readonly gateway: LoadedGateway;
  readonly channel: string;
  readonly accounts: readonly AccountDescription[];
  /** their group, where it was read too */
  readonly group?: AccountGroup;
  /** our time before the network was asked */
  readonly readAt: Date;
}

/**
 * Makes a reading true: what it changes is stored, told once (`account.updated`), and reaches whoever judges by it, as if a webhook
 * had told it. Accounts that are not known are left to setup, and so are those that it no longer shows.
 */
@Injectable()
export class ApplyReading {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly news: AccountNewsRepository,
    private readonly changes: GatewayChanges,
    private readonly hooks: GatewayHooks,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  /** Returns how many accounts are no longer what they were. */
  async apply(found: Found): Promise<number> {
    const { gateway, readAt } = found;
    const outcome = await this.database.transaction((sql) => this.write(sql, found));
    if (outcome.changed.size > 0 || outcome.isGroupChanged) {
      await this.changes.settle(gateway.id);
      this.dispatch.kick('events');
    }
    // Limits are judged by all that share them, so they are told by what is in force now.
    if (outcome.changed.size > 0) await this.hooks.described(gateway.id, readAt);
    this.hooks.wake(outcome.released);
    return outcome.changed.size;
  }

  private async write(sql: Sql, { gateway, channel, accounts, group, readAt }: Found) {
    const now = this.clock.now();
    const at = new Date(readAt.getTime() - SKEW_MS);
    const read = accounts.flatMap((described) => {
      const account = gateway.account(channel, described.address);
      return account ? [{ account, described }] : [];
    });
    const known = await this.news.lock(
      sql,
      read.map(({ account }) => account.id),
    );
    const patches = read.map(({ account, described }) => ({
      accountId: account.id,
      details: described.details,
      name: described.name,
      at,
    }));
    const changed = await this.news.apply(sql, patches, now);
    const isGroupChanged = group !== undefined && (await this.news.regroup(sql, gateway.id, channel, group, now));
    const events = read.flatMap(({ account, described }) => {
      const before = known.get(account.id);
      return before && changed.has(account.id)
        ? [accountEvent(gateway, { account, before, described }, readAt, now)]
        : [];
    });
    if (isGroupChanged && events.length === 0) events.push(groupEvent(gateway, channel, group, readAt, now));
    await appendEvents(sql, events, now);
    const released = changed.size === 0 ? new Set<string>() : await this.hooks.mended(sql, [...changed]);
    return { changed, isGroupChanged, released };
  }
}

interface Change {
  readonly account: LoadedAccount;
  readonly before: KnownAccount;
  readonly described: AccountDescription;
}

function accountEvent(
  gateway: LoadedGateway,
  { account, before, described }: Change,
  occurredAt: Date,
  now: Date,
): OutboxEvent {
  const details = { ...before.details, ...described.details };
  const health = gateway.channel(account.channel)?.accounts.health?.(details) ?? {};
  const renamed = before.name === described.name ? [] : [{ field: 'name', from: before.name, to: described.name }];
  const payload = {
    account: { id: account.address, name: described.name, ...health },
    changes: [...renamed, ...whatChanged(before.details, described.details)],
  };
  return gatewayEvent('account.updated', gateway, { occurredAt, payload, account }, now);
}

function groupEvent(
  gateway: LoadedGateway,
  channel: string,
  group: AccountGroup,
  occurredAt: Date,
  now: Date,
): OutboxEvent {
  const payload = { change: 'account_group', group: { id: group.address, name: group.name } };
  return gatewayEvent('gateway.updated', gateway, { occurredAt, payload, channel }, now);
}
