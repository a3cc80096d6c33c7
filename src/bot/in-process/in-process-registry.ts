import { Inject, Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { listenerNameOf } from '../../gateway/webhooks/in-process-url.js';
import { IN_PROCESS_HANDLERS, type InProcessBot, type InProcessHandlers, type InProcessListener } from './handlers.js';

/** Who takes events inside this process, and what is to be left for another one that has who takes them. */
@Injectable()
export class InProcessRegistry {
  private readonly bots: ReadonlyMap<string, InProcessBot>;
  private readonly listeners: ReadonlyMap<string, InProcessListener>;

  constructor(
    @Inject(IN_PROCESS_HANDLERS) readonly handlers: InProcessHandlers,
    private readonly gateways: GatewayDirectory,
  ) {
    this.bots = new Map(handlers.bots.map((bot) => [bot.uri, bot]));
    this.listeners = new Map(handlers.listeners.map((listener) => [listener.name, listener]));
  }

  get isEmpty(): boolean {
    return this.bots.size + this.listeners.size === 0;
  }

  bot(gatewayUri: string): InProcessBot | undefined {
    return this.bots.get(gatewayUri);
  }

  /** Undefined also when the URL is one that is called. */
  listener(url: string): InProcessListener | undefined {
    return this.listeners.get(listenerNameOf(url) ?? '');
  }

  /**
   * Gateways with a bot in a process, but not in this one: their events wait for one that has it, which can call the bots of single
   * accounts as well.
   */
  elsewhere(): readonly LoadedGateway[] {
    return this.gateways.all().filter(({ uri, hasBotInProcess }) => hasBotInProcess && !this.bots.has(uri));
  }
}
