import { Injectable } from '@nestjs/common';
import type { AccountGroup } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { AccountSecretRepository } from '../account-secret.repository.js';
import { AccountStateRepository } from '../account-state.repository.js';
import { GatewayChanges } from '../gateway-changes.js';
import { GatewayHooks } from '../gateway-hooks.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { AccountReader } from '../readings/account-reader.service.js';

/** Adds and refreshes what the network described, with the credentials that it gave. Activates nothing, drops nothing. */
@Injectable()
export class AccountRegistrar {
  constructor(
    private readonly state: AccountStateRepository,
    private readonly secrets: AccountSecretRepository,
    private readonly changes: GatewayChanges,
    private readonly reader: AccountReader,
    private readonly hooks: GatewayHooks,
    private readonly clock: Clock,
  ) {}

  /** @param readAt our time before the network was asked */
  async register(gateway: LoadedGateway, channel: string, found: readonly AccountGroup[], readAt: Date): Promise<void> {
    const credentials = found.flatMap(({ accounts }) =>
      accounts.flatMap(({ address, credential }) => (credential === undefined ? [] : [{ address, credential }])),
    );
    const isRenewed = await this.state.change(gateway.id, async (sql) => {
      await this.state.merge(sql, gateway.id, channel, found, this.clock.now());
      await this.reader.described(sql, gateway, channel, readAt);
      return this.secrets.keepFound(sql, { gatewayId: gateway.id, channel }, credentials);
    });
    // what accounts were held for may have been their old credentials
    await (isRenewed ? this.changes.settleAttended(gateway.id) : this.changes.settle(gateway.id));
    await this.hooks.described(gateway.id, readAt);
  }
}
