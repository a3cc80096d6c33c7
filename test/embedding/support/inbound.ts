import { ChatBot, type BotEvent, type BotReply, type EventOf, PatchbayEvents } from '../../../src/index.js';
import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { Arrivals } from './arrivals.js';

/** What a handler was told, and what it is to do about it. */
export class Hearing {
  private readonly told = new Arrivals<BotEvent>();
  answer: (event: BotEvent) => BotReply | void | Promise<BotReply | void> = () => undefined;

  get events(): readonly BotEvent[] {
    return this.told.all;
  }

  take(event: BotEvent): BotReply | void | Promise<BotReply | void> {
    this.told.add(event);
    return this.answer(event);
  }

  /** The first event that fits, also one that came before. */
  until(what: string, fits: (event: BotEvent) => boolean): Promise<BotEvent> {
    return this.told.until(what, (all) => all.find(fits));
  }

  message(text: string, attempt = 1): Promise<EventOf<'message.received'>> {
    return this.told.until(`“${text}”`, () => this.messages(text).find((event) => event.attempt === attempt));
  }

  /** Every time that this was told, once it was told that often. */
  messagesTold(text: string, times: number): Promise<readonly EventOf<'message.received'>[]> {
    return this.told.until(`“${text}” for the ${times}th time`, () => {
      const messages = this.messages(text);
      return messages.length >= times ? messages : undefined;
    });
  }

  /** In the order in which they were told, each as often as it was. */
  texts(fits: (event: EventOf<'message.received'>) => boolean = () => true): string[] {
    return this.events.flatMap((event) => (event.type === 'message.received' && fits(event) ? event.message.text : []));
  }

  private messages(text: string): EventOf<'message.received'>[] {
    return this.events.filter((event) => isMessage(event, text));
  }
}

export function isMessage(event: BotEvent, text: string): event is EventOf<'message.received'> {
  return event.type === 'message.received' && event.message.text === text;
}

/** The bot of a host, and a listener; they are told in any process of the test that has them. */
export function makeBot(bot: Hearing, listener: Hearing) {
  @ChatBot('acme', { timeoutSeconds: 2 })
  class AcmeBot {
    onMessage(event: EventOf<'message.received'>) {
      return bot.take(event);
    }

    onStatus(event: EventOf<'message.sent'>) {
      return bot.take(event);
    }

    onDialogClosed(event: EventOf<'dialog.closed'>) {
      return bot.take(event);
    }
  }

  @Injectable()
  class CrmListener implements OnModuleInit {
    constructor(private readonly events: PatchbayEvents) {}

    onModuleInit(): void {
      this.events.subscribe({ name: 'crm', events: ['message.received', 'gateway.updated'] }, async (event) => {
        await listener.take(event);
      });
    }
  }

  @Module({ providers: [AcmeBot, CrmListener] })
  class InboundModule {}
  return InboundModule;
}
