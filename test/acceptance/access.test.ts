import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PERMISSIONS } from '../../src/access/permissions.js';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, gatewayBody, openStage } from '../support/stage.js';

interface Refused {
  readonly status: number;
  readonly code: string;
}

interface Key {
  readonly id: string;
  readonly key: string;
  readonly permissions: string[];
}

interface List<T = { readonly id: string }> {
  readonly items: T[];
  readonly next: string | null;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  /** what the request is asked with: an answer that never ends would be waited for */
  readonly query?: string;
}

const RATE_LIMIT = 25;

let stage: Stage;
/** of the gateway `acme`, and of `hidden`, which limited keys must not see */
let acme: string;
let hidden: string;

beforeAll(async () => {
  stage = await openStage({ env: { API_RATE_LIMIT: String(RATE_LIMIT) } });
  acme = String((await engage(stage))['id']);
  const made = await stage.patchbay.call<{ id: string }>('POST', '/gateways', {
    body: gatewayBody({ uri: 'hidden', bot: stage.bot }),
  });
  hidden = made.body.id;
  await stage.patchbay.command('hidden', 'whatsapp=setup');
  stage.sim.customer('16505551234').write(WORLD.phoneNumberId, 'hi');
  await stage.bot.waitFor(({ type }) => type === 'message.received');
});

afterAll(() => stage.close());

const call = <T = Refused>(method: string, path: string, key?: string | null, body?: unknown) =>
  stage.patchbay.call<T>(method, path, { ...(key !== undefined && { key }), ...(body !== undefined && { body }) });

async function keyFor(permissions: readonly string[], gateways?: readonly string[]): Promise<Key> {
  const { status, body } = await call<Key>('POST', '/keys', undefined, {
    name: 'test',
    permissions,
    ...(gateways && { gateways }),
  });
  expect(status).toBe(201);
  return body;
}

