import { Injectable } from '@nestjs/common';
import type { QueuePort } from '../gateway/gateway-hooks.js';
import { Database } from '../platform/database/database.js';
import { SettleService } from './settle.service.js';

/** What a gateway must know of its queue before it goes. */
@Injectable()
export class GatewayQueue implements QueuePort {
  constructor(
    private readonly database: Database,
    private readonly settle: SettleService,
  ) {}

  async queuedMessages(gatewayId: string): Promise<number> {
    const [row] = await this.database.query<{ count: string }>('SELECT count(*) FROM outbound WHERE gateway_id = $1', [
      gatewayId,
    ]);
    return Number(row?.count ?? 0);
  }

  /** Messages on the wire or in doubt are left to settle. */
  async cancelQueued(gatewayId: string): Promise<void> {
    const rows = await this.database.query<{ message_id: string }>(
      `SELECT message_id FROM outbound WHERE gateway_id = $1 AND state IN ('waiting', 'ready', 'admitted')`,
      [gatewayId],
    );
    for (const { message_id } of rows) await this.settle.withdraw(message_id, 'cancelled', null);
  }
}
