import { Inject, Injectable } from '@nestjs/common';
import type { CallOutcome } from '../contract/index.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { AccountGroupRepository } from './account-group.repository.js';
import { callProvider, mapFew } from './call-provider.js';
import type { LoadedGateway } from './loaded-gateway.js';
import { mayShareApp } from './may-share-app.js';

/** Ends subscriptions at the network, as far as no other gateway of the same app lives on them. */
@Injectable()
export class ProviderSubscriptions {
  constructor(
    private readonly groups: AccountGroupRepository,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** By group address; a group that the network no longer knows counts as released. */
  async release(
    gateway: LoadedGateway,
    channelName: string,
    addresses: readonly string[],
  ): Promise<ReadonlyMap<string, CallOutcome>> {
    const channel = gateway.channel(channelName);
    if (!channel || addresses.length === 0) return new Map();
    const others = await this.groups.othersUsing(gateway.id, channelName, addresses);
    const shared = new Set(
      others.filter(({ app_key }) => mayShareApp(app_key, gateway.appKey)).map(({ address }) => address),
    );
    const outcomes = await mapFew(addresses, async (address): Promise<[string, CallOutcome]> => {
      const { accounts } = channel;
      const call = gateway.interactiveGroupCall(channelName, address);
      const outcome = await callProvider(this.log, async () => {
        if (!shared.has(address)) return accounts.unsubscribe(address, call);
        return (await accounts.leave?.(address, call)) ?? DONE;
      });
      const isGone = outcome.status === 'refused' && channel.accounts.isGone(outcome.remote);
      return [address, isGone ? DONE : outcome];
    });
    return new Map(outcomes);
  }
}

const DONE: CallOutcome = { status: 'ok', value: undefined };
