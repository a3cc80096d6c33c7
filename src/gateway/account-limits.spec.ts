import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../contract/index.js';
import { messenger } from '../channels/messenger/index.js';
import { loopback } from '../channels/loopback/index.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import { portfolioOf, throughputOf } from './account-limits.js';
import { type LoadedAccount, LoadedGateway } from './loaded-gateway.js';

const whatsApp = messenger({ graphUrl: 'https://graph.test', graphVersion: 'v26.0' });

function gatewayWith(settings: Record<string, string>, type = whatsApp): LoadedGateway {
  const fields = { id: 'g', uri: 'g', name: 'g', type, enabled: true, settings, status: 'ok' as const, accounts: [] };
  return new LoadedGateway(fields, 'https://p.test', {} as HttpClient, { of: () => [] });
}

function accountWith(more: Partial<LoadedAccount> = {}, details: JsonObject = {}): LoadedAccount {
  return {
    id: 'a',
    gatewayId: 'g',
    groupId: 'w',
    group: '102',
    channel: 'whatsapp',
    address: '106',
    name: 'n',
    details,
    active: true,
    enabled: true,
    missing: false,
    ...more,
  };
}

describe('what shares a limit', () => {
  it.each<[Record<string, string>, Partial<LoadedAccount>, string]>([
    [{}, {}, 'whatsapp:102'],
    [{}, { portfolio: '50' }, 'whatsapp:50'],
    [{ portfolio: 'acme' }, { portfolio: '50' }, 'whatsapp:acme'],
  ])('%j, %j is %s', (settings, account, expected) => {
    expect(portfolioOf(gatewayWith(settings), accountWith(account))).toBe(expected);
  });
});

describe('the pace of an account', () => {
  it.each<[Record<string, string>, JsonObject, number]>([
    [{}, {}, 80],
    [{}, { throughput: { level: 'NOT_APPLICABLE' } }, 80],
    [{}, { throughput: { level: 'HIGH' } }, 1000],
    [{ pace: '30' }, { throughput: { level: 'HIGH' } }, 30],
    [{ pace: '0.5' }, {}, 0.5],
    [{ pace: '500' }, {}, 80],
    [{ pace: '500' }, { is_on_biz_app: true }, 20],
  ])('%j, %j is %s a second', (settings, details, expected) => {
    expect(throughputOf(gatewayWith(settings), accountWith({}, details))).toBe(expected);
  });

  it('has no bound where the network names none', () => {
    expect(throughputOf(gatewayWith({}, loopback), accountWith({ channel: 'loopback' }))).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
