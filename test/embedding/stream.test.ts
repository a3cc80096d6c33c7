import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { StreamReader } from '../support/event-stream.js';
import { WORLD } from '../support/stage.js';
import { Host, PATH } from './support/host.js';
import { Hearing, isMessage, makeBot } from './support/inbound.js';

const TYPES = '?types=message.received';

describe('the stream of events of a Patchbay in a host', () => {
  let host: Host;
  const bot = new Hearing();
  const open: StreamReader[] = [];

  const stream = async (query = TYPES, after?: string): Promise<StreamReader> => {
    const reader = await StreamReader.open(host.root + PATH, {
      query,
      headers: { 'x-session': 'reader' },
      ...(after !== undefined && { after }),
    });
    open.push(reader);
    return reader;
  };
  const textsOf = (reader: StreamReader) => reader.events.map(({ message }) => message?.text);

  beforeAll(async () => {
    host = await Host.open({ imports: [makeBot(bot, new Hearing())] });
    await host.engage({ bot: { type: 'in-process', events: ['message.received'] } });
  });

  afterEach(() => {
    for (const reader of open.splice(0)) reader.close();
  });

  afterAll(() => host.close());

  test('is below its path, for whom the host lets read, and nothing of the host is in it', async () => {
    const reader = await stream('');
    expect(reader.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(reader.response.headers.get('x-host')).toBeNull();
    const person = host.customer();
    person.write(WORLD.phoneNumberId, 'hi');
    const heard = await bot.message('hi');
    // The very object that the provider was told, beside those that it did not ask for.
    expect(await reader.waitFor(({ id }) => id === heard.id)).toEqual(heard);
    expect(reader.events.map(({ type }) => type)).toContain('dialog.opened');

    const refused = async (session: string | null) => host.api('GET', '/events/stream', undefined, session);
    expect(await refused(null)).toMatchObject({ status: 401, body: { code: 'key.invalid' } });
    expect(await refused('clerk')).toMatchObject({ status: 403, body: { code: 'permission.missing' } });
    // The host's own prefix is the host's.
    expect((await host.call('GET', `/api${PATH}/api/v1/events/stream`)).status).toBe(418);
    expect((await host.call('GET', '/api/v1/events/stream')).status).toBe(418);
  });

  test('goes on behind Last-Event-ID: nothing is missing, nothing is there twice', async () => {
    const person = host.customer();
    const first = await stream();
    person.write(WORLD.phoneNumberId, 'one');
    await first.waitFor(({ message }) => message?.text === 'one');
    first.close();
    await first.until(() => first.isOver);
    for (const words of ['two', 'three']) {
      person.write(WORLD.phoneNumberId, words);
      await bot.message(words);
    }
    const second = await stream(TYPES, first.lastId);
    person.write(WORLD.phoneNumberId, 'four');
    await second.waitFor(({ message }) => message?.text === 'four');
    expect(textsOf(second)).toEqual(['two', 'three', 'four']);
    expect(second.events[0]).toEqual(await bot.message('two'));
  });

  test('ends at once and with a word when the host closes, though a bot is still at it; and goes on when the host is back', async () => {
    const reader = await stream();
    let finish = (): void => undefined;
    bot.answer = (event) =>
      isMessage(event, 'slowly') ? new Promise((resolve) => (finish = () => resolve(undefined))) : undefined;
    const person = host.customer();
    person.write(WORLD.phoneNumberId, 'slowly');
    await bot.message('slowly');
    await reader.waitFor(({ message }) => message?.text === 'slowly');
    const began = performance.now();
    const stopped = host.stop();
    expect(await reader.end()).toEqual({
      code: 'server.stopping',
      detail: 'This process stops. Connect again with Last-Event-ID.',
    });
    await reader.until(() => reader.isOver);
    finish();
    await stopped;
    // A stop that waited for streams would take ten seconds before it even began.
    expect(performance.now() - began).toBeLessThan(9_000);

    bot.answer = () => undefined;
    await host.start();
    const again = await stream(TYPES, reader.lastId);
    person.write(WORLD.phoneNumberId, 'back again');
    await again.waitFor(({ message }) => message?.text === 'back again');
    expect(textsOf(again)).toEqual(['back again']);
  });
});
