import { Injectable } from '@nestjs/common';
import type { AccountGroup } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { AccountStateRepository } from '../account-state.repository.js';
import { GatewayChanges } from '../gateway-changes.js';
import { GatewayHooks } from '../gateway-hooks.js';

/** Adds and refreshes what the network described. Activates nothing, drops nothing. */
@Injectable()
export class AccountRegistrar {
  constructor(
    private readonly state: AccountStateRepository,
    private readonly changes: GatewayChanges,
    private readonly hooks: GatewayHooks,
    private readonly clock: Clock,
  ) {}

  /** @param readAt our time before the network was asked */
  async register(gatewayId: string, channel: string, found: readonly AccountGroup[], readAt: Date): Promise<void> {
    await this.state.change(gatewayId, (sql) => this.state.merge(sql, gatewayId, channel, found, this.clock.now()));
    await this.changes.settle(gatewayId);
    await this.hooks.described(gatewayId, readAt);
  }
}
