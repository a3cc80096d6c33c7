import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { AccountRepository } from './account.repository.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayEvents } from './gateway-events.js';
import { GatewayRepository, type GatewayStatus, notifyGatewayChanged } from './gateway.repository.js';
import type { InProcessBotSettings, StoredBot } from './stored-bot.js';

/** What rooms to the right find out about a gateway: its token is dead, its bot is gone. */
@Injectable()
export class GatewayStatusService {
  constructor(
    private readonly rows: GatewayRepository,
    private readonly accounts: AccountRepository,
    private readonly changes: GatewayChanges,
    private readonly events: GatewayEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Nothing more is sent through the gateway until its settings were verified anew.
   *
   * @param foundAt when that was found out: a gateway that was set right since then is left as it is
   */
  async park(gatewayId: string, reason: string, foundAt: Date): Promise<void> {
    await this.setStatus(gatewayId, 'parked', reason, { unchangedSince: foundAt });
  }

  async unpark(gatewayId: string): Promise<void> {
    await this.setStatus(gatewayId, 'ok', null);
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

  /** A provider in a process says that it answers for the gateway; what a person has set meanwhile stays. */
  async declareBot(gatewayId: string, bot: InProcessBotSettings): Promise<void> {
    const declare = (stored: StoredBot | null): StoredBot | null =>
      stored === null || (stored.type === 'in-process' && stored.declared) ? bot : stored;
    await this.rows.transaction(async (sql) => {
      await this.rows.changeBot(sql, gatewayId, declare, this.clock.now());
      await notifyGatewayChanged(sql, gatewayId);
    });
    await this.changes.settle(gatewayId);
  }

  /**
   * False when nothing changed.
   *
   * @param unless the row was changed since: since it had that version, or since then
   */
  async setStatus(
    gatewayId: string,
    status: GatewayStatus,
    reason: string | null,
    unless: { version?: string; unchangedSince?: Date } = {},
  ): Promise<boolean> {
    const changed = await this.rows.transaction(async (sql) => {
      const now = this.clock.now();
      if (!(await this.rows.setStatus(sql, gatewayId, status, reason, now, unless))) return false;
      await notifyGatewayChanged(sql, gatewayId);
      const row = await this.rows.byId(gatewayId, sql);
      if (row) await this.events.updated(sql, row, 'status', now);
      return true;
    });
    if (!changed) return false;
    await this.changes.settle(gatewayId);
    this.events.wake();
    return true;
  }
}
