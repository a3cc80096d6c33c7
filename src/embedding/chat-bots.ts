import type { DiscoveryService } from '@nestjs/core';
import type { HandlerContext, InProcessBot } from '../bot/in-process/handlers.js';
import type { BotEvent, BotEventType } from '../contract/index.js';
import { BOT_EVENT_TYPES } from '../contract/index.js';
import { GATEWAY_URI } from '../gateway/gateway-uri.js';
import { ConfigError } from '../platform/config/config.js';
import { CHAT_BOT, type ChatBotHandlers, type ChatBotMetadata } from './chat-bot.decorator.js';

const DEFAULT_TIMEOUT_SECONDS = 10;

/** Which handler is told of an event. */
const HANDLERS: Readonly<Record<BotEventType, keyof ChatBotHandlers>> = {
  'message.received': 'onMessage',
  'message.accepted': 'onStatus',
  'message.sent': 'onStatus',
  'message.delivered': 'onStatus',
  'message.read': 'onStatus',
  'message.failed': 'onStatus',
  'message.held': 'onStatus',
  'message.expired': 'onStatus',
  'message.undelivered': 'onStatus',
  'dialog.opened': 'onDialogOpened',
  'dialog.closed': 'onDialogClosed',
  'account.updated': 'onGatewayNews',
  'gateway.updated': 'onGatewayNews',
  'template.updated': 'onGatewayNews',
};

type Handler = (event: BotEvent, context: HandlerContext) => unknown;

/**
 * The providers of the host with `@ChatBot`.
 *
 * @throws ConfigError for one that cannot work, and for two of one gateway
 */
export function findChatBots(discovery: DiscoveryService): readonly InProcessBot[] {
  const bots = new Map<string, InProcessBot>();
  const instances = new Set<unknown>();
  for (const wrapper of discovery.getProviders()) {
    // Of a factory the metatype is the function, of a value there is none.
    const type: unknown =
      wrapper.metatype && !wrapper.inject
        ? wrapper.metatype
        : (wrapper.instance as { constructor?: unknown } | undefined)?.constructor;
    const metadata = metadataOf(type);
    if (!metadata) continue;
    const { name } = type as { name: string };
    if (!wrapper.isDependencyTreeStatic())
      throw new ConfigError(
        `@ChatBot on ${name} is not usable: given a request-scoped provider, allowed is a singleton (there is no request of the host when an event comes).`,
      );
    // A module that re-exports it, or an alias, is no second bot.
    if (instances.has(wrapper.instance)) continue;
    instances.add(wrapper.instance);
    for (const uri of metadata.uris) {
      const other = bots.get(uri);
      if (other)
        throw new ConfigError(
          `@ChatBot('${uri}') is on ${other.name} and on ${name}: a gateway has one bot. Let one of them call the other.`,
        );
      bots.set(uri, toBot(name, uri, metadata, wrapper.instance as ChatBotHandlers));
    }
  }
  return [...bots.values()];
}

function metadataOf(type: unknown): ChatBotMetadata | undefined {
  if (typeof type !== 'function') return undefined;
  return Reflect.getOwnMetadata(CHAT_BOT, type) as ChatBotMetadata | undefined;
}

function toBot(name: string, uri: string, metadata: ChatBotMetadata, instance: ChatBotHandlers): InProcessBot {
  if (!GATEWAY_URI.test(uri))
    throw new ConfigError(
      `@ChatBot on ${name} is not usable: given ${JSON.stringify(uri)}, allowed is the uri of a gateway: 1 to 64 of a-z 0-9 - _ /.`,
    );
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = metadata;
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 60)
    throw new ConfigError(
      `@ChatBot on ${name} is not usable: given timeoutSeconds ${timeoutSeconds}, allowed is a whole number from 1 to 60.`,
    );
  const events = BOT_EVENT_TYPES.filter((type) => typeof instance[HANDLERS[type]] === 'function');
  if (events.length === 0)
    throw new ConfigError(
      `@ChatBot on ${name} is not usable: given no handler, allowed is at least one of ${[...new Set(Object.values(HANDLERS))].join(', ')}.`,
    );
  return {
    name,
    uri,
    events,
    timeoutSeconds,
    // A person may have it told of more than it has handlers for.
    handle: (event, context) => (instance[HANDLERS[event.type]] as Handler | undefined)?.call(instance, event, context),
  };
}
