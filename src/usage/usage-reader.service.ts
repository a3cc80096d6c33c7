import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { GatewayTypes } from '../gateway/gateway-types.js';
import { Problem } from '../platform/problem/problem.js';
import type { UsageQuery } from './usage.dto.js';
import { type UsageFilter, type UsagePart, USAGE_PARTS, type UsageRow, UsageRepository } from './usage.repository.js';
import type { FreeUseView, UsageItemView, UsageView } from './usage.view.js';
import { zoneOf } from './zone-of.js';

/** What was delivered in a span of days, from the daily table. */
@Injectable()
export class UsageReader {
  constructor(
    private readonly usage: UsageRepository,
    private readonly directory: GatewayDirectory,
    private readonly types: GatewayTypes,
  ) {}

  async view(principal: Principal, query: UsageQuery): Promise<UsageView> {
    const { from, to, currency = 'USD' } = query;
    requireSpan(from, to);
    const wanted = query.groupBy?.split(',') ?? [];
    const parts = USAGE_PARTS.filter((part) => wanted.includes(part));
    const filter = { gateways: this.gatewaysOf(principal, query.gateway), from, to };
    const [rows, [total], free] = await Promise.all([
      this.usage.report(filter, parts, currency),
      this.usage.report(filter, [], currency),
      this.free(filter),
    ]);
    const none = { messages: '0', charged: '0', unpriced: '0', cost: null };
    return {
      from,
      to,
      items: parts.length === 0 ? [] : rows.map((row) => itemOf(row, parts, currency)),
      total: itemOf(total ?? none, [], currency),
      free,
    };
  }

  private async free(filter: UsageFilter): Promise<readonly FreeUseView[]> {
    const channels = new Map(this.types.all().flatMap(({ channels: all }) => all.map((one) => [one.channel, one])));
    const views: FreeUseView[] = [];
    for (const { channel, billing } of channels.values()) {
      const free = billing?.free;
      if (!free) continue;
      const rows = await this.usage.monthly(filter, { channel, ...free });
      const accounts = await this.usage.ofAccounts([...new Set(rows.map(({ accountId }) => accountId))]);
      for (const { accountId, address, month, messages } of rows) {
        const used = Number(messages);
        views.push({
          account: address,
          month,
          timeZone: zoneOf(billing, accounts.find(({ id }) => id === accountId)?.groupDetails ?? {}),
          category: free.category,
          used,
          limit: free.perMonth,
          left: Math.max(0, free.perMonth - used),
        });
      }
    }
    return views;
  }

  private gatewaysOf(principal: Principal, wanted: string | undefined): readonly string[] | null {
    if (wanted === undefined) return gatewayLimit(principal);
    const gateway = this.directory.byIdOrUri(wanted);
    if (gateway && mayAccessGateway(principal, gateway.id)) return [gateway.id];
    throw new Problem(422, 'gateway.unknown', 'There is no gateway with this id or uri.', [
      { path: 'gateway', code: 'gateway.unknown', message: 'is not the id or uri of a gateway' },
    ]);
  }
}

function requireSpan(from: string, to: string): void {
  for (const [path, day] of Object.entries({ from, to })) {
    if (new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)) continue;
    throw new Problem(400, 'usage.day', `There is no ${day}.`, [
      { path, code: 'usage.day', message: 'is no day of the calendar' },
    ]);
  }
  if (from <= to) return;
  throw new Problem(400, 'usage.span', `${from} is after ${to}.`, [
    { path: 'to', code: 'usage.span', message: 'must not be before from' },
  ]);
}

function itemOf(row: UsageRow, parts: readonly UsagePart[], currency: string): UsageItemView {
  const unpriced = Number(row.unpriced);
  return {
    ...Object.fromEntries(parts.map((part) => [part, row[part]])),
    messages: Number(row.messages),
    charged: Number(row.charged),
    ...(row.cost !== null && { cost: { currency, amount: Number(row.cost) } }),
    ...(unpriced > 0 && { unpriced }),
  };
}
