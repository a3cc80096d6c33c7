import { describe, expect, it } from '@jest/globals';
import type { GatewayType, JsonObject } from '../contract/index.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import { portfolioOf, throughputOf } from './account-limits.js';
import { type LoadedAccount, LoadedGateway } from './loaded-gateway.js';

/** A network whose accounts say themselves how fast they are, and one that names no pace. */
const chat = {
  channel: 'chat',
  capabilities: { limits: { throughput: { default: 80, countsInbound: true } } },
  accounts: { limits: ({ fast }: JsonObject) => (typeof fast === 'number' ? { throughput: fast } : {}) },
};
const plain = { channel: 'plain', capabilities: {}, accounts: {} };
const type = {
  webhook: {},
  channels: [chat, plain],
  policies: ({ pace, portfolio }: Record<string, string>) => ({
    ...(pace && { pace: Number(pace) }),
    ...(portfolio && { portfolio }),
  }),
} as unknown as GatewayType;

function gatewayWith(settings: Record<string, string>): LoadedGateway {
  const fields = { id: 'g', uri: 'g', name: 'g', type, enabled: true, settings, status: 'ok' as const, accounts: [] };
  return new LoadedGateway(fields, 'https://p.test', {} as HttpClient, { of: () => [] });
}

function accountWith(more: Partial<LoadedAccount> = {}, details: JsonObject = {}): LoadedAccount {
  return {
    id: 'a',
    gatewayId: 'g',
    groupId: 'w',
    group: '102',
    channel: 'chat',
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
    [{}, {}, 'chat:102'],
    [{}, { portfolio: '50' }, 'chat:50'],
    [{ portfolio: 'acme' }, { portfolio: '50' }, 'chat:acme'],
  ])('%j, %j is %s', (settings, account, expected) => {
    expect(portfolioOf(gatewayWith(settings), accountWith(account))).toBe(expected);
  });
});

describe('the pace of an account', () => {
  it.each<[Record<string, string>, JsonObject, number]>([
    [{}, {}, 80],
    [{}, { fast: 'no' }, 80],
    [{}, { fast: 1000 }, 1000],
    [{ pace: '30' }, { fast: 1000 }, 30],
    [{ pace: '0.5' }, {}, 0.5],
    [{ pace: '500' }, {}, 80],
    [{ pace: '500' }, { fast: 20 }, 20],
  ])('%j, %j is %s a second', (settings, details, expected) => {
    expect(throughputOf(gatewayWith(settings), accountWith({}, details))).toBe(expected);
  });

  it('has no bound where the network names none', () => {
    expect(throughputOf(gatewayWith({}), accountWith({ channel: 'plain' }))).toBe(Number.POSITIVE_INFINITY);
  });
});
