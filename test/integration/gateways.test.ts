import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { FakeNetwork } from '../support/fake-network.js';
import { ADMIN_KEY, type ApiApp, startApi } from '../support/api-app.js';

const network = new FakeNetwork();
let api: ApiApp;
let count = 0;

beforeAll(async () => {
  api = await startApi([network.type]);
});

beforeEach(() => {
  network.asked.length = 0;
  network.verdict = { status: 'ok' };
});

type Method = 'get' | 'post' | 'patch' | 'delete';

async function call(method: Method, path: string, body?: unknown, key: string = ADMIN_KEY) {
  const sent = request(api.app.getHttpServer())[method](`/api/v1/${path}`).set('Authorization', `Bearer ${key}`);
  return body === undefined ? sent : sent.send(body as object);
}

async function create(more: object = {}) {
  count += 1;
  return call('post', 'gateways', {
    name: 'Acme',
    uri: `acme/${count}`,
    type: 'fake',
    metadata: { token: 'secret-token-1234', app: String(count) },
    bot: { type: 'webhook', url: 'http://127.0.0.1:4000/bot' },
    ...more,
  });
}

const paths = (answer: request.Response): string[] => answer.body.errors.map(({ path }: { path: string }) => path);

describe('a gateway', () => {
  it('shows what was made for it once, and masks every secret from then on', async () => {
    const made = await create();
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      status: 'ok',
      enabled: true,
      warnings: [],
      callbackUri: `https://patchbay.example/chat/acme/${count}`,
      metadata: { token: '••••1234' },
      bot: { timeoutSeconds: 10, events: ['message.received', 'message.failed', 'dialog.closed'] },
    });
    expect(made.body.bot.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made.body.metadata.verify_token).toMatch(/^[\w-]{32}$/);
    const { body } = await call('get', `gateways/${made.body.id}`);
    expect(body.metadata.verify_token).toMatch(/^••••.{4}$/);
    expect(body.bot.secret).toMatch(/^••••.{4}$/);
    const stored = await api.database.query<{ text: string }>(
      'SELECT metadata::text || bot::text AS text FROM gateway',
    );
    expect(stored.map(({ text }) => text).join()).not.toContain('secret-token');
    expect(api.logged.join()).not.toContain('secret-token');
  });

  it.each([
    ['no name', { name: undefined }, ['name']],
    ['a uri with dots', { uri: '../etc' }, ['uri']],
    ['a uri with a double slash', { uri: 'a//b' }, ['uri']],
    ['an unknown field', { colour: 'red' }, ['colour']],
    ['metadata that is a list', { metadata: [] }, ['metadata']],
    [
      'an unknown and a malformed key',
      { metadata: { token: 'x', nope: '1', app: 'y', mode: 'c' } },
      ['metadata.nope', 'metadata.app', 'metadata.mode'],
    ],
    ['a required key that is missing', { metadata: {} }, ['metadata.token']],
    ['a number for a value', { metadata: { token: 5 } }, ['metadata.token']],
    ['a line break in a value', { metadata: { token: 'a\r\nb' } }, ['metadata.token']],
    ['a masked value', { metadata: { token: '••••1234' } }, ['metadata.token']],
    ['half of a surrogate pair', { name: '\ud800' }, ['name']],
    ['a bot without a URL', { bot: { type: 'webhook' } }, ['bot.url']],
    ['a bot with a file URL', { bot: { url: 'file:///etc/passwd' } }, ['bot.url']],
    ['a bot with an unknown event', { bot: { url: 'http://x.example', events: ['nope'] } }, ['bot.events']],
    ['a bot that waits for too long', { bot: { url: 'http://x.example', timeoutSeconds: 61 } }, ['bot.timeoutSeconds']],
    ['a bot with a weak secret', { bot: { url: 'http://x.example', secret: 'whsec_abc' } }, ['bot.secret']],
    ['a bot that is text', { bot: 'http://x.example' }, ['bot']],
  ])('with %s is refused, and the field is named', async (_what, more, expected) => {
    const answer = await create(more);
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body.code).toBe('validation.failed');
    expect(paths(answer)).toEqual(expect.arrayContaining(expected));
    expect(network.asked).toEqual([]);
    expect((await call('get', `gateways/acme%2F${count}`)).status).toBe(404);
  });

  it('of an unknown type is refused with the installed ones', async () => {
    const answer = await create({ type: 'pigeon' });
    expect(answer.body).toMatchObject({ status: 400, code: 'gateway.type.unknown' });
    expect(answer.body.detail).toContain('fake');
  });

  it('with a taken uri is refused before the network is asked', async () => {
    await create();
    network.asked.length = 0;
    const again = await create({ uri: `acme/${count}` });
    expect(again.body).toMatchObject({ status: 409, code: 'gateway.uri.taken' });
    expect(network.asked).toEqual([]);
  });

  it('with settings that the network refuses is not stored', async () => {
    network.verdict = { status: 'refused', code: 'fake.token.invalid', detail: 'the token is invalid', key: 'token' };
    const answer = await create();
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'fake.token.invalid',
      errors: [{ path: 'metadata.token' }],
    });
    expect((await call('get', `gateways/acme%2F${count}`)).status).toBe(404);
  });

  it('is saved as unverified when the network does not answer, and verified later', async () => {
    network.verdict = { status: 'unreachable', reason: 'no answer in time' };
    const { body } = await create();
    expect(body).toMatchObject({ status: 'unverified', reason: 'no answer in time' });
    network.verdict = { status: 'ok' };
    const { GatewayRecheckService } = await import('../../src/gateway/gateway-recheck.service.js');
    await api.app.get(GatewayRecheckService).recheck();
    const after = await call('get', `gateways/${body.id}`);
    expect(after.body.status).toBe('ok');
    expect(after.body).not.toHaveProperty('reason');
  });

  it('merges a change, takes a masked value for unchanged and null for a removal', async () => {
    const { body: made } = await create();
    network.asked.length = 0;
    const renamed = await call('patch', `gateways/${made.id}`, { name: 'New', metadata: { token: '••••1234' } });
    expect(renamed.body).toMatchObject({ name: 'New', metadata: { token: '••••1234', app: String(count) } });
    expect(network.asked).toEqual([]);
    const changed = await call('patch', `gateways/${made.id}`, {
      metadata: { app: null, token: 'another-token-5678' },
    });
    expect(changed.body.metadata).toMatchObject({ token: '••••5678' });
    expect(changed.body.metadata).not.toHaveProperty('app');
    expect(changed.body.warnings).toEqual(['app is not set']);
    expect(network.asked).toEqual(['verify']);
    const without = await call('patch', `gateways/${made.id}`, { bot: null });
    expect(without.body).not.toHaveProperty('bot');
  });

  it('sends back a bot that may be sent again as it is', async () => {
    const { body: made } = await create();
    const { body: shown } = await call('get', `gateways/${made.id}`);
    const again = await call('patch', `gateways/${made.id}`, { bot: { ...shown.bot, timeoutSeconds: 5 } });
    expect(again.status).toBe(200);
    expect(again.body.bot).toEqual({ ...shown.bot, timeoutSeconds: 5 });
  });

  it('keeps both of two changes that are made at the same moment', async () => {
    const { body: made } = await create();
    await Promise.all([
      call('patch', `gateways/${made.id}`, { metadata: { mode: 'b' } }),
      call('patch', `gateways/${made.id}`, { metadata: { token: 'another-token-5678' } }),
      call('patch', `gateways/${made.id}`, { name: 'Both' }),
    ]);
    const { body } = await call('get', `gateways/${made.id}`);
    expect(body).toMatchObject({ name: 'Both', metadata: { mode: 'b', token: '••••5678' } });
  });

  it('keeps its uri and type', async () => {
    const { body: made } = await create();
    expect((await call('patch', `gateways/${made.id}`, { uri: made.uri, type: 'fake' })).status).toBe(200);
    const moved = await call('patch', `gateways/${made.id}`, { uri: 'elsewhere' });
    expect(moved.body).toMatchObject({ status: 400, code: 'gateway.field.fixed', errors: [{ path: 'uri' }] });
  });

  it('is deleted, and its secrets with it', async () => {
    const { body: made } = await create();
    expect((await call('delete', `gateways/${made.id}`)).status).toBe(204);
    expect((await call('get', `gateways/${made.id}`)).status).toBe(404);
    const [row] = await api.database.query('SELECT metadata, bot FROM gateway WHERE id = $1', [made.id]);
    expect(row).toEqual({ metadata: {}, bot: null });
    expect((await create({ uri: made.uri })).status).toBe(201);
  });

  it('is listed newest first, page by page', async () => {
    await create();
    const { body: newest } = await create();
    const first = await call('get', 'gateways?limit=1');
    expect(first.body.items).toEqual([(await call('get', `gateways/${newest.id}`)).body]);
    const second = await call('get', `gateways?limit=1&cursor=${first.body.next}`);
    expect(second.body.items[0].id < newest.id).toBe(true);
    expect((await call('get', 'gateways?cursor=nonsense')).body.code).toBe('cursor.malformed');
    expect((await call('get', 'gateways?limit=201')).status).toBe(400);
    expect((await call('get', 'gateways?offset=1')).body.errors[0].path).toBe('offset');
  });
});

