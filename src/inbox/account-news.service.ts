import { Injectable } from '@nestjs/common';
import type { AccountChanged } from '../contract/index.js';
import { AccountHolds } from '../delivery/admission/account-holds.service.js';
import { type TierNews, TierNewsService } from '../delivery/limits/tier-news.service.js';
import { AccountNewsRepository, type DetailsPatch } from '../gateway/account-news.repository.js';
import type { FoundAccount } from '../gateway/gateway-directory.js';
import { gatewayEvent } from '../gateway/gateway-events.js';
import type { Sql } from '../platform/database/database.js';
import { type OutboxEvent, appendEvents } from '../platform/outbox/outbox.js';
import { type Item, isToldOf } from './normalize.js';

/** The clocks of networks are ahead of ours by less than this; a stamp beyond it must not shut out all later news. */
const AHEAD_MS = 5 * 60_000;

export interface AccountNewsEffect {
  /** to wake after the commit */
  readonly accountIds: readonly string[];
  readonly wroteEvents: boolean;
}

const NOTHING: AccountNewsEffect = { accountIds: [], wroteEvents: false };

/** What the network tells of accounts between two setups: their details, the limit that they share, and the event for bots. */
@Injectable()
export class AccountNewsService {
  constructor(
    private readonly accounts: AccountNewsRepository,
    private readonly tiers: TierNewsService,
    private readonly holds: AccountHolds,
  ) {}

  /** Comes before whatever else the transaction locks: a portfolio's row is always locked first. */
  async apply(sql: Sql, items: readonly Item[], now: Date): Promise<AccountNewsEffect> {
    const told = items.flatMap(toTold);
    if (told.length === 0) return NOTHING;
    const woken = await this.tiers.apply(sql, tierNewsOf(told), now);
    const patches = told.flatMap(({ change, concerned }) => patchesOf(change, concerned, now));
    const changed = await this.accounts.apply(sql, patches, now);
    const events = eventsOf(told, changed, now);
    await appendEvents(sql, events, now);
    const mended = new Set(told.flatMap(({ change, concerned }) => (change.mended ? concerned.map(idOf) : [])));
    const released = await this.holds.mended(sql, [...changed, ...mended]);
    return { accountIds: [...new Set([...woken, ...changed, ...released])], wroteEvents: events.length > 0 };
  }
}

interface Told {
  readonly change: AccountChanged;
  readonly concerned: readonly FoundAccount[];
}

function toTold({ event, gateway, channel }: Item): Told[] {
  if (event.type !== 'account' || !gateway || channel === undefined) return [];
  const concerned = gateway.accounts.filter((account) => account.channel === channel && isToldOf(account, event));
  return [{ change: event, concerned: concerned.map((account) => ({ gateway, account })) }];
}

const idOf = ({ account }: FoundAccount): string => account.id;

function tierNewsOf(told: readonly Told[]): TierNews[] {
  return told.flatMap(({ change: { limit, occurredAt }, concerned: [found] }) =>
    limit && found ? [{ found, tier: limit, at: occurredAt }] : [],
  );
}

function patchesOf(
  { details, occurredAt }: AccountChanged,
  concerned: readonly FoundAccount[],
  now: Date,
): DetailsPatch[] {
  if (!details) return [];
  const at = new Date(Math.min(occurredAt.getTime(), now.getTime() + AHEAD_MS));
  return concerned.map(({ account }) => ({ accountId: account.id, details, at }));
}

/** One event for each account that is no longer what it was, with what it is now. */
function eventsOf(told: readonly Told[], changed: ReadonlySet<string>, now: Date): OutboxEvent[] {
  const byAccount = new Map<string, { found: FoundAccount; changes: AccountChanged[] }>();
  for (const { change, concerned } of told) {
    for (const found of concerned) {
      if (!changed.has(found.account.id)) continue;
      const own = byAccount.get(found.account.id);
      if (own) own.changes.push(change);
      else byAccount.set(found.account.id, { found, changes: [change] });
    }
  }
  return [...byAccount.values()].map(({ found, changes }) => accountEvent(found, changes, now));
}

function accountEvent({ gateway, account }: FoundAccount, changes: readonly AccountChanged[], now: Date): OutboxEvent {
  const occurredAt = changes.map((change) => change.occurredAt).reduce((a, b) => (a > b ? a : b));
  const details = Object.assign({}, account.details, ...changes.map((change) => change.details));
  const health = gateway.channel(account.channel)?.accounts.health?.(details) ?? {};
  const payload = { account: { id: account.address, name: account.name, ...health } };
  return gatewayEvent('account.updated', gateway, { occurredAt, payload, account }, now);
}
