import { Injectable } from '@nestjs/common';
import type { QueuePort } from '../gateway/gateway-hooks.js';
import { Database } from '../platform/database/database.js';
import { WithdrawService } from './withdraw.service.js';

const AT_ONCE = 1_000;

/** Longer than a network takes to answer when it is well. */
const WIRE_MS = 5_000;
const LOOK_AGAIN_MS = 50;

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

  /**
   * Messages on the wire are given a moment: one that is refused comes back into its line, and must not wait there for a gateway
   * that is gone. What is in doubt is left to settle.
   */
  async cancelQueued(gatewayId: string): Promise<void> {
    const until = performance.now() + WIRE_MS;
    for (;;) {
      await this.cancelWaiting(gatewayId);
      if (!(await this.hasUnderWay(gatewayId)) || performance.now() > until) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  private async hasUnderWay(gatewayId: string): Promise<boolean> {
    const [row] = await this.database.query<{ is_any: boolean }>(
      `SELECT EXISTS (SELECT FROM account a JOIN outbound o ON o.account_id = a.id AND o.state <> 'doubt'
         WHERE a.gateway_id = $1) AS is_any`,
      [gatewayId],
    );
    return row?.is_any ?? false;
  }

  private async cancelWaiting(gatewayId: string): Promise<void> {
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
