import { Injectable } from '@nestjs/common';
import { type FoundAccount, GatewayDirectory } from '../gateway/gateway-directory.js';
import { GatewayStatusService } from '../gateway/gateway-status.service.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { WebhookBotSettings } from '../gateway/stored-bot.js';
import { listenerNameOf } from '../gateway/webhooks/in-process-url.js';
import { type LoadedWebhook, WebhookDirectory } from '../gateway/webhooks/webhook-directory.js';
import { webhookIdOf } from '../gateway/webhooks/webhook.repository.js';
import { BOT_SUBSCRIBER, NETWORK_SUBSCRIBER } from '../platform/outbox/outbox.js';
import type { Delivery } from './event-queue.repository.js';
import type { InProcessHandler } from './in-process/handlers.js';
import { InProcessRegistry } from './in-process/in-process-registry.js';

/** Where calls go, and what they are signed with. */
export type Target = Pick<WebhookBotSettings, 'url' | 'secret' | 'previous' | 'timeoutSeconds'>;

/** Who is told inside this process; absent when it is in another one. */
export interface InProcessTarget {
  readonly handler: InProcessHandler | undefined;
  readonly timeoutSeconds: number;
}

/** A network, told through the channel of an account. */
export interface NetworkTarget {
  readonly found: FoundAccount;
}

/** Who is called for a delivery. */
export interface Addressee {
  readonly kind: 'bot' | 'webhook' | 'network';
  readonly target: Target | InProcessTarget | NetworkTarget;
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
    private readonly inProcess: InProcessRegistry,
  ) {}

  /** Everybody for whom something may be waiting that this process can bring. */
  subscribers(): readonly string[] {
    const webhooks = this.webhooks.all().filter(({ url }) => this.isHere(url));
    return [BOT_SUBSCRIBER, NETWORK_SUBSCRIBER, ...webhooks.map(({ subscriber }) => subscriber)];
  }

  /** Gateways whose bots are in other processes. */
  gatewaysElsewhere(): readonly string[] {
    return this.inProcess.elsewhere().map(({ id }) => id);
  }

  /** Undefined when nobody is there to take it: the bot was taken away, the webhook was deleted, the account was removed. */
  of(delivery: Delivery): Addressee | undefined {
    if (delivery.subscriber === NETWORK_SUBSCRIBER) return this.network(delivery);
    const webhookId = webhookIdOf(delivery.subscriber);
    return webhookId === undefined ? this.bot(delivery) : this.webhook(webhookId);
  }

  private webhook(id: string): Addressee | undefined {
    const webhook = this.webhooks.byId(id);
    return (
      webhook && {
        kind: 'webhook',
        target: this.targetOf(webhook),
        disabledReason: webhook.disabledReason,
        disable: (reason) => this.webhooks.disable(id, reason),
      }
    );
  }

  private network(delivery: Delivery): Addressee | undefined {
    const gateway = this.gateways.byId(delivery.gatewayId);
    const account = gateway && accountOf(gateway, delivery);
    return (
      account && {
        kind: 'network',
        target: { found: { gateway, account } },
        disabledReason: gateway.enabled ? undefined : 'its gateway is',
        disable: async () => undefined,
      }
    );
  }

  private bot(delivery: Delivery): Addressee | undefined {
    const gateway = this.gateways.byId(delivery.gatewayId);
    if (!gateway) return undefined;
    const account = accountOf(gateway, delivery);
    const bot = account ? gateway.botOf(account) : gateway.bot;
    return (
      bot && {
        kind: 'bot',
        target:
          bot.type === 'webhook'
            ? bot
            : { handler: this.inProcess.bot(gateway.uri), timeoutSeconds: bot.timeoutSeconds },
        disabledReason: bot.disabledReason,
        disable: (reason) => this.status.disableBot(gateway.id, account?.bot ? account.id : undefined, reason),
      }
    );
  }

  private targetOf({ url, secret }: LoadedWebhook): Target | InProcessTarget {
    if (listenerNameOf(url) === undefined) return { url, secret, timeoutSeconds: WEBHOOK_TIMEOUT_SECONDS };
    const handler = this.inProcess.listener(url);
    return { handler, timeoutSeconds: handler?.timeoutSeconds ?? WEBHOOK_TIMEOUT_SECONDS };
  }

  private isHere(url: string): boolean {
    return listenerNameOf(url) === undefined || this.inProcess.listener(url) !== undefined;
  }
}

function accountOf(gateway: LoadedGateway, { body }: Delivery): LoadedAccount | undefined {
  const { channel, account } = body as { readonly channel?: string; readonly account?: { readonly id?: string } };
  return gateway.account(channel ?? '', account?.id ?? '');
}
