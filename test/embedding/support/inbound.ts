import { ChatBot, type BotEvent, type BotReply, type EventOf, PatchbayEvents } from '../../../src/index.js';
import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { HANGS_AFTER_MS } from '../../support/patchbay.js';

/** What a handler was told, and what it is to do about it. */
export class Hearing {
  readonly events: BotEvent[] = [];
  answer: (event: BotEvent) => BotReply | void | Promise<BotReply | void> = () => undefined;
  private readonly watchers = new Set<() => void>();

  take(event: BotEvent): BotReply | void | Promise<BotReply | void> {
    this.events.push(event);
    for (const watcher of [...this.watchers]) watcher();
    return this.answer(event);
  }

  /** The first event that fits, also one that came before. */
  async until(what: string, fits: (event: BotEvent) => boolean): Promise<BotEvent> {
    const deadline = Date.now() + HANGS_AFTER_MS;
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`nobody was told of ${what}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.watchers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, deadline - Date.now());
        this.watchers.add(done);
      });
    }
  }

  message(text: string, attempt = 1): Promise<EventOf<'message.received'>> {
    return this.until(`“${text}”`, (event) => isMessage(event, text) && event.attempt === attempt) as Promise<
      EventOf<'message.received'>
    >;
  }

  texts(): string[] {
    return this.events.flatMap((event) => (event.type === 'message.received' ? event.message.text : []));
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
