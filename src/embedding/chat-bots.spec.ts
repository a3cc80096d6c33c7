import { Module, type Provider, Scope } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, test } from '@jest/globals';
import type { BotEvent } from '../contract/index.js';
import { ChatBot } from './chat-bot.decorator.js';
import { findChatBots } from './chat-bots.js';

@ChatBot('acme')
class EchoBot {
  onMessage() {
    return { replies: [{ type: 'text', text: this.word() } as const] };
  }

  onGatewayNews() {}

  private word(): string {
    return 'echo';
  }
}

async function find(...providers: Provider[]) {
  const testing = await Test.createTestingModule({ imports: [DiscoveryModule], providers }).compile();
  return findChatBots(testing.get(DiscoveryService));
}

const context = { signal: new AbortController().signal };
const event = (type: string) => ({ type }) as BotEvent;

describe('the chat bots of a host', () => {
  test('are told of what they have handlers for', async () => {
    const [bot, ...others] = await find(EchoBot);
    expect(others).toEqual([]);
    expect(bot).toMatchObject({
      name: 'EchoBot',
      uri: 'acme',
      timeoutSeconds: 10,
      events: ['message.received', 'account.updated', 'gateway.updated', 'template.updated'],
    });
    expect(bot?.handle(event('message.received'), context)).toEqual({ replies: [{ type: 'text', text: 'echo' }] });
    expect(bot?.handle(event('message.sent'), context)).toBeUndefined();
  });

  test.each<[string, Provider]>([
    ['a value', { provide: 'bot', useValue: new EchoBot() }],
    ['a factory', { provide: 'bot', useFactory: () => new EchoBot() }],
    ['another class', { provide: 'bot', useClass: EchoBot }],
  ])('are found when they are provided as %s', async (_, provider) => {
    expect(await find(provider)).toMatchObject([{ name: 'EchoBot', uri: 'acme' }]);
  });

  test('may answer for several gateways, and have other names', async () => {
    @ChatBot(['acme', 'acme/spain'], { timeoutSeconds: 60 })
    class Both extends EchoBot {}
    expect(await find(Both, { provide: 'alias', useExisting: Both })).toMatchObject([
      { uri: 'acme', timeoutSeconds: 60 },
      { uri: 'acme/spain', timeoutSeconds: 60 },
    ]);
  });

  test('of modules that nobody has heard of are found, and other providers are none', async () => {
    @Module({ providers: [EchoBot] })
    class Remote {}
    class Inheriting extends EchoBot {}
    const testing = await Test.createTestingModule({
      imports: [DiscoveryModule, Remote],
      providers: [Inheriting],
    }).compile();
    expect(findChatBots(testing.get(DiscoveryService))).toHaveLength(1);
  });

  test('are one for each gateway', async () => {
    @ChatBot('acme')
    class Other extends EchoBot {}
    await expect(find(EchoBot, Other)).rejects.toThrow(
      "@ChatBot('acme') is on EchoBot and on Other: a gateway has one bot.",
    );
  });

  test('are singletons', async () => {
    const provider = { provide: 'bot', useClass: EchoBot, scope: Scope.REQUEST };
    await expect(find(provider)).rejects.toThrow('@ChatBot on EchoBot is not usable: given a request-scoped provider');
  });

  test.each<[string, () => Provider]>([
    ['given "Acme Inc."', () => Misnamed],
    ['given timeoutSeconds 90', () => Slow],
    ['given no handler', () => Deaf],
  ])('say what is wrong with them: %s', async (message, provider) => {
    await expect(find(provider())).rejects.toThrow(message);
  });
});

@ChatBot('Acme Inc.')
class Misnamed extends EchoBot {}

@ChatBot('acme', { timeoutSeconds: 90 })
class Slow extends EchoBot {}

@ChatBot('acme')
class Deaf {}
