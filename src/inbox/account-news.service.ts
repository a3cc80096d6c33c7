import { Injectable } from '@nestjs/common';
import type { AccountChanged } from '../contract/index.js';
import { AccountHolds } from '../delivery/admission/account-holds.service.js';
import { type TierNews, TierNewsService } from '../delivery/limits/tier-news.service.js';
import {
  AccountNewsRepository,
  type DetailsPatch,
  type NewsEntry,
  newsKey,
} from '../gateway/account-news.repository.js';
import { gatewayEvent } from '../gateway/gateway-events.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
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

/**
 * What the network tells of accounts between two setups: their details, the limit that they share, what else people who run them
 * must hear of, and the event for bots.
 */
@Injectable()
export class AccountNewsService {
  constructor(
    private readonly accounts: AccountNewsRepository,
    private readonly tiers: TierNewsService,
    private readonly holds: AccountHolds,
  ) {}

  /** Comes before whatever else the transaction locks: a portfolio's row is always locked first. */
  async apply(sql: Sql, items: readonly Item[], now: Date): Promise<AccountNewsEffect> {
    const told = distinct(items.flatMap(toTold));
    if (told.length === 0) return NOTHING;
    const woken = await this.tiers.apply(sql, tierNewsOf(told), now);
    const changed = await this.accounts.apply(
      sql,
      told.flatMap((one) => patchesOf(one, now)),
      now,
    );
    const ofAccounts = await this.accounts.keep(
      sql,
      'account',
      told.flatMap((one) => accountNewsOf(one, now)),
      now,
    );
    const ofGroups = await this.accounts.keep(
      sql,
      'account_group',
      told.flatMap((one) => groupNewsOf(one, now)),
      now,
    );
    const events = [...accountEvents(told, changed, ofAccounts, now), ...groupEvents(told, changed, ofGroups, now)];
    await appendEvents(sql, events, now);
    const mended = new Set(told.flatMap(({ change, concerned }) => (change.mended ? concerned.map(idOf) : [])));
    const released = await this.holds.mended(sql, [...changed, ...mended]);
    return { accountIds: [...new Set([...woken, ...changed, ...released])], wroteEvents: events.length > 0 };
  }
}

interface Told {
  readonly change: AccountChanged;
  readonly gateway: LoadedGateway;
  readonly concerned: readonly LoadedAccount[];
  readonly channel: string;
}

function toTold({ event, gateway, channel, source }: Item): Told[] {
  if (event.type !== 'account' || !gateway || channel === undefined) return [];
  const concerned = gateway.accounts.filter((account) => account.channel === channel && isToldOf(account, event));
  const change = event.standing ? { ...event, occurredAt: source.receivedAt } : event;
  return [{ change, gateway, concerned, channel }];
}

const idOf = ({ id }: LoadedAccount): string => id;

/** What was told twice at once, once. */
function distinct(told: readonly Told[]): readonly Told[] {
  return [...new Map(told.map((one) => [`${one.gateway.id} ${one.change.key}`, one])).values()];
}

function tierNewsOf(told: readonly Told[]): TierNews[] {
  return told.flatMap(({ change: { limit, occurredAt }, gateway, concerned: [account] }) =>
    limit && account ? [{ found: { gateway, account }, tier: limit, at: occurredAt }] : [],
  );
}

function patchesOf({ change: { details, name, occurredAt }, concerned }: Told, now: Date): DetailsPatch[] {
  if (!details) return [];
  const more = { details, at: notAhead(occurredAt, now), ...(name !== undefined && { name }) };
  return concerned.map(({ id }) => ({ accountId: id, ...more }));
}

function accountNewsOf({ change, concerned }: Told, now: Date): NewsEntry[] {
  if (!change.news || !isOfOne(change)) return [];
  const { news, occurredAt, standing } = change;
  const more = standing && { standing };
  return concerned.map(({ id }) => ({ ...news, ownerId: id, at: notAhead(occurredAt, now), ...more }));
}

function groupNewsOf({ change, concerned }: Told, now: Date): NewsEntry[] {
  if (!change.news || isOfOne(change)) return [];
  const { news, occurredAt, groupDetails, standing } = change;
  const more = { ...(groupDetails && { details: groupDetails }), ...(standing && { standing }) };
  const groups = [...new Set(concerned.map(({ groupId }) => groupId))];
  return groups.map((ownerId) => ({ ...news, ownerId, at: notAhead(occurredAt, now), ...more }));
}

/** Whether it concerns one account, and not its group as a whole. */
function isOfOne({ address, phone }: AccountChanged): boolean {
  return address !== undefined || phone !== undefined;
}

function notAhead(at: Date, now: Date): Date {
  return new Date(Math.min(at.getTime(), now.getTime() + AHEAD_MS));
}

/** One event for each account that is no longer what it was, with what it is now and what was told of it. */
function accountEvents(
  told: readonly Told[],
  changed: ReadonlySet<string>,
  ofAccounts: ReadonlySet<string>,
  now: Date,
): OutboxEvent[] {
  const byAccount = new Map<string, { gateway: LoadedGateway; account: LoadedAccount; changes: AccountChanged[] }>();
  for (const { change, gateway, concerned } of told) {
    for (const account of concerned) {
      const isNews = change.news && ofAccounts.has(newsKey({ ownerId: account.id, key: change.news.key }));
      if (!isNews && !(change.details && changed.has(account.id))) continue;
      const own = byAccount.get(account.id);
      if (own) own.changes.push(change);
      else byAccount.set(account.id, { gateway, account, changes: [change] });
    }
  }
  return [...byAccount.values()].map(({ gateway, account, changes }) => {
    const details = Object.assign({}, account.details, ...changes.map((change) => change.details));
    const health = gateway.channel(account.channel)?.accounts.health?.(details) ?? {};
    const name = changes.findLast((change) => change.name !== undefined)?.name ?? account.name;
    const payload = { account: { id: account.address, name, ...health }, news: changes.map(newsView) };
    return gatewayEvent('account.updated', gateway, { occurredAt: latest(changes), payload, account }, now);
  });
}

/** One event for news of a group, unless its accounts have told it already. */
function groupEvents(
  told: readonly Told[],
  changed: ReadonlySet<string>,
  ofGroups: ReadonlySet<string>,
  now: Date,
): OutboxEvent[] {
  return told.flatMap(({ change, gateway, concerned, channel }) => {
    const isTold = change.details !== undefined && concerned.some(({ id }) => changed.has(id));
    const key = change.news?.key;
    const isNew =
      key !== undefined && concerned.some(({ groupId }) => ofGroups.has(newsKey({ ownerId: groupId, key })));
    if (isOfOne(change) || isTold || !isNew) return [];
    const payload = { change: 'account_group', group: { id: change.group }, news: [newsView(change)] };
    return [gatewayEvent('gateway.updated', gateway, { occurredAt: latest([change]), payload, channel }, now)];
  });
}

function latest(changes: readonly AccountChanged[]): Date {
  return changes.map((change) => change.occurredAt).reduce((a, b) => (a > b ? a : b));
}

function newsView({ topic, event, occurredAt, raw }: AccountChanged): object {
  return { topic, ...(event !== undefined && { event }), at: occurredAt.toISOString(), value: raw };
}
