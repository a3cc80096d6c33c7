import { Injectable, SetMetadata, applyDecorators } from '@nestjs/common';
import type { HandlerContext } from '../bot/in-process/handlers.js';
import type {
  BotReply,
  DialogEvent,
  GatewayNewsEvent,
  MessageReceivedEvent,
  MessageStatusEvent,
} from '../contract/index.js';

/** What a handler answers; nothing is an answer too. */
export type BotAnswer = BotReply | void | Promise<BotReply | void>;

/**
 * What a class with {@link ChatBot} can have. It is told of what it has a handler for. A handler that throws, or is silent for too
 * long, is told again, as a webhook would be.
 */
export interface ChatBotHandlers {
  /** a person said something */
  onMessage?(event: MessageReceivedEvent, context: HandlerContext): BotAnswer;
  /** something became of a message that we sent, e.g. `message.failed` */
  onStatus?(event: MessageStatusEvent, context: HandlerContext): BotAnswer;
  onDialogOpened?(event: DialogEvent, context: HandlerContext): BotAnswer;
  onDialogClosed?(event: DialogEvent, context: HandlerContext): BotAnswer;
  /** about the gateway, its accounts or templates; what is answered is not carried out, for there is nobody to tell it */
  onGatewayNews?(event: GatewayNewsEvent, context: HandlerContext): void | Promise<void>;
}

export interface ChatBotOptions {
  /** how long a handler may take, 1 to 60. Default: 10 */
  readonly timeoutSeconds?: number;
}

export interface ChatBotMetadata extends ChatBotOptions {
  readonly uris: readonly string[];
}

export const CHAT_BOT = Symbol('patchbay:chat-bot');

/**
 * A provider that answers for a gateway, or for several: `@ChatBot('acme')`. It is a singleton; the class is made injectable.
 *
 * @param gateways their uris
 */
export function ChatBot(
  gateways: string | readonly string[],
  options: ChatBotOptions = {},
): (target: abstract new (...dependencies: never[]) => ChatBotHandlers) => void {
  const metadata: ChatBotMetadata = { uris: [gateways].flat(), ...options };
  return applyDecorators(Injectable(), SetMetadata(CHAT_BOT, metadata));
}
