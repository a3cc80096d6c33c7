import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { AccountCall, Content, ProviderAnswer, ProviderRequest, WebhookRequest } from '../../contract/index.js';
import { channel, contextOf, message, NOW, OTHER, SECRET, type, URL_ } from './custom.fixture.js';

describe('a signature', () => {
  const body = JSON.stringify(message());
  const request = (headers: WebhookRequest['headers'], bytes = body): WebhookRequest => ({
    method: 'POST',
    query: new URLSearchParams(),
    headers,
    body: Buffer.from(bytes),
  });
  /** By the specification's own package, not by ours. */
  const signed = (secret = SECRET, at = NOW, bytes = body): WebhookRequest['headers'] => ({
    'webhook-id': 'req_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('req_1', at, bytes),
  });
  const verdict = (headers: WebhookRequest['headers'], settings = {}, bytes = body) =>
    type.webhook.verify(request(headers, bytes), contextOf(settings));
  const off = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
  const both = `${signed()['webhook-signature'] as string} ${signed(OTHER)['webhook-signature'] as string}`;

  it.each([
    ['right', signed(), {}, 'ok'],
    ['right among several', { ...signed(), 'webhook-signature': both }, { secret: OTHER }, 'ok'],
    ['of the secret before the rotation', signed(OTHER), { secret_previous: OTHER }, 'ok'],
    ['of the secret for what comes in', signed(OTHER), { inbound_secret: OTHER }, 'ok'],
    ['of the other secret then', signed(), { inbound_secret: OTHER }, 'forged'],
    ['of somebody else', signed(OTHER), {}, 'forged'],
    ['one of very many', { ...signed(), 'webhook-signature': `${both} `.repeat(9).trim() }, {}, 'forged'],
    ['of another id', { ...signed(), 'webhook-id': 'req_2' }, {}, 'forged'],
    ['of another time', { ...signed(), 'webhook-timestamp': String(NOW.getTime() / 1_000 + 1) }, {}, 'forged'],
    ['missing', { ...signed(), 'webhook-signature': undefined }, {}, 'unsigned'],
    ['without an id', { ...signed(), 'webhook-id': undefined }, {}, 'unsigned'],
    ['as old as it may be', signed(SECRET, off(-300)), {}, 'ok'],
    ['too old', signed(SECRET, off(-301)), {}, 'stale'],
    ['from the future', signed(SECRET, off(301)), {}, 'stale'],
    ['too old for this gateway', signed(SECRET, off(-11)), { tolerance_seconds: '10' }, 'stale'],
    ['not to be checked', signed(), { secret: undefined }, 'not-configured'],
  ])('that is %s', (_, headers, settings, expected) => {
    const judged = verdict(headers, settings);
    expect(judged.ok ? 'ok' : judged.why).toBe(expected);
  });

  it('is over the very bytes', () => {
    expect(verdict(signed(), {}, body.replace('hi', 'ho'))).toEqual({ ok: false, why: 'forged' });
  });
});

