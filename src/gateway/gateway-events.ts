import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import { type OutboxEvent, appendEvents } from '../platform/outbox/outbox.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import type { BotEventType } from './bot-event-types.js';
import { GatewayLoader } from './gateway-loader.js';
import type { NewGatewayRow } from './gateway.repository.js';
import type { LoadedAccount, LoadedGateway } from './loaded-gateway.js';

/** Events that belong to no dialog. */
export type GatewayEventType = Extract<BotEventType, 'account.updated' | 'gateway.updated' | 'template.updated'>;

export interface GatewayEventDetails {
  readonly occurredAt: Date;
  /** what it tells beside where it happened */
  readonly payload: object;
  readonly channel?: string;
  /** whose event it is; its own bot is told, if it has one. Names the channel too */
  readonly account?: LoadedAccount;
}

/**
 * An event of a gateway itself. Such events go by in order among themselves, on a line of the gateway's own. To be written with
 * `appendEvents` in the transaction that makes it true, also when nobody wants it: that is judged there. `attempt` is set when
 * it is delivered.
 */
export function gatewayEvent(
  type: GatewayEventType,
  gateway: LoadedGateway,
  { occurredAt, payload, channel, account }: GatewayEventDetails,
  now: Date,
): OutboxEvent {
  const id = newId(now);
  const of = account?.channel ?? channel;
  return {
    id,
    type,
    subscribers: gateway.subscribersOf(type, account),
    gatewayId: gateway.id,
    line: gateway.id,
    occurredAt,
    body: {
      id: `evt_${id}`,
      type,
      occurredAt: occurredAt.toISOString(),
      attempt: 1,
      gateway: { id: gateway.id, uri: gateway.uri, type: gateway.type.type },
      ...(of !== undefined && { channel: of }),
      ...(account && { account: { id: account.address, name: account.name } }),
      ...payload,
    },
  };
}

/** Tells of gateways: made, configured anew, parked and resumed. */
@Injectable()
export class GatewayEvents {
  constructor(
    private readonly loader: GatewayLoader,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  /** @param row as it was just written in this transaction */
  async updated(sql: Sql, row: NewGatewayRow, change: 'created' | 'configured' | 'status', now: Date): Promise<void> {
    const gateway = this.loader.load(row, []);
    if (!gateway) return;
    const { name, enabled, status, statusReason } = gateway;
    const payload = { change, name, enabled, status, ...(statusReason !== undefined && { reason: statusReason }) };
    await appendEvents(sql, [gatewayEvent('gateway.updated', gateway, { occurredAt: now, payload }, now)], now);
  }

  /** After the commit. */
  wake(): void {
    this.dispatch.kick('events');
  }
}
