import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import { type BotReply, ChatBot, type MessageReceivedEvent, type MessageStatusEvent } from 'patchbay';

/** Something that the host has anyway. */
@Injectable()
export class Orders {
  private readonly states = new Map([['42', 'on its way']]);

  stateOf(order: string): string | undefined {
    return this.states.get(order);
  }
}

/** Answers for the gateway `shop`, whatever network its customers are on. */
@ChatBot('shop')
export class ShopBot {
  /** `delivered`, with the id of the message */
  readonly news = new EventEmitter();

  constructor(private readonly orders: Orders) {}

  onMessage({ message, contact }: MessageReceivedEvent): BotReply {
    const order = /\d+/.exec(message.text)?.[0];
    if (order === undefined) return say(`Hello ${contact.name ?? 'there'}, which order is it about?`);
    const state = this.orders.stateOf(order);
    return { ...say(state ? `Order ${order} is ${state}.` : `There is no order ${order}.`), variables: { order } };
  }

  onStatus({ type, message }: MessageStatusEvent): void {
    if (type === 'message.delivered') this.news.emit('delivered', message.id);
  }
}

function say(text: string): BotReply {
  return { replies: [{ type: 'text', text }] };
}