describe('a message that goes out', () => {
  const ATTEMPT = 'pb.1a2b3c4d.01a215d7-4a3b-7000-9005-237b067d79aa';

  async function sent(answer: ProviderAnswer, settings = {}, content: Content = { type: 'text', text: 'Hello' }) {
    const seen: ProviderRequest[] = [];
    const call: AccountCall = {
      ...contextOf(settings),
      account: { address: 'shop', group: 'shops.acme', name: 'The shop' },
      http: { request: async (request) => (seen.push(request), answer) },
    };
    const part = channel.outbound.render({ to: { userId: 'ann', phone: '1650' }, content, replyTo: 'x7' }, call);
    const outcome = await channel.outbound.send(part, ATTEMPT, call);
    return { outcome, request: seen[0] as ProviderRequest };
  }
  const answered = (httpStatus: number, body: unknown = '', headers = {}): ProviderAnswer => ({
    status: 'answered',
    httpStatus,
    headers,
    text: typeof body === 'string' ? body : JSON.stringify(body),
  });

  it('is an envelope that the specification’s own package accepts', async () => {
    const { request } = await sent(answered(200, {}), { secret_previous: OTHER });
    const { headers = {}, body = '' } = request;
    expect(request).toMatchObject({ method: 'POST', url: URL_ });
    expect(headers).toMatchObject({ 'webhook-id': ATTEMPT, 'idempotency-key': ATTEMPT });
    for (const secret of [SECRET, OTHER]) {
      const given = headers['webhook-signature']?.split(' ') ?? [];
      expect(given).toContain(new Webhook(secret).sign(ATTEMPT, NOW, String(body)));
    }
    expect(JSON.parse(String(body))).toEqual({
      type: 'message',
      attempt: ATTEMPT,
      gateway: 'shops/acme',
      account: 'shop',
      to: { userId: 'ann', phone: '1650' },
      content: { type: 'text', text: 'Hello' },
      replyTo: 'x7',
    });
    expect(JSON.stringify(request)).not.toContain(SECRET);
  });

  it('goes to another base where the metadata say so', async () => {
    const { request } = await sent(answered(200), { api_url: 'http://127.0.0.1:4000/base/' });
    expect(request.url).toBe('http://127.0.0.1:4000/base/messages?v=1');
  });

  it.each<[string, ProviderAnswer, object]>([
    ['an id', answered(201, { id: 'x1' }), { status: 'accepted', providerId: 'x1' }],
    ['an id that is a number', answered(200, { id: 7 }), { status: 'accepted', providerId: '7' }],
    ['no id', answered(204), { status: 'accepted', providerId: ATTEMPT }],
    ['words', answered(200, 'OK'), { status: 'accepted', providerId: ATTEMPT }],
    [
      'a code',
      answered(422, { error: { code: 'recipient.blocked', message: 'no' } }),
      { status: 'refused', remote: { code: 'recipient.blocked', message: 'no', httpStatus: 422 } },
    ],
    [
      'a problem',
      answered(400, { code: 'odd', title: 'Odd' }),
      { status: 'refused', remote: { code: 'odd', message: 'Odd' } },
    ],
    ['a bare status', answered(404, '<html>'), { status: 'refused', remote: { code: 'http.404', httpStatus: 404 } }],
    [
      'a message without a code',
      answered(500, { error: 'broken' }),
      { status: 'refused', remote: { code: 'http.500', message: 'broken' } },
    ],
    ['a time to wait', answered(429, '', { 'retry-after': '7' }), { status: 'refused', afterMs: 7_000 }],
    [
      'a date to wait for',
      answered(503, '', { 'retry-after': 'Thu, 26 Nov 2026 12:01:00 GMT' }),
      { status: 'refused', afterMs: 60_000 },
    ],
    [
      'another address',
      answered(302, '', { location: 'http://169.254.169.254/' }),
      { status: 'refused', remote: { code: 'http.302' } },
    ],
    ['a proxy’s word', answered(502, '<html>'), { status: 'unknown' }],
    ['a proxy’s word', answered(504), { status: 'unknown' }],
    [
      'its own 502',
      answered(502, { error: { code: 'provider.unavailable' } }),
      { status: 'refused', remote: { code: 'provider.unavailable' } },
    ],
    ['nothing', { status: 'failed', sent: true, reason: 'reset' }, { status: 'unknown', reason: 'reset' }],
    [
      'no connection',
      { status: 'failed', sent: false, reason: 'refused', afterMs: 5 },
      { status: 'unsent', reason: 'refused', afterMs: 5 },
    ],
  ])('is answered with %s', async (_, answer, outcome) => {
    expect((await sent(answer)).outcome).toMatchObject(outcome);
  });

  it.each<[Content, string[]]>([
    [{ type: 'text', text: 'a'.repeat(20_000) }, []],
    [{ type: 'text', text: 'a'.repeat(20_001) }, ['content.text']],
    [{ type: 'text', text: ' ' }, ['content.text']],
    [{ type: 'image', media: { url: 'https://x.example/1' }, caption: 'x' }, []],
    [{ type: 'image', media: {} }, ['content.media']],
    [{ type: 'buttons', text: 'x', buttons: [] }, ['content.buttons']],
    [{ type: 'buttons', text: 'x', buttons: [{ type: 'reply', title: '' }] }, ['content.buttons[0].title']],
    [{ type: 'list', text: 'x', button: 'y', sections: [{ rows: [{ id: '1', title: 'One' }] }] }, []],
    [{ type: 'list', text: 'x', button: '', sections: [{ rows: [] }] }, ['content.button', 'content.sections[0].rows']],
    [{ type: 'location', latitude: 91, longitude: 0 }, ['content']],
    [{ type: 'contacts', contacts: [] }, ['content.contacts']],
    [{ type: 'reaction', messageId: 'x', emoji: '' }, []],
    [{ type: 'template', name: 'a', language: 'en' }, []],
    [{ type: 'native', channel: 'custom', payload: {} }, []],
    [{ type: 'native', channel: 'whatsapp', payload: {} }, ['content.channel']],
    [{ type: 'order' }, ['content.type']],
  ])('is judged before: %j', (content, paths) => {
    expect(channel.outbound.check(content, contextOf()).map(({ path }) => path)).toEqual(paths);
  });

  it('fails with the codes that the docs name, and has no others', () => {
    const page = readFileSync(new URL('../../../docs/custom-channel.md', import.meta.url), 'utf8');
    const told = /These codes are understood[^:]*:(?<codes>.*?)\n\n/s.exec(page)?.groups?.['codes'] ?? '';
    const codes = [...told.matchAll(/`(\w+\.\w+)`/g)].map(([, code]) => code);
    const rows = [...channel.outcomes.keys()].filter((code) => !String(code).startsWith('http.'));
    expect(codes.toSorted()).toEqual(rows.toSorted());
  });
});

