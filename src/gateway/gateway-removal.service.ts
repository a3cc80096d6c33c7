import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { AccountGroupRepository, type StoredGroup } from './account-group.repository.js';
import { AccountStateRepository } from './account-state.repository.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayHooks } from './gateway-hooks.js';
import { ProviderSubscriptions } from './provider-subscriptions.js';

/** Deleting a gateway: refused while it is in use, unless forced. What happened with it stays in the history. */
@Injectable()
export class GatewayRemovalService {
  constructor(
    private readonly groups: AccountGroupRepository,
    private readonly accounts: AccountStateRepository,
    private readonly subscriptions: ProviderSubscriptions,
    private readonly directory: GatewayDirectory,
    private readonly hooks: GatewayHooks,
    private readonly changes: GatewayChanges,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** @throws Problem 409 `gateway.in_use` */
  async delete(gatewayId: string, force: boolean): Promise<void> {
    if (force) await this.disengage(gatewayId);
    else await this.refuseUsed(gatewayId);
    await this.accounts.change(gatewayId, async (sql) => {
      if (!force && (await this.accounts.countEngaged(sql, gatewayId)) > 0)
        throw inUse('an account was engaged just now');
      await this.accounts.removeGateway(sql, gatewayId, this.clock.now());
    });
    await this.changes.settle(gatewayId);
    // What was taken while the gateway went.
    if (force) await this.hooks.cancelQueued(gatewayId);
  }

  private async refuseUsed(gatewayId: string): Promise<void> {
    const engaged = (await this.groups.ofGateway(gatewayId)).filter(isEngaged).map(({ address }) => address);
    const queued = await this.hooks.queuedMessages(gatewayId);
    const reasons = [
      ...(engaged.length > 0 ? [`${engaged.length} engaged account(s): ${engaged.slice(0, 5).join(', ')}`] : []),
      ...(queued > 0 ? [`${queued} queued message(s)`] : []),
    ];
    if (reasons.length > 0) throw inUse(reasons.join(' and '));
  }

  /** As far as the network plays along: a gateway whose token is dead can be deleted too. */
  private async disengage(gatewayId: string): Promise<void> {
    await this.hooks.cancelQueued(gatewayId);
    const gateway = this.directory.byId(gatewayId);
    if (!gateway) return;
    const groups = (await this.groups.ofGateway(gatewayId)).filter(isEngaged);
    for (const { channel } of gateway.type.channels) {
      const addresses = groups.filter((group) => group.channel === channel).map(({ address }) => address);
      const outcomes = await this.subscriptions.release(gateway, channel, addresses);
      for (const [group, outcome] of outcomes) {
        if (outcome.status === 'ok') continue;
        this.log.warn(
          { gateway: gateway.uri, channel, group, outcome },
          'a deleted gateway stays subscribed at the network',
        );
      }
    }
  }
}

function isEngaged(group: StoredGroup): boolean {
  return group.subscribed || group.accounts.some(({ active }) => active);
}

function inUse(what: string): Problem {
  return new Problem(409, 'gateway.in_use', `The gateway is in use (${what}). Unsubscribe first, or add ?force=true.`);
}
