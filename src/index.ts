import 'reflect-metadata';
import { gatewayTypes } from './app.module.js';
import type { GatewayType } from './contract/index.js';
import { NEWEST_GRAPH_VERSION } from './platform/config/variables.js';

export type { HostAccess, HostCaller } from './access/host-access.js';
export type { Permission } from './access/permissions.js';
export { type HandlerContext, RetryLaterError } from './bot/in-process/handlers.js';
export * from './contract/index.js';
export { type BotAnswer, ChatBot, type ChatBotHandlers, type ChatBotOptions } from './embedding/chat-bot.decorator.js';
export type { DataSourceLike } from './embedding/host-data-source.js';
export type { OutgoingMessage, OutgoingTo, SentMessage } from './embedding/host-sender.js';
export type { PatchbayOptions, PatchbaySettings, QueueOptions } from './embedding/options.js';
export { type EventOf, PatchbayEvents, type SubscribeOptions } from './embedding/patchbay-events.js';
export { Patchbay } from './embedding/patchbay.js';
export { type PatchbayAsyncOptions, PatchbayModule } from './patchbay.module.js';
export { ConfigError } from './platform/config/config.js';
export type { PostgresAddress, PostgresParts } from './platform/database/postgres-address.js';
export { type FieldError, Problem } from './platform/problem/problem.js';

export interface HouseOptions {
  /** of Meta. Default: `https://graph.facebook.com` */
  readonly graphUrl?: string;
  /** Default: the newest that this release knows */
  readonly graphVersion?: string;
}

/** The gateway types that come with Patchbay. */
export function houseGatewayTypes({
  graphUrl = 'https://graph.facebook.com',
  graphVersion = NEWEST_GRAPH_VERSION,
}: HouseOptions = {}): readonly GatewayType[] {
  return gatewayTypes({ graphUrl, graphVersion });
}
