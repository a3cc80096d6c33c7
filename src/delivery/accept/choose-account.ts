import type { Channel } from '../../contract/index.js';
import type { LoadedAccount, LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Problem } from '../../platform/problem/problem.js';
import { type Target, mayReach } from '../../dialog/target.js';

export interface Sender {
  readonly account: LoadedAccount;
  readonly channel: Channel;
}

/** The sender of a message: the one that was named, or the only one that fits. A phone number fits no channel that knows only ids. */
export function chooseAccount(
  gateway: LoadedGateway,
  { channel: channelName, account: address }: { readonly channel?: string; readonly account?: string },
  target: Target,
): Sender {
  if (channelName !== undefined && !gateway.channel(channelName)) {
    const names = gateway.type.channels.map(({ channel }) => channel).join(', ');
    throw new Problem(
      422,
      'channel.unknown',
      `The gateway ${gateway.uri} has no channel ${channelName}; it has ${names}.`,
    );
  }
  const candidates = gateway.accounts.filter(
    (account) =>
      (channelName === undefined || account.channel === channelName) &&
      (address === undefined || account.address === address),
  );
  if (address !== undefined && candidates.length === 0) {
    throw new Problem(422, 'account.unknown', `The gateway ${gateway.uri} has no account ${address}.`);
  }
  const reaching = candidates.filter(({ channel }) => mayReach(gateway.channel(channel), target));
  const fitting = reaching.length > 0 ? reaching : candidates;
  const usable = fitting.filter(({ active, enabled }) => active && enabled);
  const [only, ...others] = usable.length > 0 ? usable : fitting;
  if (!only)
    throw new Problem(
      422,
      'account.unknown',
      `The gateway ${gateway.uri} has no account yet: run setup and subscribe on its callback URI.`,
    );
  if (others.length > 0) {
    const addresses = [only, ...others].slice(0, 10).map((account) => account.address);
    throw new Problem(
      422,
      'account.required',
      `Several accounts of ${gateway.uri} could send this; name one in "account": ${addresses.join(', ')}.`,
    );
  }
  return senderOf(gateway, only);
}

/** @throws Problem 409 when the gateway or the account may not send now */
export function requireSendable(gateway: LoadedGateway, account: LoadedAccount): void {
  if (!gateway.enabled)
    throw new Problem(409, 'gateway.disabled', `The gateway ${gateway.uri} is disabled; enable it to send.`);
  if (!account.active)
    throw new Problem(409, 'account.inactive', `The account ${account.address} is not active; subscribe it first.`);
  if (!account.enabled)
    throw new Problem(409, 'account.inactive', `The account ${account.address} is switched off (enabled: false).`);
}

export function senderOf(gateway: LoadedGateway, account: LoadedAccount): Sender {
  const channel = gateway.channel(account.channel);
  if (!channel) throw new Error(`gateway type ${gateway.type.type} no longer has the channel ${account.channel}`);
  return { account, channel };
}
