import { Injectable } from '@nestjs/common';
import type { QueuePort } from '../gateway/gateway-hooks.js';
import { Database } from '../platform/database/database.js';
import { WithdrawService } from './withdraw.service.js';

const AT_ONCE = 1_000;

/** What a gateway must know of its queue before it goes. */
@Injectable()
export class GatewayQueue implements QueuePort {
  constructor(
    private readonly database: Database,
    private readonly withdrawing: WithdrawService,
  ) {}

  async queuedMessages(gatewayId: string): Promise<number> {
    const [row] = await this.database.query<{ count: string }>('SELECT count(*) FROM outbound WHERE gateway_id = $1', [
      gatewayId,
    ]);
    return Number(row?.count ?? 0);
  }

  /** Messages on the wire or in doubt are left to settle. */
  async cancelQueued(gatewayId: string): Promise<void> {
    for (;;) {
      const rows = await this.database.query<{ message_id: string }>(
        `SELECT message_id FROM outbound WHERE gateway_id = $1 AND state NOT IN ('sending', 'doubt') LIMIT $2`,
        [gatewayId, AT_ONCE],
      );
      const gone = await this.withdrawing.withdraw(
        rows.map(({ message_id }) => ({ messageId: message_id, status: 'cancelled', error: null })),
      );
      if (rows.length < AT_ONCE || gone.size === 0) return;
    }
  }
}
