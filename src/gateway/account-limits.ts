import type { LoadedAccount, LoadedGateway } from './loaded-gateway.js';

/**
 * What shares one messaging limit, as the table of portfolios names it: the business that owns the group, the group itself
 * where the network does not say, or what the gateway's settings put in the place of both.
 */
export function portfolioOf(gateway: LoadedGateway, account: LoadedAccount): string {
  const given = gateway.type.policies(gateway.settings).portfolio;
  return `${account.channel}:${given ?? account.portfolio ?? account.group}`;
}

/** Messages per second that the account may send; infinite where the network names no pace and the settings set none. */
export function throughputOf(gateway: LoadedGateway, account: LoadedAccount): number {
  const { pace } = gateway.type.policies(gateway.settings);
  return Math.min(networkThroughput(gateway, account), pace ?? Number.POSITIVE_INFINITY);
}

/** The same before the settings lower it. */
export function networkThroughput(gateway: LoadedGateway, account: LoadedAccount): number {
  const channel = gateway.channel(account.channel);
  const told = channel?.accounts.limits?.(account.details).throughput;
  return told ?? channel?.capabilities.limits?.throughput.default ?? Number.POSITIVE_INFINITY;
}