describe('the description of the API', () => {
  it('is OpenAPI 3.1, open, and browsable', async () => {
    const { status, body } = await call<{ openapi: string; paths: Record<string, object> }>(
      'GET',
      '//api/openapi.json',
      null,
    );
    expect([status, body.openapi.slice(0, 3)]).toEqual([200, '3.1']);
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining([...new Set(ENDPOINTS.map(({ path }) => path))]));
    const page = await call('GET', '//api/docs', null);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/html/)]);
  });

  it('names no endpoint of the API that the table below leaves out', async () => {
    const { body } = await call<{ paths: Record<string, Record<string, object>> }>('GET', '//api/openapi.json', null);
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      path.startsWith('/api/v1/') ? Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`) : [],
    );
    expect(ENDPOINTS.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(described.toSorted());
  });
});

const ENDPOINTS: readonly (Operation & { readonly permission: string })[] = [
  { method: 'POST', path: '/api/v1/gateways', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/gateways', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/gateways/{id}', permission: 'gateways:read' },
  { method: 'PATCH', path: '/api/v1/gateways/{id}', permission: 'gateways:write' },
  { method: 'DELETE', path: '/api/v1/gateways/{id}', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/gateways/{id}/tickets', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/gateways/{id}/doctor', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/gateway-types', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/accounts', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/accounts/{id}', permission: 'gateways:read' },
  { method: 'PATCH', path: '/api/v1/accounts/{id}', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/accounts/{id}/link', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/accounts/{id}/profile', permission: 'gateways:read' },
  { method: 'PATCH', path: '/api/v1/accounts/{id}/profile', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/accounts/{id}/refresh', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/accounts/{id}/request-code', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/accounts/{id}/verify-code', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/accounts/{id}/register', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/accounts/{id}/deregister', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/webhooks', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/webhooks', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/webhooks/{id}', permission: 'gateways:read' },
  { method: 'PATCH', path: '/api/v1/webhooks/{id}', permission: 'gateways:write' },
  { method: 'DELETE', path: '/api/v1/webhooks/{id}', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/keys', permission: 'keys:write' },
  { method: 'GET', path: '/api/v1/keys', permission: 'keys:write' },
  { method: 'DELETE', path: '/api/v1/keys/{id}', permission: 'keys:write' },
  { method: 'POST', path: '/api/v1/messages', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/messages/batch', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/messages/explain', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/messages/cancel', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/messages/redrive', permission: 'messages:send' },
  { method: 'GET', path: '/api/v1/messages', permission: 'messages:read' },
  { method: 'GET', path: '/api/v1/messages/{id}', permission: 'messages:read' },
  { method: 'POST', path: '/api/v1/messages/{id}/cancel', permission: 'messages:send' },
  { method: 'GET', path: '/api/v1/dialogs', permission: 'messages:read' },
  { method: 'GET', path: '/api/v1/dialogs/{id}', permission: 'messages:read' },
  { method: 'PATCH', path: '/api/v1/dialogs/{id}', permission: 'messages:send' },
  { method: 'GET', path: '/api/v1/dialogs/{id}/messages', permission: 'messages:read' },
  { method: 'POST', path: '/api/v1/dialogs/{id}/messages', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/dialogs/{id}/assign', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/dialogs/{id}/release', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/dialogs/{id}/read', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/dialogs/{id}/typing', permission: 'messages:send' },
  { method: 'POST', path: '/api/v1/contacts/consents', permission: 'messages:send' },
  { method: 'GET', path: '/api/v1/contacts/{id}', permission: 'messages:read' },
  { method: 'GET', path: '/api/v1/contacts/{id}/consent', permission: 'messages:read' },
  { method: 'PUT', path: '/api/v1/contacts/{id}/consent', permission: 'messages:send' },
  { method: 'GET', path: '/api/v1/templates', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/templates/{id}', permission: 'gateways:read' },
  { method: 'POST', path: '/api/v1/templates', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/templates/sync', permission: 'gateways:write' },
  { method: 'PATCH', path: '/api/v1/templates/{id}', permission: 'gateways:write' },
  { method: 'DELETE', path: '/api/v1/templates/{id}', permission: 'gateways:write' },
  { method: 'DELETE', path: '/api/v1/templates', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/media', permission: 'messages:send' },
  { method: 'GET', path: '/api/v1/media/{id}', permission: 'messages:read' },
  { method: 'GET', path: '/api/v1/usage', permission: 'gateways:read' },
  { method: 'GET', path: '/api/v1/rate-cards', permission: 'gateways:read' },
  { method: 'POST', path: '/api/v1/rate-cards', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/limits', permission: 'gateways:read' },
  { method: 'PUT', path: '/api/v1/limits/seed', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/limits/pause', permission: 'gateways:write' },
  { method: 'POST', path: '/api/v1/limits/resume', permission: 'gateways:write' },
  { method: 'GET', path: '/api/v1/events', permission: 'events:read' },
  { method: 'GET', path: '/api/v1/events/stream', query: '?types=nothing', permission: 'events:read' },
  { method: 'POST', path: '/api/v1/events/{id}/replay', permission: 'events:replay' },
];

describe.each(ENDPOINTS)('$method $path', ({ method, path, query = '', permission }) => {
  const ask = (key: string | null) => call(method, `/${path.replace('{id}', 'no-such-id')}${query}`, key);

  it('takes no stranger', async () => {
    for (const key of [null, 'pb_wrong', '', 'x'.repeat(600)]) {
      const { status, body, headers } = await ask(key);
      expect([status, body.code]).toEqual([401, 'key.invalid']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it(`needs ${permission}, and nothing else will do`, async () => {
    const others = await keyFor(PERMISSIONS.filter((other) => other !== permission));
    const refused = await ask(others.key);
    expect([refused.status, refused.body.code]).toEqual([403, 'permission.missing']);
    const only = await keyFor([permission]);
    const { status } = await ask(only.key);
    // 415: what takes no JSON says so, to whoever may.
    expect([200, 400, 404, 415]).toContain(status);
  });
});

describe('a key', () => {
  it('is shown once, and dead when it is deleted', async () => {
    const made = await keyFor(['gateways:read']);
    expect(made).toMatchObject({ name: 'test', permissions: ['gateways:read'], id: expect.any(String) });
    const { text, body } = await call<List>('GET', '/keys?limit=200');
    expect(text).not.toContain(made.key);
    expect(body.items[0]).toMatchObject({ id: made.id });
    expect(body.items[0]).not.toHaveProperty('key');
    expect((await call('GET', '/gateways', made.key)).status).toBe(200);
    expect((await call('DELETE', `/keys/${made.id}`)).status).toBe(204);
    expect((await call('GET', '/gateways', made.key)).status).toBe(401);
    expect((await call('DELETE', `/keys/${made.id}`)).status).toBe(404);
  });

  it('cannot grant what it does not have', async () => {
    const { key } = await keyFor(['keys:write', 'gateways:read'], [acme]);
    const grant = (permissions: string[], gateways?: string[]) =>
      call('POST', '/keys', key, { name: 'x', permissions, ...(gateways && { gateways }) });
    expect((await grant(['gateways:write'], [acme])).status).toBe(403);
    expect((await grant(['gateways:read'])).status).toBe(403);
    expect((await grant(['gateways:read'], [acme, hidden])).status).toBe(422);
    expect((await grant(['gateways:read'], [acme])).status).toBe(201);
    const { body } = await call('POST', '/keys', undefined, { name: 'x', permissions: [], gateways: ['nobody'] });
    expect([body.status, body.code]).toEqual([422, 'gateway.unknown']);
  });

  it('that is limited to a gateway sees and does nothing beyond it', async () => {
    const { key } = await keyFor(PERMISSIONS, ['hidden']);
    const { body: gateways } = await call<List>('GET', '/gateways', key);
    expect(gateways.items.map(({ id }) => id)).toEqual([hidden]);
    for (const [method, path, body, status] of [
      ['GET', `/gateways/${acme}`, undefined, 404],
      ['PATCH', '/gateways/acme', { name: 'mine' }, 404],
      ['DELETE', `/gateways/${acme}?force=true`, undefined, 404],
      ['POST', `/gateways/${acme}/tickets`, undefined, 404],
      ['GET', '/accounts?gateway=acme', undefined, 422],
      ['POST', '/messages', { gateway: 'acme', to: '+16505551234', content: { type: 'text', text: 'x' } }, 422],
      ['POST', '/gateways', gatewayBody({ uri: 'mine', bot: stage.bot }), 403],
    ] as const) {
      expect([method, path, (await call(method, path, key, body)).status]).toEqual([method, path, status]);
    }
    const { body: all } = await call<List>('GET', '/dialogs');
    expect(all.items).toHaveLength(1);
    const dialog = all.items[0]?.id ?? '';
    const { body: messages } = await call<List>('GET', '/messages');
    const message = messages.items[0]?.id ?? '';
    for (const path of ['/dialogs', '/messages', '/messages?gateway=acme', '/dialogs?gateway=acme']) {
      expect([path, (await call<List>('GET', path, key)).body.items]).toEqual([path, []]);
    }
    for (const path of [`/dialogs/${dialog}`, `/dialogs/${dialog}/messages`, `/messages/${message}`]) {
      expect([path, (await call('GET', path, key)).status]).toEqual([path, 404]);
    }
    const keys = await call<List>('GET', '/keys', key);
    expect(keys.body.items).toHaveLength(1);
    const accounts = await call<List<{ gateway: { id: string } }>>('GET', '/accounts', key);
    expect(accounts.body.items.map(({ gateway }) => gateway.id)).toEqual([hidden]);
    // Where two gateways know a number, who sees one of them only is asked nothing.
    expect((await call('GET', `/accounts/${WORLD.phoneNumberId}`, key)).status).toBe(200);
    const ambiguous = await call('GET', `/accounts/${WORLD.phoneNumberId}`);
    expect([ambiguous.status, ambiguous.body.code]).toEqual([409, 'account.ambiguous']);
    expect((await call('GET', `/accounts/${WORLD.phoneNumberId}?gateway=acme`)).status).toBe(200);
  });
});

describe('the rate limit', () => {
  it('is per key, says when to come back, and spares the bootstrap key and callbacks', async () => {
    const [one, other] = [await keyFor(['gateways:read', 'gateways:write']), await keyFor(['gateways:read'])];
    const answers = [];
    for (let n = 0; n <= RATE_LIMIT; n += 1)
      answers.push(await call('GET', n % 2 ? '/gateways' : '/accounts', one.key));
    expect(answers.slice(0, RATE_LIMIT).every(({ status }) => status === 200)).toBe(true);
    const refused = answers[RATE_LIMIT];
    expect([refused?.status, refused?.body.code]).toEqual([429, 'rate.limited']);
    const seconds = Number(refused?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect((await call('GET', '/gateways', other.key)).status).toBe(200);

    for (let n = 0; n < RATE_LIMIT * 2; n += 1) {
      expect((await call('GET', '/gateway-types')).status).toBe(200);
      expect((await stage.sim.postWebhook({ n })).status).toBe(200);
      expect((await call('GET', '//health/live', null)).status).toBe(200);
    }
    await eventually('the webhooks to be counted', async () =>
      /result="accepted"\} (5[1-9]|[6-9]\d)/.test((await call('GET', '//metrics', null)).text),
    );
  });
});

describe('security headers', () => {
  it.each(['//api/v1/gateways', '//api/docs', '//health/live', '//nothing'])('are on %s', async (path) => {
    const { headers } = await call('GET', path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.has('x-powered-by')).toBe(false);
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are on callbacks: never cached, never sniffed', async () => {
    for (const query of ['whatsapp=search', 'nonsense=1', `hub.mode=subscribe&hub.challenge=1&hub.verify_token=x`]) {
      const { headers } = await stage.patchbay.command('acme', query);
      expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
    }
  });
});
