import { Inject, Injectable } from '@nestjs/common';
import { type Principal, mayAccessGateway } from '../access/principal.js';
import { type FoundEvent, type ParkedDelivery, ParkedRepository } from '../bot/parked.repository.js';
import type { BotEventType } from '../gateway/bot-event-types.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { webhookIdOf } from '../gateway/webhooks/webhook.repository.js';
import { Database } from '../platform/database/database.js';
import { isId, timeOfId } from '../platform/ids/ids.js';
import { BOT_SUBSCRIBER, NETWORK_SUBSCRIBER, STREAM_SUBSCRIBER, kindOfSubscriber } from '../platform/outbox/outbox.js';
import { Problem } from '../platform/problem/problem.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { JournalRepository } from './journal.repository.js';
import { UnhandledRepository } from './unhandled.repository.js';

interface Listed {
  readonly position: string;
  readonly view: object;
}

type Filter = Parameters<UnhandledRepository['list']>[1];

/** Provider and bot events that want a person's attention, under one roof. */
@Injectable()
export class AttentionService {
  constructor(
    private readonly database: Database,
    private readonly directory: GatewayDirectory,
    private readonly journal: JournalRepository,
    private readonly unhandledEvents: UnhandledRepository,
    private readonly parkedEvents: ParkedRepository,
    @Inject(kickerToken(QUEUES.inbox)) private readonly inbox: Kicker,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  async unhandled(filter: Filter): Promise<readonly Listed[]> {
    const rows = await this.unhandledEvents.list(this.database, filter);
    return rows.map((row) => ({
      position: row.id,
      view: {
        id: `pev_${row.id}`,
        kind: 'provider',
        state: 'unhandled',
        gateway: this.gatewayView(row.gatewayId),
        code: row.code,
        reason: row.detail,
        path: row.path,
        raw: row.raw,
        receivedAt: row.receivedAt.toISOString(),
        createdAt: row.createdAt.toISOString(),
      },
    }));
  }

  async parked(filter: Filter): Promise<readonly Listed[]> {
    const rows = await this.parkedEvents.list(this.database, filter);
    return rows.map((row) => ({
      position: row.id,
      view: {
        id: `evt_${row.id}`,
        kind: kindOfSubscriber(row.parked[0]?.subscriber ?? BOT_SUBSCRIBER),
        state: 'parked',
        gateway: this.gatewayView(row.gatewayId),
        type: row.type,
        reason: row.parked[0]?.lastError ?? '',
        attempts: row.parked[0]?.attempts ?? 0,
        deliveries: row.parked.map(deliveryView),
        event: row.body,
        createdAt: timeOfId(row.id)?.toISOString(),
      },
    }));
  }

  /** @throws Problem 404 */
  async replay(principal: Principal, publicId: string): Promise<void> {
    const [, prefix, id = ''] = /^(pev|evt)_(.+)$/.exec(publicId) ?? [];
    const done =
      isId(id) && (prefix === 'pev' ? await this.replayProvider(principal, id) : await this.replayBot(principal, id));
    if (!done) throw new Problem(404, 'event.not_found', 'There is no such event.');
  }

  private async replayProvider(principal: Principal, id: string): Promise<boolean> {
    const record = await this.unhandledEvents.find(this.database, id);
    const isVisible =
      record &&
      (record.gatewayId === null ? principal.gateways === null : mayAccessGateway(principal, record.gatewayId));
    if (!record || !isVisible) return false;
    const isThere = await this.database.transaction(async (sql) => {
      if (!(await this.journal.repeat(sql, record.eventId, record.receivedAt, record.scope))) return false;
      await this.unhandledEvents.removeOfEvent(sql, record.eventId);
      return true;
    });
    if (isThere) this.inbox.kick(record.scope);
    return isThere;
  }

  private async replayBot(principal: Principal, id: string): Promise<boolean> {
    const event = await this.parkedEvents.find(this.database, id);
    if (!event || !mayAccessGateway(principal, event.gatewayId)) return false;
    await this.database.transaction((sql) => this.parkedEvents.replay(sql, id, this.wantingOf(event)));
    this.dispatch.kick('events');
    return true;
  }

  /** Who would be told of it now; the bot when nobody would: somebody wants to see it again. */
  private wantingOf({ gatewayId, type, channel, address }: FoundEvent): readonly string[] {
    const gateway = this.directory.byId(gatewayId);
    const account = gateway?.account(channel ?? '', address ?? '');
    const subscribers = gateway?.subscribersOf(type as BotEventType, account) ?? [];
    // Streams are not called: who reads one goes back in it. A network that took it has no use for it twice.
    const wanting = subscribers.filter((one) => one !== STREAM_SUBSCRIBER && one !== NETWORK_SUBSCRIBER);
    return wanting.length > 0 ? wanting : [BOT_SUBSCRIBER];
  }

  private gatewayView(id: string | null): object | null {
    if (id === null) return null;
    const gateway = this.directory.byId(id);
    return { id, ...(gateway && { uri: gateway.uri }) };
  }
}

function deliveryView({ subscriber, attempts, lastError }: ParkedDelivery): object {
  const webhook = webhookIdOf(subscriber);
  return {
    to: kindOfSubscriber(subscriber),
    ...(webhook !== undefined && { webhook }),
    reason: lastError ?? '',
    attempts,
  };
}
