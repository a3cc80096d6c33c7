import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { GatewayStatusService } from '../../gateway/gateway-status.service.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import type { BotSettings } from '../../gateway/stored-bot.js';
import { WebhookDirectory } from '../../gateway/webhooks/webhook-directory.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import type { InProcessBot } from './handlers.js';
import { InProcessRegistry } from './in-process-registry.js';

/**
 * Makes known to every process who takes events in this one: events are written for those that the database knows of. What a
 * person has set wins over what a provider says of itself: a bot is declared only where there is none.
 */
@Injectable()
export class Declarations implements OnApplicationBootstrap {
  /** gateways that were looked at: a bot that a person takes away is not put back before the next start */
  private readonly seen = new Set<string>();

  constructor(
    private readonly registry: InProcessRegistry,
    private readonly gateways: GatewayDirectory,
    private readonly status: GatewayStatusService,
    private readonly webhooks: WebhookDirectory,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { bots, listeners } = this.registry.handlers;
    for (const { name, events } of listeners) await this.webhooks.declareListener(name, events);
    await this.declareBots();
    for (const { uri, name } of bots) {
      if (!this.gateways.byUri(uri))
        this.log.info({ gateway: uri, bot: name }, 'a bot in the process waits for its gateway to be made');
    }
    for (const { uri } of this.registry.elsewhere())
      this.log.warn(
        { gateway: uri },
        `its bot is in a process, and this one has no provider with @ChatBot('${uri}'): its events wait for a process that has one`,
      );
  }

  /** Looks for gateways that are new. Costs no query where there is none. */
  async declareBots(): Promise<void> {
    for (const bot of this.registry.handlers.bots) {
      const gateway = this.gateways.byUri(bot.uri);
      if (!gateway || this.seen.has(gateway.id)) continue;
      await this.declare(bot, gateway);
      this.seen.add(gateway.id);
    }
  }

  private async declare(bot: InProcessBot, gateway: LoadedGateway): Promise<void> {
    const current = gateway.bot;
    if (current && current.type !== 'in-process') {
      this.log.warn(
        { gateway: gateway.uri, bot: bot.name },
        'the gateway has a webhook bot, which wins: the bot in the process is not told anything; send {"bot":{"type":"in-process"}} to change that',
      );
      return;
    }
    const { events, timeoutSeconds } = bot;
    const declared: BotSettings = { type: 'in-process', events, timeoutSeconds, declared: true };
    if (current && (!current.declared || isSame(current, declared))) return;
    await this.status.declareBot(gateway.id, declared);
    this.log.info({ gateway: gateway.uri, bot: bot.name, events }, 'a bot in the process answers for a gateway');
  }
}

function isSame(one: BotSettings, other: BotSettings): boolean {
  return one.timeoutSeconds === other.timeoutSeconds && one.events.join() === other.events.join();
}
