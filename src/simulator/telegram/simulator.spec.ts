import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TELEGRAM_BOT, type TelegramOptions, TelegramSimulator } from './simulator.js';

interface Answer {
  readonly ok: boolean;
  readonly result?: Record<string, unknown>;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: Record<string, unknown>;
}

describe('the simulated Telegram', () => {
  const open: TelegramSimulator[] = [];
  let server: Server;
  let received: { secret: string | undefined; update: Record<string, unknown> }[];
  let statuses: number[];

  beforeEach(async () => {
    received = [];
    statuses = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const update = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        received.push({ secret: request.headers['x-telegram-bot-api-secret-token'] as string | undefined, update });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const sim of open.splice(0)) await sim.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function start(options: TelegramOptions = {}): Promise<TelegramSimulator> {
    const sim = await TelegramSimulator.start({ retryMs: 5, ...options });
    open.push(sim);
    return sim;
  }

  async function call(sim: TelegramSimulator, method: string, params: object = {}, token: string = TELEGRAM_BOT.token) {
    const response = await fetch(`${sim.url}/bot${token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    return (await response.json()) as Answer;
  }

  const hook = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;

  it('knows its bot by the token, and nobody by another', async () => {
    const sim = await start();
    expect(await call(sim, 'getMe')).toMatchObject({ ok: true, result: { id: TELEGRAM_BOT.id, is_bot: true } });
    expect(await call(sim, 'getMe', {}, '1:x')).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
    sim.revokeToken();
    expect(await call(sim, 'getMe')).toMatchObject({ error_code: 401 });
  });

  it.each<[string, object, string]>([
    ['sendMessage', { text: ' ' }, 'Bad Request: message text is empty'],
    ['sendMessage', { text: 'x'.repeat(4097) }, 'Bad Request: message is too long'],
    ['sendMessage', { text: 'x', chat_id: 1 }, 'Bad Request: chat not found'],
    ['sendChatAction', { action: 'reading' }, 'Bad Request: wrong parameter action in request'],
    ['sendChatAction', { action: 'typing', chat_id: 1 }, 'Bad Request: chat not found'],
    ['sendMessage', { text: 'x', chat_id: undefined }, 'Bad Request: chat_id is empty'],
    [
      'sendMessage',
      { text: 'x', reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: 'x'.repeat(65) }]] } },
      'Bad Request: BUTTON_DATA_INVALID',
    ],
    [
      'sendMessage',
      { text: 'x', reply_parameters: { message_id: 99 } },
      'Bad Request: message to be replied not found',
    ],
    ['sendPhoto', { photo: 'nonsense' }, 'Bad Request: wrong file identifier/HTTP URL specified'],
    ['sendPhoto', { photo: 'https://x.test', caption: 'x'.repeat(1025) }, 'Bad Request: message caption is too long'],
    ['sendVenue', { latitude: 1, longitude: 2, title: 'x' }, 'Bad Request: title and address must be non-empty'],
    ['sendLocation', { latitude: 91, longitude: 2 }, 'Bad Request: invalid location specified'],
    ['sendContact', { phone_number: '1' }, 'Bad Request: first name must be non-empty'],
    [
      'setMessageReaction',
      { message_id: 1, reaction: [{ type: 'emoji', emoji: '🦄' }] },
      'Bad Request: REACTION_INVALID',
    ],
    ['getFile', { file_id: 'x' }, 'Bad Request: wrong file_id or the file is temporarily unavailable'],
    ['setWebhook', { url: 'nonsense' }, 'Bad Request: bad webhook: invalid webhook URL specified'],
    [
      'setWebhook',
      { url: 'http://x.test', secret_token: 'ü' },
      'Bad Request: secret token contains unallowed characters',
    ],
    ['sendTelepathy', {}, 'Not Found: method not found'],
  ])('refuses %s %j', async (method, params, description) => {
    const sim = await start();
    const person = sim.person();
    person.start();
    expect(await call(sim, method, { chat_id: person.id, ...params })).toMatchObject({ ok: false, description });
  });

  it('lets a bot write to who has started it, and as long as nobody blocks it', async () => {
    const sim = await start();
    const person = sim.person();
    const write = async () => (await call(sim, 'sendMessage', { chat_id: person.id, text: 'hi' })).description;
    expect(await write()).toBe("Forbidden: bot can't initiate conversation with a user");
    person.start();
    expect(await write()).toBeUndefined();
    person.block();
    expect(await write()).toBe('Forbidden: bot was blocked by the user');
  });

  it('takes webhooks without TLS only where it is a server of one’s own', async () => {
    const sim = await start({ local: false });
    expect(await call(sim, 'setWebhook', { url: 'http://x.test' })).toMatchObject({ ok: false });
    expect(await call(sim, 'setWebhook', { url: 'https://x.test:8080' })).toMatchObject({ ok: false });
    expect(await call(sim, 'setWebhook', { url: 'https://x.test:8443' })).toMatchObject({ ok: true });
  });

  it('delivers in order, again and again until it is taken, with the secret, and only what is wanted', async () => {
    const sim = await start();
    statuses = [500, 429, 200];
    const person = sim.person();
    person.react(person.write('first'), '👍');
    person.write('second');
    await call(sim, 'setWebhook', { url: hook(), secret_token: 's', allowed_updates: ['message'] });
    person.react(person.write('third'), '👍');
    await sim.until(() => received.length === 5);
    const texts = received.map(({ update }) => (update['message'] as { text: string } | undefined)?.text);
    expect(texts).toEqual(['first', 'first', 'first', 'second', 'third']);
    expect(new Set(received.map(({ secret }) => secret))).toEqual(new Set(['s']));
  });

  it('refuses what is too fast, and says when', async () => {
    const sim = await start({ paced: true });
    const group = sim.group('Lunch');
    const answers: Answer[] = [];
    for (let at = 0; at < 21; at += 1) answers.push(await call(sim, 'sendMessage', { chat_id: group.id, text: 'x' }));
    expect(answers.slice(0, 20).every(({ ok }) => ok)).toBe(true);
    expect(answers[20]).toMatchObject({ error_code: 429, parameters: { retry_after: expect.any(Number) } });
  });

  it('breaks as it is told', async () => {
    const sim = await start();
    sim.fault({ match: { method: 'getMe' }, do: { page: 502 } });
    const page = await fetch(`${sim.url}/bot${TELEGRAM_BOT.token}/getMe`);
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
    sim.fault({ match: { method: 'getMe' }, do: { drop: 'after' } });
    await expect(call(sim, 'getMe')).rejects.toThrow();
    expect(await call(sim, 'getMe')).toMatchObject({ ok: true });
  });
});
