import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { GatewayStatusService } from '../gateway/gateway-status.service.js';
import type { BotSettings } from '../gateway/stored-bot.js';
import { WebhookDirectory } from '../gateway/webhooks/webhook-directory.js';
import { webhookIdOf } from '../gateway/webhooks/webhook.repository.js';
import { BOT_SUBSCRIBER } from '../platform/outbox/outbox.js';
import type { Delivery } from './event-queue.repository.js';

/** Where calls go, and what they are signed with. */
export type Target = Pick<BotSettings, 'url' | 'secret' | 'previous' | 'timeoutSeconds'>;

/** Who is called for a delivery. */
export interface Addressee {
  readonly kind: 'bot' | 'webhook';
  readonly target: Target;
  /** why it is not to be called */
  readonly disabledReason: string | undefined;
  /** it wants no more */
  disable(reason: string): Promise<void>;
}

const WEBHOOK_TIMEOUT_SECONDS = 10;

/** Knows by its subscriber who a delivery is for. */
@Injectable()
export class Addressees {
  constructor(
    private readonly gateways: GatewayDirectory,
    private readonly webhooks: WebhookDirectory,
    private readonly status: GatewayStatusService,
  ) {}

  /** Everybody for whom something may be waiting. */
  subscribers(): readonly string[] {
    return [BOT_SUBSCRIBER, ...this.webhooks.all().map(({ subscriber }) => subscriber)];
  }

  /** Undefined when nobody is there to take it: the bot was taken away, the webhook was deleted. */
  of(delivery: Delivery): Addressee | undefined {
    const webhookId = webhookIdOf(delivery.subscriber);
    return webhookId === undefined ? this.bot(delivery) : this.webhook(webhookId);
  }

  private webhook(id: string): Addressee | undefined {
    const webhook = this.webhooks.byId(id);
    return (
      webhook && {
        kind: 'webhook',
        target: { url: webhook.url, secret: webhook.secret, timeoutSeconds: WEBHOOK_TIMEOUT_SECONDS },
        disabledReason: webhook.disabledReason,
        disable: (reason) => this.webhooks.disable(id, reason),
      }
    );
  }

  private bot(delivery: Delivery): Addressee | undefined {
    const gateway = this.gateways.byId(delivery.gatewayId);
    if (!gateway) return undefined;
    const address = (delivery.body['account'] as { id?: string } | undefined)?.id;
    const account = gateway.accounts.find(
      (candidate) => candidate.address === address && candidate.channel === delivery.body['channel'],
    );
    const bot = account ? gateway.botOf(account) : gateway.bot;
    return (
      bot && {
        kind: 'bot',
        target: bot,
        disabledReason: bot.disabledReason,
        disable: (reason) => this.status.disableBot(gateway.id, account?.bot ? account.id : undefined, reason),
      }
    );
  }
}
