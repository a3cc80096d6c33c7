import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { createDatabase } from '../support/database.js';
import { ADMIN_KEY } from '../support/patchbay.js';
import { untilQuiet } from '../support/quiet.js';
import { type RawOptions, raw, rawBytes } from '../support/raw-http.js';
import { type Stage, WORLD, databaseEnvironment, engage, openStage } from '../support/stage.js';

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: { path: string; code: string; message: string }[];
}

const MAX_CALLBACK = 3 * 1024 * 1024;
const LONE = '\\ud800';

// Around everything, so that its end comes before that of the database server.
describe('bad input', () => {
  let stage: Stage;
  let database: Client;

  beforeAll(async () => {
    const connectionString = await createDatabase();
    stage = await openStage({ env: databaseEnvironment(connectionString) });
    database = new Client({ connectionString });
    await database.connect();
    await engage(stage);
    stage.sim.customer('16505551234').write(WORLD.phoneNumberId, 'hi');
    await stage.bot.waitFor(({ type }) => type === 'message.received');
    await stage.sim.idle();
  });

  afterAll(async () => {
    await database.end();
    await stage.close();
  });

  beforeEach(() => stage.sim.faults.clear());

  /** What a person's request may store: rows of every table of ours that such a request writes to. */
  const TABLES = [
    'gateway',
    'account',
    'account_group',
    'api_key',
    'ticket',
    'message',
    'outbound',
    'contact',
    'contact_identity',
    'dialog',
    'thread',
    'provider_event',
    'inbox_pending',
    'unhandled_event',
    'idempotency_key',
    'event_delivery',
  ];

  async function rows(): Promise<Record<string, number>> {
    const counts = TABLES.map((table) => `(SELECT count(*)::int FROM patchbay.${table}) AS ${table}`);
    const { rows: found } = await database.query<Record<string, number>>(`SELECT ${counts.join(', ')}`);
    return found[0] ?? {};
  }

  /** Asserts that no table has another number of rows than before `work`. */
  async function storesNothing<T>(work: () => Promise<T>): Promise<T> {
    await untilQuiet(database);
    const before = await rows();
    const result = await work();
    expect(await rows()).toEqual(before);
    return result;
  }

  const API = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
  const problemOf = ({ text }: { text: string }): Refused => JSON.parse(text) as Refused;

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    stage.patchbay.call<Refused>(method, path, { ...(body !== undefined && { body }), headers });

  async function counter(result: string): Promise<number> {
    const { text } = await stage.patchbay.call('GET', '//metrics', { key: null });
    const line = new RegExp(`^patchbay_provider_events_total\\{gateway="acme",result="${result}"\\} (\\d+)$`, 'm');
    return Number(line.exec(text)?.[1] ?? 0);
  }

  describe('a body', () => {
    const send = { gateway: 'acme', to: '+16505551234', content: { type: 'text', text: 'hi' } };
    const bodies: readonly (readonly [what: string, body: string | Buffer, status: number, code: string])[] = [
      ['that is no JSON', '{"gateway":', 400, 'body.malformed'],
      ['that is empty', '', 400, 'validation.failed'],
      ['that is a list', '[]', 400, 'body.malformed'],
      ['that is a number', '5', 400, 'body.malformed'],
      ['of ten megabytes', JSON.stringify({ name: 'x'.repeat(10_000_000) }), 413, 'body.too_large'],
      ['with invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'body.malformed'],
      ['nested 100,000 levels deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400, 'validation.failed'],
      ['nested in a list', `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'validation.failed'],
      ['with __proto__', '{"__proto__":{"admin":true},"metadata":{"__proto__":{"a":"b"}}}', 400, 'validation.failed'],
    ];

    it.each(bodies)('%s is refused wherever it is sent', async (_what, body, status, code) => {
      await storesNothing(async () => {
        for (const path of ['/api/v1/gateways', '/api/v1/messages', '/api/v1/keys']) {
          const answer = await raw(stage.patchbay, path, { method: 'POST', headers: API, body });
          expect([path, answer.status]).toEqual([path, status]);
          expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
          expect(problemOf(answer)).toMatchObject({
            status,
            code,
            title: expect.any(String),
            type: expect.any(String),
          });
          expect(answer.text.length).toBeLessThan(20_000);
        }
      });
    });

    it.each([
      [
        '/gateways',
        { name: 'x', uri: 'x', type: 'messenger', colour: 'red', metadata: { whatsapp_token: 'x' } },
        'colour',
      ],
      [
        '/gateways',
        { name: 'x', uri: 'x', type: 'messenger', bot: { url: 'http://x.example', colour: 1 } },
        'bot.colour',
      ],
      ['/keys', { name: 'x', permissions: [], colour: 'red' }, 'colour'],
      ['/messages', { ...send, colour: 'red' }, 'colour'],
      ['/messages', { ...send, content: { type: 'text', text: 'hi', colour: 'red' } }, 'content.colour'],
      ['/gateways', { name: 5, uri: 'x', type: 'messenger' }, 'name'],
      ['/gateways', { name: 'x', uri: 'x', type: ['messenger'] }, 'type'],
      ['/gateways', { name: 'x', uri: 'x', type: 'messenger', metadata: 'x' }, 'metadata'],
      [
        '/gateways',
        { name: 'x', uri: 'x', type: 'messenger', metadata: { whatsapp_token: { a: 1 } } },
        'metadata.whatsapp_token',
      ],
      ['/gateways', { name: 'x', uri: 'x', type: 'messenger', enabled: 'true' }, 'enabled'],
      ['/keys', { name: 'x', permissions: 'gateways:read' }, 'permissions'],
      ['/keys', { name: 'x', permissions: ['everything'] }, 'permissions'],
      ['/keys', { name: 'x', permissions: [], gateways: [] }, 'gateways'],
      ['/messages', { ...send, gateway: 5 }, 'gateway'],
      ['/messages', { ...send, gateway: undefined }, 'gateway'],
      ['/messages', { ...send, content: 'hi' }, 'content'],
      ['/messages', { ...send, content: undefined }, 'content'],
      ['/messages', { ...send, content: { type: 'poem', text: 'hi' } }, 'content.type'],
      ['/messages', { ...send, content: { type: 'text', text: 5 } }, 'content.text'],
      ['/messages', { ...send, content: { type: 'text' } }, 'content.text'],
      ['/messages', { ...send, fallback: 'x' }, 'fallback'],
      ['/messages', { ...send, metadata: 'x' }, 'metadata'],
      ['/messages', { ...send, expiresAt: 'tomorrow' }, 'expiresAt'],
      ['/messages', { ...send, replyTo: 5 }, 'replyTo'],
    ])('of POST %s with a wrong field is 400 and names it: %j', async (path, body, field) => {
      const { status, body: refused } = await storesNothing(() => call('POST', path, body));
      expect([status, refused.code]).toEqual([400, 'validation.failed']);
      expect(refused.errors?.map((error) => error.path)).toContain(field);
    });

    it.each([
      '16505551234',
      '+1',
      '+0123456789',
      '+1650555123456789',
      '+1650 5551234',
      ' +16505551234',
      '',
      5,
      null,
      undefined,
      [],
      {},
      { phone: '16505551234' },
      { phone: 16505551234 },
      { phone: '+16505551234', userId: 'x' },
      { email: 'a@b.example' },
      { contact: 'x' },
      { dialog: '../x' },
      { userId: '' },
      { userId: 'x'.repeat(257) },
      { userId: 'a\nb' },
    ])('with the recipient %j is 400', async (to) => {
      const { status, body } = await storesNothing(() => call('POST', '/messages', { ...send, to }));
      expect([status, body.code]).toEqual([400, 'to.malformed']);
    });

    it.each([
      ['U+0000', '\\u0000'],
      ['half of a surrogate pair', LONE],
      ['the other half', '\\udc00'],
    ])('with %s anywhere in its text is 400', async (_what, text) => {
      const texts = [
        ['/messages', JSON.stringify({ ...send, content: { type: 'text', text: 'a#b' } })],
        ['/messages', JSON.stringify({ ...send, metadata: { key: 'a#b' } })],
        ['/messages', JSON.stringify({ ...send, metadata: { 'a#b': 1 } })],
        ['/messages', JSON.stringify({ ...send, replyTo: 'a#b' })],
        ['/messages', JSON.stringify({ ...send, content: { type: 'template', name: 'a#b', language: 'en' } })],
        [
          '/messages',
          JSON.stringify({ ...send, content: { type: 'native', channel: 'whatsapp', payload: { a: ['#'] } } }),
        ],
        [
          '/gateways',
          JSON.stringify({ name: 'a#b', uri: 'nul', type: 'messenger', metadata: { whatsapp_token: 'x' } }),
        ],
        [
          '/gateways',
          JSON.stringify({ name: 'x', uri: 'nul', type: 'messenger', metadata: { whatsapp_token: 'a#b' } }),
        ],
        ['/keys', JSON.stringify({ name: 'a#b', permissions: [] })],
      ] as const;
      await storesNothing(async () => {
        for (const [path, body] of texts) {
          const { status } = await call('POST', path, body.replace('#', text));
          expect([path, body, status]).toEqual([path, body, 400]);
        }
      });
    });

    it('that is well formed and refused by a rule is 422', async () => {
      const cases: readonly (readonly [object, string])[] = [
        [{ ...send, gateway: 'nobody' }, 'gateway.unknown'],
        [{ ...send, account: '404' }, 'account.unknown'],
        [{ ...send, channel: 'pigeon' }, 'channel.unknown'],
        [{ ...send, to: { contact: '01890000-0000-7000-8000-000000000000' } }, 'contact.unknown'],
        [{ ...send, to: { dialog: '01890000-0000-7000-8000-000000000000' } }, 'dialog.unknown'],
      ];
      await storesNothing(async () => {
        for (const [body, code] of cases) {
          const answer = await call('POST', '/messages', body);
          expect([body, answer.status, answer.body.code]).toEqual([body, 422, code]);
        }
      });
    });

    it('with a text that is too long is 422 with the limit and what was given', async () => {
      const text = 'x'.repeat(4_097);
      const { status, body } = await storesNothing(() =>
        call('POST', '/messages', { ...send, content: { type: 'text', text } }),
      );
      expect(status).toBe(422);
      expect(JSON.stringify(body)).toMatch(/4,?096/);
      expect(JSON.stringify(body)).toMatch(/4,?097/);
      expect(JSON.stringify(body).length).toBeLessThan(1_000);
    });

    it('with free-form content in a closed or unusable window is refused and leaves no contact behind', async () => {
      await call('PATCH', '/gateways/acme', { metadata: { window_unknown: 'closed' } });
      const { status, body } = await storesNothing(() => call('POST', '/messages', { ...send, to: '+16505550999' }));
      expect([status, body.code]).toEqual([422, 'window.closed']);
    });
  });

  describe('a header or a parameter', () => {
    it.each([
      ['a limit of 0', 'limit=0'],
      ['a limit that is too high', 'limit=201'],
      ['a limit that is no number', 'limit=x'],
      ['a cursor that nobody gave', 'cursor=nonsense'],
      ['a huge cursor', `cursor=${'A'.repeat(5_000)}`],
      ['a cursor with U+0000', 'cursor=%00'],
      ['an unknown parameter', 'offset=1'],
    ])('%s is 400 on every list', async (_what, query) => {
      for (const path of ['gateways', 'accounts', 'messages', 'dialogs', 'keys', 'events?state=parked']) {
        const answer = await call('GET', `/${path}${path.includes('?') ? '&' : '?'}${query}`);
        expect([path, answer.status]).toEqual([path, 400]);
      }
    });

    it('an Idempotency-Key that is too long or malformed is 400', async () => {
      const body = { gateway: 'acme', to: '+16505551234', content: { type: 'text', text: 'hi' } };
      for (const key of ['x'.repeat(129), 'x'.repeat(8_000), 'ä', 'a\tb']) {
        const answer = await storesNothing(() => call('POST', '/messages', body, { 'idempotency-key': key }));
        expect([answer.status, answer.body.code]).toEqual([400, 'idempotency.key.malformed']);
      }
    });

    it('an id that is no id is 404 or 400, never a server error', async () => {
      for (const id of [
        'x',
        '0',
        "'%3B--",
        '%00',
        '%ff',
        '..%2f..',
        'a%2fb%2fc',
        encodeURIComponent('💥'),
        'x'.repeat(4_000),
      ]) {
        for (const [method, path] of [
          ['GET', `gateways/${id}`],
          ['DELETE', `gateways/${id}`],
          ['PATCH', `gateways/${id}`],
          ['GET', `accounts/${id}`],
          ['GET', `messages/${id}`],
          ['POST', `messages/${id}/cancel`],
          ['GET', `dialogs/${id}`],
          ['GET', `contacts/${id}`],
          ['GET', `contacts/${id}/consent`],
          ['DELETE', `keys/${id}`],
          ['POST', `events/${id}/replay`],
        ] as const) {
          const body = method === 'PATCH' ? '{}' : undefined;
          const answer = await raw(stage.patchbay, `/api/v1/${path}`, { method, headers: API, ...(body && { body }) });
          expect([404, 400]).toContain(answer.status);
          expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
        }
      }
    });

    it('a million ids are a clear error, and so is one that is merely large', async () => {
      const ids = Array.from({ length: 1_000_000 }, (_, n) => n).join(',');
      const answer = await rawBytes(
        stage.patchbay,
        `GET /chat/acme?whatsapp=subscribe&id=${ids} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_KEY}\r\n\r\n`,
      );
      expect(answer === '' || answer.startsWith('HTTP/1.1 431 ')).toBe(true);
      const some = Array.from({ length: 2_000 }, (_, n) => n).join(',');
      const { status, body, text } = await storesNothing(() =>
        stage.patchbay.command<Refused>('acme', `whatsapp=subscribe&id=${some}`),
      );
      expect([status, body.code]).toEqual([404, 'accounts.unknown']);
      expect(text.length).toBeLessThan(10_000);
      const long = await stage.patchbay.command<Refused>('acme', `whatsapp=remove&id=${'9'.repeat(10_000)}`);
      expect([long.status, long.text.length < 2_000]).toEqual([404, true]);
    });

    it('path tricks lead nowhere', async () => {
      for (const path of [
        '/chat/%2e%2e/health/live',
        '/chat/../health/live',
        '/chat/..%2f..%2fetc%2fpasswd',
        '/chat//acme',
        '//chat/acme',
        '/chat/acme%00',
        '/chat/acme%0d%0aX-Injected:%201',
        '/chat/%',
        '/chat/%ff',
        '/chat/acme/..',
        '/chat/acme;x=1',
        '/chat/ACME',
        '/meta/%2e%2e',
        '/meta/1234567890%00',
        '/meta/../chat/acme',
        '/api/v1/../../chat/acme',
        '/api/docs/..%2f..%2f..%2fpackage.json',
        '/api/docs/%2e%2e/%2e%2e/package.json',
      ]) {
        for (const method of ['GET', 'POST'] as const) {
          const answer = await raw(stage.patchbay, `${path}?whatsapp=search`, { method, headers: API });
          expect([method, path, [400, 404].includes(answer.status)]).toEqual([method, path, true]);
          expect(answer.headers).not.toHaveProperty('x-injected');
          expect(answer.text).not.toContain('root:');
        }
      }
    });

    it('requests that are no HTTP are hung up on, and headers cannot be smuggled in', async () => {
      for (const bytes of [
        'nonsense\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
        'POST /chat/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'GET /chat/acme HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      ]) {
        expect(await rawBytes(stage.patchbay, bytes)).toMatch(/^HTTP\/1\.1 400 /);
      }
      const reflected = await raw(stage.patchbay, '/health/live', { headers: { 'x-request-id': 'a b<script>' } });
      expect(reflected.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  describe('a webhook', () => {
    const URL_PATH = '/chat/acme';
    const sign = (body: string | Buffer, secret: string = WORLD.appSecret, algorithm = 'sha256'): string =>
      createHmac(algorithm, secret).update(body).digest('hex');
    const post = (body: string | Buffer, headers: Record<string, string>, options: RawOptions = {}) =>
      raw(stage.patchbay, URL_PATH, { method: 'POST', body, headers, ...options });
    const BODY = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: WORLD.wabaId, changes: [{ field: 'no_such_field', value: {} }] }],
    });

    it('without a right signature over its very bytes is 401; only a counter remembers it', async () => {
      const right = `sha256=${sign(BODY)}`;
      const cases: readonly (readonly [Record<string, string>, string, string])[] = [
        [{}, 'webhook.signature.missing', 'unsigned'],
        [{ 'x-hub-signature': `sha1=${sign(BODY, WORLD.appSecret, 'sha1')}` }, 'webhook.signature.missing', 'unsigned'],
        [
          { 'x-hub-signature-256': `sha1=${sign(BODY, WORLD.appSecret, 'sha1')}` },
          'webhook.signature.invalid',
          'forged',
        ],
        [
          { 'x-hub-signature-256': `sha512=${sign(BODY, WORLD.appSecret, 'sha512')}` },
          'webhook.signature.invalid',
          'forged',
        ],
        [{ 'x-hub-signature-256': `sha256=${sign(BODY, 'another-secret')}` }, 'webhook.signature.invalid', 'forged'],
        [{ 'x-hub-signature-256': `sha256=${sign(`${BODY} `)}` }, 'webhook.signature.invalid', 'forged'],
        [{ 'x-hub-signature-256': right.slice(0, -1) }, 'webhook.signature.invalid', 'forged'],
        [{ 'x-hub-signature-256': `${right}00` }, 'webhook.signature.invalid', 'forged'],
        [{ 'x-hub-signature-256': 'sha256=' }, 'webhook.signature.invalid', 'forged'],
        [{ 'x-hub-signature-256': `${right}, ${right}` }, 'webhook.signature.invalid', 'forged'],
      ];
      await storesNothing(async () => {
        for (const [headers, code, result] of cases) {
          const before = await counter(result);
          const answer = await post(BODY, headers);
          expect([headers, answer.status, problemOf(answer).code]).toEqual([headers, 401, code]);
          expect([headers, (await counter(result)) - before]).toEqual([headers, 1]);
        }
      });
    });

    it('is judged by its signature before it is parsed, and refused when it is no JSON', async () => {
      await storesNothing(async () => {
        const junk = Buffer.from([0xff, 0xfe, 0x00]);
        expect((await post(junk, { 'x-hub-signature-256': `sha256=${sign('x')}` })).status).toBe(401);
        for (const body of ['', '{', 'hello', '{"a":1}}']) {
          const answer = await post(body, { 'x-hub-signature-256': `sha256=${sign(body)}` });
          expect([body, answer.status, problemOf(answer).code]).toEqual([body, 400, 'body.malformed']);
        }
      });
    });

    it('of exactly 3 MiB is taken; one byte more is 413, announced or not', async () => {
      const padded = (bytes: number): string => BODY + ' '.repeat(bytes - BODY.length);
      const signed = (body: string) => ({ 'x-hub-signature-256': `sha256=${sign(body)}` });
      const before = await counter('too_large');
      await storesNothing(async () => {
        for (const bytes of [MAX_CALLBACK + 1, 10_000_000]) {
          const body = padded(bytes);
          const answer = await post(body, signed(body));
          expect([bytes, answer.status, problemOf(answer).code]).toEqual([bytes, 413, 'body.too_large']);
          // A client that does not look up before it has written everything gets its answer, too.
          const whole = await stage.patchbay.call('POST', '//chat/acme', { body, key: null, headers: signed(body) });
          expect([bytes, whole.status]).toEqual([bytes, 413]);
          const chunked = await post(body, { ...signed(body), 'transfer-encoding': 'chunked' });
          expect([bytes, chunked.status]).toEqual([bytes, 413]);
        }
      });
      expect((await counter('too_large')) - before).toBe(6);
      const largest = padded(MAX_CALLBACK);
      expect((await post(largest, signed(largest))).status).toBe(200);
    });

    it('whose JSON makes no sense is kept for a person, however deep or odd it is', async () => {
      const bodies = [
        '5',
        'null',
        '[]',
        `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
        `{"object":"whatsapp_business_account","entry":${'[{"changes":'.repeat(30_000)}1${'}]'.repeat(30_000)}}`,
        '{"object":"page"}',
        '{"object":"whatsapp_business_account","entry":{}}',
        `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"a\\u0000b${LONE}"}]}]}`,
        '{"object":"whatsapp_business_account","__proto__":{"entry":[]}}',
      ];
      for (const body of bodies) {
        const answer = await post(body, { 'x-hub-signature-256': `sha256=${sign(body)}` });
        expect([body.slice(0, 50), answer.status]).toEqual([body.slice(0, 50), 200]);
      }
      stage.sim.customer('16505551235').write(WORLD.phoneNumberId, 'after all that');
      await stage.bot.waitFor(({ message }) => message?.text === 'after all that');
      const { status, text } = await stage.patchbay.call('GET', '/events?state=unhandled&limit=200');
      expect(status).toBe(200);
      expect(text).toContain('entry');
    });
  });

  describe('thousands of bad requests', () => {
    const memory = async (): Promise<number> => {
      const status = await readFile(`/proc/${stage.patchbay.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
    };

    it('leave the process alive, no rows, and no memory taken', async () => {
      const { pid } = stage.patchbay;
      const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
      const kinds: readonly (() => Promise<{ readonly status: number }>)[] = [
        () => raw(stage.patchbay, '/chat/nobody', { method: 'POST', body: deep }),
        () =>
          raw(stage.patchbay, '/chat/acme', {
            method: 'POST',
            body: deep,
            headers: { 'x-hub-signature-256': 'sha256=00' },
          }),
        () =>
          raw(stage.patchbay, '/chat/acme?whatsapp=remove&ack=true', { headers: { authorization: 'Bearer wrong' } }),
        () => raw(stage.patchbay, '/api/v1/gateways', { method: 'POST', headers: API, body: deep }),
        () => raw(stage.patchbay, '/api/v1/messages', { method: 'POST', headers: API, body: '{"gateway":' }),
        () => raw(stage.patchbay, `/api/v1/messages/${'x'.repeat(1_000)}`, { headers: API }),
        () => raw(stage.patchbay, '/api/v1/keys', { headers: { authorization: `Bearer ${'k'.repeat(600)}` } }),
      ];
      const burst = async (requests: number): Promise<void> => {
        for (let at = 0; at < requests; at += 50) {
          const requestsNow = Array.from({ length: 50 }, (_, n) => kinds[(at + n) % kinds.length] ?? kinds[0]);
          const answers = await Promise.all(requestsNow.flatMap((send) => send?.() ?? []));
          for (const answer of answers) expect([400, 401, 404]).toContain(answer?.status);
        }
      };
      await storesNothing(async () => {
        await burst(1_000);
        const warm = await memory();
        await burst(3_000);
        expect((await memory()) - warm).toBeLessThan(60);
      });
      expect(stage.patchbay.pid).toBe(pid);
      expect((await stage.patchbay.call('GET', '//health/ready', { key: null })).status).toBe(200);
    });
  });
});
