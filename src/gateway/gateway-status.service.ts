import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { AccountRepository } from './account.repository.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayRepository, notifyGatewayChanged } from './gateway.repository.js';
import type { StoredBot } from './stored-bot.js';

/** What rooms to the right find out about a gateway: its token is dead, its bot is gone. */
@Injectable()
export class GatewayStatusService {
  constructor(
    private readonly rows: GatewayRepository,
    private readonly accounts: AccountRepository,
    private readonly changes: GatewayChanges,
    private readonly clock: Clock,
  ) {}

  /** Nothing more is sent through the gateway until its settings were verified anew. */
  park(gatewayId: string, reason: string): Promise<void> {
    return this.setStatus(gatewayId, 'parked', reason);
  }

  unpark(gatewayId: string): Promise<void> {
    return this.setStatus(gatewayId, 'ok', null);
  }

  /** The bot answered 410: it is not called again until somebody configures it anew. `accountId`: the account's own bot. */
  async disableBot(gatewayId: string, accountId: string | undefined, reason: string): Promise<void> {
    const disable = (bot: StoredBot | null): StoredBot | null => bot && { ...bot, disabledReason: reason };
    await this.rows.transaction(async (sql) => {
      if (accountId === undefined) await this.rows.changeBot(sql, gatewayId, disable, this.clock.now());
      else await this.accounts.changeBot(sql, accountId, disable, this.clock.now());
      await notifyGatewayChanged(sql, gatewayId);
    });
    await this.changes.settle(gatewayId);
  }

  private async setStatus(gatewayId: string, status: 'ok' | 'parked', reason: string | null): Promise<void> {
    const changed = await this.rows.transaction(async (sql) => {
      const done = await this.rows.setStatus(sql, gatewayId, status, reason, this.clock.now());
      if (done) await notifyGatewayChanged(sql, gatewayId);
      return done;
    });
    if (changed) await this.changes.settle(gatewayId);
  }
}