describe('bad bodies', () => {
  const post = (body: string | Buffer, type = 'application/json') =>
    request(api.app.getHttpServer())
      .post('/api/v1/gateways')
      .set('Authorization', `Bearer ${ADMIN_KEY}`)
      .set('Content-Type', type)
      .serialize((sent) => sent as string)
      .send(body as string);

  it.each([
    ['malformed JSON', '{"name":', 400, 'body.malformed'],
    ['a list', '[]', 400, 'body.malformed'],
    ['ten megabytes', JSON.stringify({ name: 'x'.repeat(10_000_000) }), 413, 'body.too_large'],
    ['deep nesting', `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'validation.failed'],
    ['__proto__', '{"metadata":{"__proto__":{"a":1}}}', 400, 'validation.failed'],
    ['constructor', '{"metadata":{"constructor":null,"a":1}}', 400, 'validation.failed'],
    [
      'a hundred thousand unknown fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`f${n}`, 1]))),
      400,
      'validation.failed',
    ],
    [
      'a huge list',
      JSON.stringify({ bot: { events: Array.from({ length: 200_000 }, () => 1) } }),
      400,
      'validation.failed',
    ],
  ])('%s: a clear error', async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body.code).toBe(code);
    expect(answer.text.length).toBeLessThan(20_000);
  });

  it('invalid UTF-8 and other kinds of bodies: a clear error', async () => {
    const invalid = await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect(invalid.body).toMatchObject({ status: 400, code: 'body.malformed' });
    const text = await post('hello', 'text/plain');
    expect(text.body).toMatchObject({ status: 415, code: 'body.unsupported' });
    const charset = await post('{}', 'application/json; charset=latin1');
    expect(charset.body).toMatchObject({ status: 415, code: 'body.charset' });
  });

  it('an unknown path is a problem, too', async () => {
    const answer = await request(api.app.getHttpServer()).get('/api/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'route.unknown' });
    expect((await request(api.app.getHttpServer()).get('/api/v1/gateways/%ff')).status).toBe(400);
  });
});

describe('the open endpoints', () => {
  it('say that the process is live and ready, and what it counts', async () => {
    const server = api.app.getHttpServer();
    expect((await request(server).get('/health/live')).status).toBe(200);
    const ready = await request(server).get('/health/ready');
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready' }]);
    const metrics = await request(server).get('/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.text).toContain('patchbay_queue_depth{queue="inbox"} 0');
  });

  it('describe the API', async () => {
    const server = api.app.getHttpServer();
    const { body } = await request(server).get('/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/v1/gateways', '/api/v1/keys', '/health/ready']),
    );
    const page = await request(server).get('/api/docs');
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(src|href)=['"]https?:/);
    expect((await request(server).get('/api/docs/swagger-ui-bundle.js')).status).toBe(200);
    const types = await call('get', 'gateway-types');
    expect(types.body.items[0]).toMatchObject({ type: 'fake', channels: [{ channel: 'chat' }] });
  });

  it('give every answer an id, the caller’s own when it is harmless', async () => {
    const server = api.app.getHttpServer();
    const own = await request(server).get('/health/live').set('X-Request-Id', 'abc-1');
    expect(own.headers['x-request-id']).toBe('abc-1');
    const made = await request(server).get('/health/live').set('X-Request-Id', 'a b<script>');
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
