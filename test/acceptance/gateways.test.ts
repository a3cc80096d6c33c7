import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { type Answer, eventually, freePort } from '../support/patchbay.js';
import { type Stage, WORLD, openStage } from '../support/stage.js';
import { askedOf } from '../support/asked.js';

interface Gateway {
  readonly id: string;
  readonly name: string;
  readonly uri: string;
  readonly enabled: boolean;
  readonly status: string;
  readonly reason?: string;
  readonly warnings: string[];
  readonly callbackUri: string;
  readonly metadata: Record<string, string>;
  readonly bot?: { url: string; secret: string; events: string[]; timeoutSeconds: number };
}

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: { path: string; code: string; message: string }[];
}

interface List<T> {
  readonly items: T[];
  readonly next: string | null;
}

let stage: Stage;
let count = 0;

beforeAll(async () => {
  stage = await openStage({
    simulator: {
      world: {
        apps: [{ id: '77', secret: 'secret-of-the-other-app' }],
        tokens: [
          { token: 'EAAWithoutMessaging', scopes: ['whatsapp_business_management', 'business_management'] },
          { token: 'EAARevoked', valid: false },
          { token: 'EAAOfAnotherApp', appId: '77' },
          { token: 'EAASecondToken' },
        ],
      },
    },
  });
});

afterAll(() => stage.close());

beforeEach(() => stage.sim.faults.clear());

const METADATA = {
  whatsapp_token: WORLD.token,
  client_id: WORLD.appId,
  client_secret: WORLD.appSecret,
  verify_token: WORLD.verifyToken,
};

function create<T = Gateway>(more: object = {}): Promise<Answer<T>> {
  count += 1;
  const body = { name: 'Acme', uri: `acme-${count}`, type: 'messenger', metadata: METADATA, ...more };
  return stage.patchbay.call<T>('POST', '/gateways', { body });
}

const get = (id: string): Promise<Answer<Gateway>> => stage.patchbay.call<Gateway>('GET', `/gateways/${id}`);
const patch = <T = Gateway>(id: string, body: object): Promise<Answer<T>> =>
  stage.patchbay.call<T>('PATCH', `/gateways/${id}`, { body });

const list = async (): Promise<Gateway[]> => {
  const answer = await stage.patchbay.call<List<Gateway>>('GET', '/gateways?limit=200');
  return answer.body.items;
};

/** Asserts that nothing was stored and Meta was not asked while `work` ran. */
async function leavesNothing<T>(work: () => Promise<T>, { asks = false } = {}): Promise<T> {
  const before = [(await list()).map(({ id }) => id), askedOf(stage.sim)];
  const result = await work();
  const after = [(await list()).map(({ id }) => id), asks ? before[1] : askedOf(stage.sim)];
  expect(after).toEqual(before);
  return result;
}

