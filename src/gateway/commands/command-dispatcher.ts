import { Injectable } from '@nestjs/common';
import type { JsonValue } from '../../contract/index.js';
import { GatewayHooks } from '../gateway-hooks.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { type Command, type Operation, parametersOf, unknownOperation } from './command.js';
import type { CommandHandler } from './command-run.js';
import { RemoveCommand } from './remove.command.js';
import { SearchCommand } from './search.command.js';
import { SetupCommand } from './setup.command.js';
import { SubscribeCommand } from './subscribe.command.js';
import { UnsubscribeCommand } from './unsubscribe.command.js';

/** Operations after which somebody wants to use the accounts. */
const ENGAGING: ReadonlySet<Operation> = new Set(['setup', 'subscribe']);

/** Carries out a command that may be carried out, and lets the channel give the list its wire shape. */
@Injectable()
export class CommandDispatcher {
  private readonly handlers: Readonly<Record<Operation, CommandHandler>>;

  constructor(
    setup: SetupCommand,
    search: SearchCommand,
    subscribe: SubscribeCommand,
    unsubscribe: UnsubscribeCommand,
    remove: RemoveCommand,
    private readonly hooks: GatewayHooks,
  ) {
    this.handlers = { setup, search, subscribe, unsubscribe, remove };
  }

  async run(gateway: LoadedGateway, command: Command): Promise<JsonValue> {
    const channel = gateway.channel(command.channel);
    if (!channel) throw unknownOperation(parametersOf(gateway.type.channels));
    const groups = await this.handlers[command.operation].run({ gateway, channel, command });
    if (ENGAGING.has(command.operation)) this.hooks.engaged(gateway.id);
    return channel.accounts.present(groups);
  }
}