describe('the settings', () => {
  const key = (name: string) => type.settings.find((each) => each.name === name);

  it.each([
    ['url', 'https://other.example/in?x=1', true],
    ['url', 'ftp://other.example', false],
    ['url', 'https://u:p@other.example', false],
    ['secret', SECRET, true],
    ['secret', 'whsec_short', false],
    ['secret', 'hunter2hunter2hunter2', false],
    ['accounts', 'shop=The shop, help', true],
    ['accounts', 'shop, shop=Again', false],
    ['accounts', 'a b', false],
    ['tolerance_seconds', '0', false],
    ['tolerance_seconds', '60', true],
    ['api_url', 'http://127.0.0.1:4000', true],
  ])('%s=%j is fine: %s', (name, value, isFine) => {
    expect(key(name)?.check?.(value) === undefined).toBe(isFine);
  });

  it('make a secret that can be used', () => {
    const made = key('secret')?.generate?.() ?? '';
    expect(key('secret')?.check?.(made)).toBeUndefined();
    expect(made).not.toBe(key('secret')?.generate?.());
    expect(type.settings.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'secret',
      'inbound_secret',
      'secret_previous',
    ]);
  });

  it('warn of what can be read on its way', () => {
    expect(type.warnings({ url: 'http://10.0.0.1/x' })).toHaveLength(1);
    expect(type.warnings({ url: URL_ })).toEqual([]);
  });

  it('name the accounts', async () => {
    const call = {
      ...contextOf({ accounts: 'shop=The = shop, help' }),
      http: {
        request: async () => {
          throw new Error('no call');
        },
      },
    };
    expect(await channel.accounts.discover(call)).toMatchObject({
      value: [
        {
          address: 'shops.acme',
          accounts: [
            { address: 'shop', name: 'The = shop' },
            { address: 'help', name: 'help' },
          ],
        },
      ],
    });
  });
});
