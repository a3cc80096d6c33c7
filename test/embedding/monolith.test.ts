import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedisBackend, getDefaultBackendFactory } from 'bullmq';
import { DataSource } from 'typeorm';
import { Patchbay } from '../../src/index.js';
import { TestBot } from '../support/bot.js';
import { eventually } from '../support/patchbay.js';
import { WORLD } from '../support/stage.js';
import { Host, PATH } from './support/host.js';
import { Hearing, isMessage, makeBot } from './support/inbound.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'] as const;
const listenersOf = (): number[] => SIGNALS.map((signal) => process.listenerCount(signal));

describe('Patchbay in a monolith', () => {
  let host: Host;
  const bot = new Hearing();
  const crm = new Hearing();
  const signals = listenersOf();

  const call: Host['call'] = (...request) => host.call(...request);
  const api: Host['api'] = (...request) => host.api(...request);
  const customer = () => host.customer();
  const query = async <Row>(sql: string): Promise<Row[]> => host.app.get(DataSource).query<Row[]>(sql);

  beforeAll(async () => {
    host = await Host.open({ imports: [makeBot(bot, crm)] });
    expect(await host.engage()).toMatchObject({ callbackUri: `${host.root}${PATH}/chat/acme` });
  });

  afterAll(() => host.close());

  describe('a bot of the host', () => {
    test('has declared itself for its gateway, with what it has handlers for', async () => {
      const gateway = await eventually('the bot to be declared', async () => {
        const { body } = await api('GET', '/gateways/acme');
        return body.bot && body;
      });
      expect(gateway.bot).toEqual({
        type: 'in-process',
        timeoutSeconds: 2,
        events: expect.arrayContaining(['message.received', 'message.sent', 'message.failed', 'dialog.closed']),
      });
      expect(gateway.bot.events).not.toContain('dialog.opened');
    });

    test('hears what a customer writes, and what it answers is sent', async () => {
      bot.answer = (event) => (isMessage(event, 'hi') ? { replies: [{ type: 'text', text: 'hello' }] } : undefined);
      const person = customer();
      person.write(WORLD.phoneNumberId, 'hi');
      const event = await bot.message('hi');
      await person.nextMessage(({ text: words }) => words === 'hello');
      expect(event).toMatchObject({
        gateway: { uri: 'acme' },
        channel: 'whatsapp',
        contact: { phone: `+${person.phone}` },
      });
      const delivered = await bot.until('its own reply', ({ type }) => type === 'message.delivered');
      expect(delivered).toMatchObject({ dialog: { id: event.dialog.id } });
    });

    test('is told the same as a webhook is told over HTTP', async () => {
      const webhook = await TestBot.start();
      const made = await api('POST', '/webhooks', { url: webhook.url, events: ['message.received'] });
      expect(made.status).toBe(201);
      customer().write(WORLD.phoneNumberId, 'the same');
      const posted = await webhook.waitFor(({ message }) => message?.text === 'the same');
      expect(await bot.message('the same')).toEqual(posted.event);
      expect((await api('DELETE', `/webhooks/${made.body.id}`)).status).toBe(204);
      await webhook.close();
    });

    test('that throws is told again, and what comes later in the dialog waits for it', async () => {
      bot.answer = (event) => {
        if (isMessage(event, 'first') && event.attempt === 1) throw new Error('not now');
      };
      const person = customer();
      person.write(WORLD.phoneNumberId, 'first');
      await bot.message('first');
      person.write(WORLD.phoneNumberId, 'second');
      await bot.message('second');
      expect(bot.texts().slice(-3)).toEqual(['first', 'first', 'second']);
      const [one, two] = [await bot.message('first', 1), await bot.message('first', 2)];
      expect(two).toEqual({ ...one, attempt: 2 });
    });

    test('may close the dialog, and hears that it is closed', async () => {
      bot.answer = (event) => (isMessage(event, 'bye') ? { close: true } : undefined);
      customer().write(WORLD.phoneNumberId, 'bye');
      const { dialog } = await bot.message('bye');
      const closed = await bot.until(
        'the end',
        (event) => event.type === 'dialog.closed' && event.dialog.id === dialog.id,
      );
      expect(closed).toMatchObject({ type: 'dialog.closed' });
    });
  });

  describe('a listener of the host', () => {
    test('hears of everything that it asked for, beside the bot', async () => {
      bot.answer = () => undefined;
      crm.answer = (event) => {
        if (isMessage(event, 'for all') && event.attempt === 1) throw new Error('the CRM is away');
      };
      customer().write(WORLD.phoneNumberId, 'for all');
      expect(await crm.message('for all', 2)).toEqual({ ...(await bot.message('for all')), attempt: 2 });
      expect(crm.events.map(({ type }) => type)).toContain('gateway.updated');
    });

    test('is seen among the webhooks, by its name', async () => {
      const { body } = await api('GET', '/webhooks');
      expect(body.items).toMatchObject([{ url: 'in-process:crm', events: ['message.received', 'gateway.updated'] }]);
    });
  });

  test('the host sends messages without HTTP', async () => {
    const person = customer();
    person.write(WORLD.phoneNumberId, 'are you there?');
    await bot.message('are you there?');
    const message = { gateway: 'acme', to: `+${person.phone}`, content: { type: 'text', text: 'yes' } } as const;
    const sent = await host.app.get(Patchbay).send(message, { idempotencyKey: 'once' });
    expect(await host.app.get(Patchbay).send(message, { idempotencyKey: 'once' })).toMatchObject({ id: sent.id });
    await person.nextMessage(({ text: words }) => words === 'yes');
    expect((await api('GET', `/messages/${sent.id}`)).body).toMatchObject({ id: sent.id, text: 'yes' });
    await expect(host.app.get(Patchbay).send({ ...message, gateway: 'nobody' })).rejects.toMatchObject({
      code: 'gateway.unknown',
    });
  });

  describe('nothing of the host reaches us', () => {
    test('neither guard nor pipe, interceptor, filter, prefix, parser or middleware', async () => {
      const listed = await api('GET', '/gateways');
      expect(listed.body).toMatchObject({ items: [{ uri: 'acme' }], next: null });
      expect(listed.headers.get('x-host')).toBeNull();
      expect(listed.headers.get('access-control-allow-origin')).toBeNull();
      const refused = await api('POST', '/gateways', { name: 'x', colour: 'red' });
      expect(refused.status).toBe(400);
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(refused.body.errors).toContainEqual(expect.objectContaining({ path: 'colour', code: 'field.unknown' }));
      expect((await call('GET', `/api${PATH}/api/v1/gateways`)).status).toBe(418);
      expect((await call('GET', `${PATH}/health/ready`, undefined, null)).status).toBe(200);
    });

    test('a body may be larger than the host’s parsers take', async () => {
      const name = 'x'.repeat(300 * 1024);
      expect((await api('POST', '/gateways', { name })).status).toBe(400);
      expect((await call('POST', '/api/orders', { name })).body).toEqual({ teapot: 'request entity too large' });
    });

    test('a callback is verified over its bytes', async () => {
      const forged = await call('POST', `${PATH}/chat/acme`, { object: 'whatsapp_business_account', entry: [] });
      expect(forged).toMatchObject({ status: 401, body: { code: 'webhook.signature.missing' } });
    });
  });

  describe('nothing of ours reaches the host', () => {
    test('its routes have its own guard, pipe, interceptor and filter', async () => {
      expect((await call('GET', '/api/orders')).body).toEqual({ host: ['one'] });
      expect((await call('POST', '/api/orders', { a: 'b' })).body).toEqual({ host: { A: 'B' } });
      const unknown = await call('GET', '/api/orders', undefined, null);
      expect(unknown).toMatchObject({ status: 418, body: { teapot: 'the host does not know you' } });
      expect((await call('GET', '/api/v1/gateways')).status).toBe(418);
      const { headers } = await call('GET', '/api/orders');
      expect(headers.get('x-host')).toBe('was here');
      expect(headers.get('content-security-policy')).toBeNull();
      expect(headers.get('x-request-id')).toBeNull();
      expect(headers.get('x-powered-by')).toBe('Express');
    });

    test('its schema has no table of ours, and ours has every one', async () => {
      const tables = await query<{ schema: string; tables: number }>(
        `SELECT table_schema AS schema, count(*)::integer AS tables FROM information_schema.tables
         WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1 ORDER BY 1`,
      );
      expect(tables.map(({ schema }) => schema)).toEqual(['chat', 'chat_queue']);
      const [path] = await query<{ search_path: string }>('SHOW search_path');
      expect(path?.search_path).not.toContain('chat');
    });

    test('nothing is set for the whole process', () => {
      expect(getDefaultBackendFactory()).toBe(createRedisBackend);
      expect(listenersOf()).toEqual(signals);
    });
  });

  describe('who is asking, the host says', () => {
    test.each([
      ['nobody that it knows', null, 401, 'key.invalid'],
      ['somebody without the permission', 'clerk', 403, 'permission.missing'],
    ])('%s', async (_, session, status, code) => {
      const body = { name: 'x', permissions: ['gateways:read'] };
      expect(await call('POST', `${PATH}/api/v1/keys`, body, session)).toMatchObject({ status, body: { code } });
      const command = await call('GET', `${PATH}/chat/acme?whatsapp=subscribe`, undefined, session);
      expect(command).toMatchObject({ status, body: { code } });
    });

    test('somebody who may', async () => {
      expect((await api('GET', '/gateways', undefined, 'clerk')).status).toBe(200);
    });
  });

  test('the OpenAPI document says where the API is', async () => {
    const { body } = await call('GET', `${PATH}/api/openapi.json`, undefined, null);
    expect(body).toMatchObject({ servers: [{ url: PATH }] });
    expect(body.paths).toHaveProperty('/api/v1/messages');
    expect((await call('GET', `${PATH}/api/docs`, undefined, null)).status).toBe(200);
  });

  test('events wait for a process that has the bot; what it is at when the host stops, it finishes', async () => {
    let finish = (): void => undefined;
    bot.answer = (event) =>
      isMessage(event, 'slowly')
        ? new Promise((resolve) => (finish = () => resolve({ replies: [text('done')] })))
        : undefined;
    const person = customer();
    person.write(WORLD.phoneNumberId, 'slowly');
    await bot.message('slowly');
    const closed = host.stop();
    finish();
    await closed;
    expect(listenersOf()).toEqual(signals);

    // The same without the bot and the listener: it takes in what comes, and leaves it.
    await host.start({ imports: [] });
    await person.nextMessage(({ text: words }) => words === 'done');
    person.write(WORLD.phoneNumberId, 'anybody?');
    const webhook = await TestBot.start();
    await api('POST', '/webhooks', { url: webhook.url, events: ['message.received'] });
    customer().write(WORLD.phoneNumberId, 'a later one');
    await webhook.waitFor(({ message }) => message?.text === 'a later one');
    const waiting = await query<{ attempts: number; claimed: string | null; subscriber: string }>(
      `SELECT d.attempts, l.claimed_by AS claimed, left(d.subscriber, 7) AS subscriber FROM chat.event_delivery d
       JOIN chat.event_line l USING (line, subscriber) JOIN chat.event e ON e.id = d.event_id
       WHERE e.body #>> '{message,text}' = 'anybody?' AND d.subscriber NOT IN (SELECT 'webhook:' || id FROM chat.webhook WHERE url LIKE 'http:%')
       ORDER BY 3`,
    );
    expect(waiting).toEqual([
      { attempts: 0, claimed: null, subscriber: 'bot' },
      { attempts: 0, claimed: null, subscriber: 'webhook' },
    ]);
    expect(bot.texts()).not.toContain('anybody?');

    const other = await host.startAnother([makeBot(bot, crm)], { roles: ['worker'] });
    expect((await bot.message('anybody?')).attempt).toBe(1);
    expect((await crm.message('anybody?')).attempt).toBe(1);
    await other.close();
    await webhook.close();
  });
});

function text(words: string): { type: 'text'; text: string } {
  return { type: 'text', text: words };
}
