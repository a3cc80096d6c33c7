import { Injectable } from '@nestjs/common';
import type { HandlerContext, InProcessListener } from '../bot/in-process/handlers.js';
import type { BotEvent, BotEventType } from '../contract/index.js';
import { ConfigError } from '../platform/config/config.js';

/** The events of these types; `*`: all. */
export type EventOf<Type extends BotEventType | '*'> = Type extends BotEventType ? Narrowed<BotEvent, Type> : BotEvent;

type Narrowed<Event, Type> = Event extends { readonly type: infer Own }
  ? Type extends Own
    ? Event & { readonly type: Type }
    : never
  : never;

export interface SubscribeOptions<Type extends BotEventType | '*'> {
  /** tells it from every other listener, now and after a restart: what waits for it waits by this name */
  readonly name: string;
  readonly events: readonly Type[];
  /** how long the handler may take, in seconds. Default: 10 */
  readonly timeoutSeconds?: number;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

/**
 * Where the host hears what happens, beside the bots and without answering: every event of every gateway, with the promises of a
 * webhook (kept until it was taken, in order within a dialog, told again when the handler throws, in the end parked).
 *
 * To be subscribed to in a constructor or in `onModuleInit`. A process that has the role worker and the subscription tells the
 * handler; in others the events wait. A listener that is given up for good is deleted with `DELETE /webhooks/:id`.
 */
@Injectable()
export class PatchbayEvents {
  private readonly subscriptions = new Map<string, InProcessListener>();
  private isClosed = false;

  /** @throws ConfigError when the name is malformed or taken, or when the application has started */
  subscribe<Type extends BotEventType | '*'>(
    { name, events, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: SubscribeOptions<Type>,
    handler: (event: EventOf<Type>, context: HandlerContext) => void | Promise<void>,
  ): void {
    const refuse = (given: string, allowed: string): never => {
      throw new ConfigError(`PatchbayEvents.subscribe is not usable: given ${given}, allowed is ${allowed}.`);
    };
    if (!/^[\w.-]{1,64}$/.test(name))
      refuse(`the name ${JSON.stringify(name)}`, '1 to 64 of letters, digits and - . _');
    if (this.subscriptions.has(name)) refuse(`the name ${name} a second time`, 'one subscription of each name');
    if (events.length === 0) refuse('no events', 'at least one type of event, or "*"');
    if (this.isClosed) refuse(`${name} after the start`, 'a constructor or onModuleInit');
    this.subscriptions.set(name, {
      name,
      events,
      timeoutSeconds,
      handle: (event, context) => handler(event as EventOf<Type>, context),
    });
  }

  /** @internal what was subscribed; from now on nothing more is taken */
  close(): readonly InProcessListener[] {
    this.isClosed = true;
    return [...this.subscriptions.values()];
  }
}