describe('a gateway that is made', () => {
  it('is as the contract shows it: verified by Meta, secrets masked but for the two that are shown once', async () => {
    const { status, body, text } = await create({
      bot: { type: 'webhook', url: stage.bot.url, events: ['message.received'], timeoutSeconds: 7 },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'Acme',
      uri: `acme-${count}`,
      type: 'messenger',
      enabled: true,
      callbackUri: `${stage.patchbay.url}/chat/acme-${count}`,
      status: 'ok',
      warnings: [],
      metadata: {
        whatsapp_token: '••••oken',
        client_id: WORLD.appId,
        client_secret: '••••cret',
        verify_token: WORLD.verifyToken,
      },
      bot: { type: 'webhook', url: stage.bot.url, events: ['message.received'], timeoutSeconds: 7 },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(body.bot?.secret).toMatch(/^whsec_/);
    expect(text).not.toContain(WORLD.token);
    expect(text).not.toContain(WORLD.appSecret);

    const { bot, metadata, ...same } = body;
    const masked = {
      ...same,
      metadata: { ...metadata, verify_token: '••••oken' },
      bot: { ...bot, secret: `••••${bot?.secret.slice(-4)}` },
    };
    expect((await get(body.id)).body).toEqual(masked);
    expect((await get(body.uri)).body).toEqual(masked);
    expect((await list())[0]).toEqual(masked);
    const patched = await patch(body.id, { name: 'Acme' });
    expect(patched.body).toEqual({ ...masked, updatedAt: expect.any(String) });
  });

  it('shows a verify token that was made for it once, and the handshake takes it', async () => {
    const { body } = await create({ metadata: { ...METADATA, verify_token: undefined } });
    const token = body.metadata['verify_token'] ?? '';
    expect(token).toMatch(/^[\w-]{20,}$/);
    const query = `hub.mode=subscribe&hub.challenge=42&hub.verify_token=${token}`;
    const answer = await stage.patchbay.command(body.uri, query, { key: null });
    expect([answer.status, answer.text]).toEqual([200, '42']);
    expect((await get(body.id)).text).not.toContain(token);
  });

  it('needs no bot', async () => {
    const { status, body } = await create();
    expect([status, body.bot]).toEqual([201, undefined]);
  });

  it.each(['a', 'a/b', 'a-b_c/0', 'x'.repeat(64)])('may have the uri %s', async (uri) => {
    const made = await create({ uri });
    expect(made.status).toBe(201);
    const { body } = await stage.patchbay.command<Refused>(uri, 'whatsapp=', { key: null });
    expect(body.code).toBe('key.invalid');
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '../a',
    'a.b',
    'A',
    'ä',
    'a b',
    'a?b',
    'a%2fb',
    'a\n',
    'a\0',
    'x'.repeat(65),
    5,
    null,
  ])('may not have the uri %j: nothing is stored, nobody is asked', async (uri) => {
    const { status, body } = await leavesNothing(() => create<Refused>({ uri }));
    expect([status, body.code, body.errors?.[0]?.path]).toEqual([400, 'validation.failed', 'uri']);
  });

  it('may not have a taken uri, whatever else is wrong at Meta', async () => {
    await create({ uri: 'taken' });
    const { status, body } = await leavesNothing(() =>
      create<Refused>({ uri: 'taken', metadata: { whatsapp_token: 'EAARevoked' } }),
    );
    expect([status, body.code]).toEqual([409, 'gateway.uri.taken']);
  });

  it('of two that want the same uri at the same moment, one gets it', async () => {
    const answers = await Promise.all([create({ uri: 'contested' }), create({ uri: 'contested' })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });

  it('must be of an installed type; the refusal lists them', async () => {
    const { status, body } = await leavesNothing(() => create<Refused>({ type: 'pigeon' }));
    expect([status, body.code]).toEqual([400, 'gateway.type.unknown']);
    expect(body.detail).toContain('messenger');
  });

  it('must have right metadata: one entry per key', async () => {
    const { status, body } = await leavesNothing(() =>
      create<Refused>({
        metadata: { client_id: 'abc', nonsense: '1', version: 26, window_unknown: 'maybe', settle_seconds: '-1' },
      }),
    );
    expect(status).toBe(400);
    expect(body.errors?.map(({ path, code }) => [path, code])).toEqual([
      ['metadata.client_id', 'metadata.malformed'],
      ['metadata.nonsense', 'metadata.unknown'],
      ['metadata.version', 'metadata.malformed'],
      ['metadata.window_unknown', 'metadata.malformed'],
      ['metadata.settle_seconds', 'metadata.malformed'],
      ['metadata.whatsapp_token', 'metadata.required'],
    ]);
  });

  it.each([
    ['is not one', { whatsapp_token: 'EAANobodysToken' }, 'whatsapp.token.invalid', /./],
    ['was revoked', { whatsapp_token: 'EAARevoked' }, 'whatsapp.token.invalid', /./],
    ['lacks a scope', { whatsapp_token: 'EAAWithoutMessaging' }, 'whatsapp.token.scope', /whatsapp_business_messaging/],
    [
      'belongs to another app',
      { whatsapp_token: 'EAAOfAnotherApp', client_secret: 'secret-of-the-other-app' },
      'whatsapp.token.app',
      /77.*1234567890/,
    ],
  ])('is refused when its token %s', async (_what, metadata, code, detail) => {
    const { status, body, text } = await leavesNothing(
      () => create<Refused>({ metadata: { ...METADATA, ...metadata } }),
      { asks: true },
    );
    expect([status, body.code]).toEqual([422, code]);
    expect(body.detail).toMatch(detail);
    expect(body.errors).toEqual([expect.objectContaining({ path: 'metadata.whatsapp_token' })]);
    expect(text).not.toContain(metadata.whatsapp_token);
  });
});

describe('a gateway whose Meta is away', () => {
  it('is saved as unverified with the reason', async () => {
    const graphUrl = `http://127.0.0.1:${await freePort()}`;
    const away = await create({ metadata: { ...METADATA, graph_url: graphUrl } });
    expect(away).toMatchObject({ status: 201, body: { status: 'unverified', reason: expect.any(String) } });
    stage.sim.faults.add({ match: { path: '/debug_token' }, do: { status: 500, bodyless: true } });
    const broken = await create();
    expect(broken).toMatchObject({
      status: 201,
      body: { status: 'unverified', reason: expect.stringContaining('500') },
    });
    stage.sim.faults.clear();
    stage.sim.faults.add({ match: { path: '/debug_token' }, do: { drop: 'before' } });
    const dropped = await create();
    expect(dropped).toMatchObject({ status: 201, body: { status: 'unverified' } });
    stage.sim.faults.clear();

    // Sending the metadata again asks again.
    const again = await patch(dropped.body.id, { metadata: { whatsapp_token: '••••oken' } });
    expect(again.body).toMatchObject({ status: 'ok' });
    expect(again.body).not.toHaveProperty('reason');

    // And the one that nobody touches is asked about in the background.
    const verified = await eventually(
      'the check in the background',
      async () => {
        const { body } = await get(broken.body.id);
        return body.status === 'ok' && body;
      },
      45_000,
    );
    expect(verified).not.toHaveProperty('reason');
    expect((await get(away.body.id)).body.status).toBe('unverified');
  });
});

describe('a change', () => {
  it('merges, removes with null, takes a masked value for unchanged', async () => {
    const { body: made } = await create({ bot: { url: stage.bot.url } });
    const { body } = await patch(made.id, {
      enabled: false,
      metadata: { client_secret: '••••cret', whatsapp_token: 'EAASecondToken', window_unknown: 'closed' },
      bot: { timeoutSeconds: 3 },
    });
    expect(body).toMatchObject({
      name: 'Acme',
      enabled: false,
      metadata: { whatsapp_token: '••••oken', client_secret: '••••cret', window_unknown: 'closed' },
      bot: { url: stage.bot.url, timeoutSeconds: 3, events: made.bot?.events },
    });
    expect(body.bot?.secret).toBe(`••••${made.bot?.secret.slice(-4)}`);
    const { body: removed } = await patch(made.id, { metadata: { window_unknown: null }, bot: null });
    expect(removed.metadata).not.toHaveProperty('window_unknown');
    expect(removed).not.toHaveProperty('bot');
    // The token in force is the new one: the next call at Meta carries it.
    await stage.patchbay.command(made.uri, 'whatsapp=setup');
    const [request] = stage.sim.requests.slice(-1);
    expect(request?.token).toBe('EAASecondToken');
    expect((await get(made.id)).body).toEqual(removed);
  });

  it('cannot move a gateway or make it another type', async () => {
    const { body: made } = await create();
    for (const [field, value] of Object.entries({ uri: 'elsewhere', type: 'pigeon' })) {
      const { status, body } = await patch<Refused>(made.id, { name: 'changed', [field]: value });
      expect([status, body.code, body.errors?.[0]?.path]).toEqual([400, 'gateway.field.fixed', field]);
    }
    expect((await get(made.id)).body).toEqual({ ...made, metadata: expect.anything() });
  });

  it('that is wrong or refused by Meta changes nothing', async () => {
    const { body: made } = await create();
    const { body: before } = await get(made.id);
    const wrong: readonly (readonly [object, number])[] = [
      [{ name: 'x', colour: 'red' }, 400],
      [{ name: 'x', metadata: { nonsense: '1' } }, 400],
      [{ name: 'x', metadata: { whatsapp_token: null } }, 400],
      [{ name: '' }, 400],
      [{ name: null }, 400],
      [{ enabled: 'yes' }, 400],
      [{ name: 'x', metadata: { whatsapp_token: 'EAARevoked' } }, 422],
    ];
    for (const [body, status] of wrong) expect([body, (await patch(made.id, body)).status]).toEqual([body, status]);
    expect((await get(made.id)).body).toEqual(before);
    expect((await patch('no-such-gateway', { name: 'x' })).status).toBe(404);
  });

  it('is in force when it is answered', async () => {
    const { body: made } = await create();
    const handshake = (token: string) =>
      stage.patchbay.command(made.uri, `hub.mode=subscribe&hub.challenge=1&hub.verify_token=${token}`, { key: null });
    for (let round = 0; round < 10; round += 1) {
      await patch(made.id, { metadata: { verify_token: `token-${round}` } });
      expect((await handshake(`token-${round}`)).status).toBe(200);
      expect((await handshake(`token-${round - 1}`)).status).toBe(403);
    }
  });
});

describe('deleting', () => {
  it('a gateway that nobody uses is at once; its uri is free again', async () => {
    const { body: made } = await create();
    expect((await stage.patchbay.call('DELETE', `/gateways/${made.id}`)).status).toBe(204);
    expect((await get(made.id)).status).toBe(404);
    expect((await stage.patchbay.command(made.uri, 'whatsapp=')).status).toBe(404);
    expect((await stage.patchbay.call('DELETE', `/gateways/${made.id}`)).status).toBe(404);
    expect((await create({ uri: made.uri })).status).toBe(201);
  });

  it('one with engaged accounts or queued messages takes force, which unsubscribes and cancels', async () => {
    const { body: made } = await create();
    await stage.patchbay.command(made.uri, 'whatsapp=setup');
    await stage.patchbay.command(made.uri, 'whatsapp=subscribe');
    expect(stage.sim.world.waba(WORLD.wabaId).subscribedApps.size).toBe(1);
    const refused = await stage.patchbay.call<Refused>('DELETE', `/gateways/${made.id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'gateway.in_use']);
    expect(refused.body.detail).toContain(WORLD.wabaId);
    expect((await stage.patchbay.call('DELETE', `/gateways/${made.id}?force=maybe`)).status).toBe(400);

    stage.sim.faults.add({ match: { path: '/messages' }, do: { error: { code: 130429 }, status: 429 } });
    const sent = await stage.patchbay.call<{ id: string }>('POST', '/messages', {
      body: { gateway: made.uri, to: '+16505557777', content: { type: 'template', name: 'hello', language: 'en_US' } },
    });
    expect(sent.status).toBe(202);
    await stage.patchbay.command(made.uri, 'whatsapp=unsubscribe');
    const queued = await stage.patchbay.call<Refused>('DELETE', `/gateways/${made.id}`);
    expect(queued.body).toMatchObject({ code: 'gateway.in_use', detail: expect.stringContaining('1 queued') });
    await stage.patchbay.command(made.uri, 'whatsapp=subscribe');

    expect((await stage.patchbay.call('DELETE', `/gateways/${made.id}?force=true`)).status).toBe(204);
    expect(stage.sim.world.waba(WORLD.wabaId).subscribedApps.size).toBe(0);
    const message = await stage.patchbay.call<{ status: string }>('GET', `/messages/${sent.body.id}`);
    expect(message.body.status).toBe('cancelled');
  });
});

describe('GET /gateway-types', () => {
  it('lists what is installed, with its settings, channels and capabilities', async () => {
    const { status, body } = await stage.patchbay.call<
      List<{ type: string; metadata: { name: string }[]; channels: object[] }>
    >('GET', '/gateway-types');
    expect(status).toBe(200);
    const [messenger] = body.items;
    expect(messenger?.type).toBe('messenger');
    expect(messenger?.metadata).toContainEqual({
      name: 'whatsapp_token',
      required: true,
      secret: true,
      description: expect.stringMatching(/./),
    });
    // prettier-ignore
    expect(messenger?.metadata.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'client_id', 'client_secret', 'client_secret_previous', 'verify_signature', 'verify_token', 'version',
        'graph_url', 'window_unknown', 'in_doubt', 'settle_seconds',
      ]),
    );
    expect(messenger?.metadata).toContainEqual(expect.objectContaining({ name: 'window_unknown', default: 'try' }));
    expect(messenger?.channels).toMatchObject([
      { channel: 'whatsapp', capabilities: { outbound: expect.arrayContaining(['text', 'template']) } },
      { channel: 'facebook', capabilities: { template: false } },
      { channel: 'instagram', capabilities: { template: false } },
    ]);
  });
});

describe('signatures', () => {
  const events = async (): Promise<string> => {
    const { text } = await stage.patchbay.call('GET', '//metrics', { key: null });
    return text
      .split('\n')
      .filter((line) => line.startsWith('patchbay_provider_events_total{'))
      .join('\n');
  };
  const BODY = {
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'nonsense', value: {} }] }],
  };
  const deliver = (uri: string, options: object = {}) =>
    stage.sim.postWebhook(BODY, { target: `${stage.patchbay.url}/chat/${uri}`, ...options });

  it('a gateway with nothing but a token does everything but receive, and says so', async () => {
    const { body: made } = await create({ metadata: { whatsapp_token: WORLD.token }, bot: { url: stage.bot.url } });
    expect(made.status).toBe('ok');
    expect(made.warnings).toEqual([expect.stringMatching(/client_secret/)]);
    expect((await get(made.id)).body.warnings).toEqual(made.warnings);
    for (const operation of ['setup', 'subscribe', 'search']) {
      const answer = await stage.patchbay.command(made.uri, `whatsapp=${operation}`);
      expect([operation, answer.status, answer.body]).toMatchObject([operation, 200, [{ id: WORLD.wabaId }]]);
    }
    const sent = await stage.patchbay.call('POST', '/messages', {
      body: { gateway: made.uri, to: '+16505558888', content: { type: 'template', name: 'hello', language: 'en_US' } },
    });
    expect(sent.status).toBe(202);
    await stage.sim.customer('16505558888').nextMessage();

    const refused = await deliver(made.uri);
    expect([refused.status, (JSON.parse(refused.body) as Refused).code]).toEqual([401, 'webhook.secret.missing']);
    expect(await events()).toContain(`{gateway="${made.uri}",result="not_configured"} 1`);
    const { body: kept } = await stage.patchbay.call<List<object>>(
      'GET',
      `/events?state=unhandled&gateway=${made.uri}`,
    );
    expect(kept.items).toEqual([]);
    for (const operation of ['unsubscribe', 'remove&ack=true']) {
      expect((await stage.patchbay.command(made.uri, `whatsapp=${operation}`)).status).toBe(200);
    }
  });

  it('verify_signature=off lets anything in, and warns', async () => {
    const { body: made } = await create({ metadata: { whatsapp_token: WORLD.token, verify_signature: 'off' } });
    expect(made.warnings).toEqual([expect.stringMatching(/verify_signature is off/)]);
    expect((await deliver(made.uri, { signature: null })).status).toBe(200);
    expect((await deliver(made.uri, { signature: 'sha256=00' })).status).toBe(200);
  });

  it('client_secret_previous is taken while a secret rotates, and no longer than that', async () => {
    const { body: made } = await create({
      metadata: { whatsapp_token: WORLD.token, client_secret: WORLD.appSecret },
    });
    stage.sim.world.addApp({ id: WORLD.appId, secret: 'the-new-app-secret' });
    try {
      expect((await deliver(made.uri)).status).toBe(401);
      const rotated = await patch(made.id, {
        metadata: { client_secret: 'the-new-app-secret', client_secret_previous: WORLD.appSecret },
      });
      expect(rotated.status).toBe(200);
      expect((await deliver(made.uri)).status).toBe(200);
      const signature = `sha256=${createHmac('sha256', WORLD.appSecret).update(JSON.stringify(BODY)).digest('hex')}`;
      expect((await deliver(made.uri, { signature })).status).toBe(200);
      const done = await patch(made.id, { metadata: { client_secret_previous: null } });
      expect(done.status).toBe(200);
      expect((await deliver(made.uri, { signature })).status).toBe(401);
      expect((await deliver(made.uri)).status).toBe(200);
    } finally {
      stage.sim.world.addApp({ id: WORLD.appId, secret: WORLD.appSecret });
    }
  });
});
