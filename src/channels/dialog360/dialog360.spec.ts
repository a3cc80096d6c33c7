import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { DownloadRequest, GatewayCall, MediaCall, WebhookRequest } from '../../contract/index.js';
import { answered, failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { dialog360 } from './index.js';
import { outcomes } from './outcomes.js';

const KEY = 'd360-key-of-the-number';
const SETTINGS = { api_key: KEY, webhook_secret: 'whisper-it-to-nobody', base_url: 'https://graph.test' };
const ACCOUNT = { address: '66', group: '55', name: 'Acme' };
const [channel] = dialog360.channels;
if (!channel) throw new Error('there is no channel');

type Routes = Parameters<typeof fakeGraph>[0];

function stage(routes: Routes): { graph: ReturnType<typeof fakeGraph>; call: GatewayCall } {
  const graph = fakeGraph(routes);
  return { graph, call: gatewayCall(graph.http, SETTINGS) };
}

const told = (http: number, message: string) => ({
  http,
  json: { meta: { success: false, developer_message: message } },
});

describe('sending by way of 360dialog', () => {
  const part = { payload: { messaging_product: 'whatsapp', to: '+1650', type: 'text', text: { body: 'hi' } } };
  const sent = async (answer: Routes[string]) => {
    const { graph, call } = stage({ 'POST /messages': answer });
    const outcome = await channel.outbound.send(part, 'pb.1.att', { ...call, account: ACCOUNT });
    return { outcome, request: graph.seen[0] };
  };

  it("is Meta's payload with the key, and no number in the path", async () => {
    const { outcome, request } = await sent({ json: { messages: [{ id: 'wamid.1' }], contacts: [{ wa_id: '1650' }] } });
    expect(outcome).toEqual({ status: 'accepted', providerId: 'wamid.1', recipient: { phone: '1650' } });
    expect(request?.headers).toMatchObject({ 'd360-api-key': KEY });
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(String(request?.body))).toEqual({ ...part.payload, biz_opaque_callback_data: 'pb.1.att' });
    expect([...(request?.query ?? [])]).toEqual([]);
  });

  it.each([
    ['a key that is wrong', told(401, 'Invalid api_key'), 'http.401', 'token.invalid', 'hold', 'gateway'],
    [
      'an endpoint that is blocked',
      told(403, 'The endpoint is blocked'),
      'http.403',
      'account.restricted',
      'hold',
      'account',
    ],
    [
      'too many calls',
      told(400, 'You have exceeded the endpoint rate limit.'),
      '360dialog.rate',
      'rate.account',
      'retry',
      'account',
    ],
    ['too many calls', told(429, 'slow down'), 'http.429', 'rate.account', 'retry', 'account'],
    [
      'no payment',
      told(400, 'due to lack of payment, overdue invoices'),
      '360dialog.unpaid',
      'payment.required',
      'hold',
      'account',
    ],
    [
      'an API that is disabled',
      { http: 400, json: { error: 'API has been disabled' } },
      '360dialog.disabled',
      'account.restricted',
      'hold',
      'account',
    ],
    ["Meta's refusal of a message", graphError(131026), 131026, 'recipient.unreachable', 'fail', 'contact'],
    ["Meta's refusal of 360dialog's own token", graphError(190), 190, 'token.invalid', 'hold', 'account'],
  ] as const)('knows %s', async (_, answer, remote, code, action, scope) => {
    const { outcome } = await sent(answer);
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: remote } });
    expect(channel.outcomes.get(remote)).toMatchObject({ code, action, scope });
  });

  it.each([
    [
      'another refusal',
      { http: 400, json: { errors: [{ code: 1, title: 'Bad', details: 'no such thing' }] } },
      'no such thing',
    ],
    ['a page in place of an answer', answered(404, '<html>'), 'HTTP 404'],
  ])('takes %s for a refusal, by its status', async (_, answer, words) => {
    const { outcome } = await sent(answer);
    expect(outcome).toMatchObject({ status: 'refused', remote: { message: expect.stringContaining(words) } });
  });

  it.each([
    ['breaks behind 360dialog', told(502, 'WhatsApp for Business API not available')],
    ['breaks at 360dialog', told(500, 'Internal server error')],
    ['does not answer', failed(true)],
  ])('leaves open what became of a message when it %s', async (_, answer) => {
    expect((await sent(answer)).outcome).toMatchObject({ status: 'unknown' });
  });

  it("has 360dialog's own refusals in the docs", () => {
    const lines = readFileSync(new URL('../../../docs/error-codes.md', import.meta.url), 'utf8').split('\n');
    for (const [code, row] of outcomes) {
      if (typeof code !== 'string') continue;
      const line = lines.find((each) => each.includes(`\`${code}\``)) ?? '';
      for (const word of [`\`${row.code}\``, `${row.action} (${row.scope}`, row.title, row.advice ?? '']) {
        expect(line).toContain(word);
      }
    }
  });

  it('repeats no key in an error', async () => {
    const { outcome } = await sent(told(401, `Invalid api_key ${KEY}`));
    expect(JSON.stringify(outcome)).not.toContain(KEY);
  });
});

describe('setup', () => {
  const entities = [
    { entity_type: 'PHONE_NUMBER', id: '66' },
    { entity_type: 'WABA', id: '55' },
    { entity_type: 'BUSINESS', id: '44' },
  ];

  it('reads the one number of the key', async () => {
    const fields = { display_phone_number: '+1 555-078-3881', verified_name: 'Acme', quality_rating: 'GREEN' };
    const { graph, call } = stage({ 'GET /health_status': { json: { ...fields, health_status: { entities } } } });
    expect(await channel.accounts.discover(call)).toMatchObject({
      status: 'ok',
      value: [
        {
          address: '55',
          name: 'Acme',
          portfolio: '44',
          accounts: [{ address: '66', name: 'Acme', phone: '15550783881', details: { ...fields, id: '66' } }],
        },
      ],
    });
    expect(graph.seen).toHaveLength(1);
  });

  it('does without the fields that are refused', async () => {
    const { graph, call } = stage({
      'GET /health_status': [graphError(100), told(400, 'bad fields'), { json: { id: 66, health_status: {} } }],
    });
    expect(await channel.accounts.discover(call)).toMatchObject({
      value: [{ address: '66', accounts: [{ address: '66', name: '66' }] }],
    });
    expect(graph.seen.map(({ query }) => query.has('fields'))).toEqual([true, true, false]);
  });

  it.each([
    [told(401, 'Invalid api_key'), { status: 'refused', remote: { code: 'http.401' } }],
    [
      { json: { health_status: { entities: [] } } },
      { status: 'refused', remote: { code: '360dialog.number_unnamed' } },
    ],
    [told(502, 'not available'), { status: 'unreachable' }],
  ])('tells why it cannot: %j', async (answer, expected) => {
    expect(await channel.accounts.discover(stage({ 'GET /health_status': answer }).call)).toMatchObject(expected);
  });
});

describe('subscribe', () => {
  const GET = 'GET /v1/configs/webhook';
  const POST = 'POST /v1/configs/webhook';

  it.each([
    ['none is registered', { json: { url: '' } }],
    ['ours is registered', { json: { url: 'https://chat.example/chat/acme', headers: {} } }],
    ['it cannot be looked at', told(404, 'no such thing')],
  ])('registers the callback with the secret when %s', async (_, listed) => {
    const { graph, call } = stage({ [GET]: listed, [POST]: { json: {} } });
    expect(await channel.accounts.subscribe('55', call)).toEqual({ status: 'ok', value: {} });
    expect(JSON.parse(String(graph.seen[1]?.body))).toEqual({
      url: 'https://chat.example/chat/acme',
      headers: { authorization: `Bearer ${SETTINGS.webhook_secret}` },
    });
  });

  it("leaves another owner's webhook as it is, and does not repeat its path", async () => {
    const { graph, call } = stage({ [GET]: { json: { url: 'https://other.example/hook/of-somebody' } } });
    const outcome = await channel.accounts.subscribe('55', call);
    expect(outcome).toMatchObject({
      status: 'ok',
      value: { warning: expect.stringContaining('https://other.example;') },
    });
    expect(JSON.stringify(outcome)).not.toContain('of-somebody');
    expect(graph.calls()).toEqual([GET]);
  });

  it('tells a refusal, and asks nothing to unsubscribe', async () => {
    const { call } = stage({ [GET]: { json: {} }, [POST]: told(403, 'blocked') });
    expect(await channel.accounts.subscribe('55', call)).toMatchObject({ status: 'refused' });
    expect(await channel.accounts.unsubscribe('55', stage({}).call)).toEqual({ status: 'ok', value: undefined });
  });
});

describe('files', () => {
  const LOOKASIDE = 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=7&hash=x';

  async function fetched(routes: Routes, source: { url: string } | { id: string }) {
    const { call } = stage(routes);
    const downloads: DownloadRequest[] = [];
    const media: MediaCall = {
      ...call,
      account: ACCOUNT,
      download: async (request) => (downloads.push(request), answered(200, '', { 'content-type': 'image/png' })),
    };
    return { outcome: await channel?.media?.fetch(source, () => true, media), downloads };
  }

  it('are asked at 360dialog in place of Meta’s host, with the key', async () => {
    const { outcome, downloads } = await fetched(
      { 'GET /7': { json: { url: LOOKASIDE, mime_type: 'image/jpeg' } } },
      { id: '7' },
    );
    expect(outcome).toEqual({ status: 'ok', value: { mimeType: 'image/jpeg' } });
    expect(downloads).toMatchObject([
      {
        url: 'https://graph.test/whatsapp_business/attachments/?mid=7&hash=x',
        headers: { 'd360-api-key': KEY },
        isHome: true,
      },
    ]);
  });

  it('anywhere else get no key', async () => {
    const { outcome, downloads } = await fetched(
      { 'GET /7': { json: { url: 'https://elsewhere.example/7' } } },
      { id: '7' },
    );
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 'media.unsafe' } });
    expect(downloads).toEqual([]);
    const { call } = stage({});
    const isTrusted = (url: string) => channel.media?.isTrusted(url, { ...call, account: ACCOUNT });
    expect([LOOKASIDE, 'https://graph.test/x', 'https://graph.test.evil.example/x', 'nonsense'].map(isTrusted)).toEqual(
      [true, true, false, false],
    );
  });

  it('are uploaded without a number in the path', async () => {
    const { call } = stage({ 'POST /media': { json: { id: '4711' } } });
    const file = { mimeType: 'image/png', size: 0, read: async function* () {} };
    expect(await channel.media?.upload?.(file, { ...call, account: ACCOUNT })).toEqual({
      status: 'ok',
      value: { id: '4711' },
    });
  });
});

describe('templates', () => {
  const template = (name: string) => ({
    ...{ name, language: 'en_US', category: 'utility', status: 'approved', rejected_reason: 'none' },
    components: [{ type: 'BODY', text: 'Hi {{1}}' }],
  });

  it("are read page by page, in Meta's words", async () => {
    const { graph, call } = stage({
      'GET /v1/configs/templates': [
        { json: { waba_templates: [template('a'), template('b')], total: 3 } },
        { json: { waba_templates: [template('c')], total: 3 } },
      ],
    });
    const list = await channel.templates?.list('55', call);
    expect(list).toMatchObject({
      value: [
        { name: 'a', category: 'UTILITY', status: 'APPROVED', parameters: { body: ['1'] } },
        { name: 'b' },
        { name: 'c' },
      ],
    });
    expect(graph.seen.map(({ query }) => query.get('offset'))).toEqual(['0', '2']);
  });

  it('are no list when a page is missing', async () => {
    const { call } = stage({
      'GET /v1/configs/templates': [{ json: { waba_templates: [template('a')], total: 3 } }, told(502, 'away')],
    });
    expect(await channel.templates?.list('55', call)).toMatchObject({ status: 'unreachable' });
  });
});

describe('a webhook of 360dialog', () => {
  const body = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
  const request = (headers: WebhookRequest['headers']): WebhookRequest => ({
    method: 'POST',
    query: new URLSearchParams(),
    headers,
    body,
  });
  const { call } = stage({});
  const hmac = createHmac('sha256', SETTINGS.webhook_secret).update(body).digest('hex');

  it.each([
    [{ authorization: `Bearer ${SETTINGS.webhook_secret}` }, { ok: true }],
    [{ authorization: SETTINGS.webhook_secret }, { ok: true }],
    [{ 'x-360dialog-signature': hmac }, { ok: true }],
    [{ authorization: 'Bearer guess' }, { ok: false, why: 'forged' }],
    [{ 'x-360dialog-signature': hmac.replace(/^./, 'g') }, { ok: false, why: 'forged' }],
    [{ 'x-hub-signature-256': `sha256=${hmac}` }, { ok: false, why: 'unsigned' }],
    [{}, { ok: false, why: 'unsigned' }],
  ])('%j is judged', (headers, verdict) => {
    expect(dialog360.webhook.verify(request(headers), call)).toEqual(verdict);
  });

  it('is refused, with a warning, where there is no secret', () => {
    const settings = { ...SETTINGS, webhook_secret: undefined };
    expect(dialog360.webhook.verify(request({}), { ...call, settings })).toEqual({ ok: false, why: 'not-configured' });
    expect(dialog360.warnings(settings)).toHaveLength(1);
    expect(dialog360.warnings(SETTINGS)).toEqual([]);
  });

  it("is Meta's envelope", () => {
    const value = { metadata: { phone_number_id: '66' } };
    const pieces = dialog360.webhook.split({
      object: 'whatsapp_business_account',
      entry: [{ id: '55', changes: [{ field: 'messages', value }] }],
    });
    expect(pieces).toMatchObject([{ channel: 'whatsapp', group: '55', account: { address: '66', group: '55' } }]);
  });
});

describe('the settings', () => {
  it('are the key, the secret, the address, and how delivery behaves', () => {
    const names = dialog360.settings.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['api_key', 'webhook_secret', 'base_url']);
    expect(names).toEqual(
      expect.arrayContaining(['in_doubt', 'settle_seconds', 'window_unknown', 'pace', 'pair_pace']),
    );
    expect(dialog360.settings.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'api_key',
      'webhook_secret',
    ]);
  });

  it.each([
    [{ json: { health_status: {} } }, { status: 'ok' }],
    [told(401, 'Invalid api_key'), { status: 'refused', code: '360dialog.key.invalid', key: 'api_key' }],
    [told(403, 'The endpoint is blocked'), { status: 'unreachable' }],
    [failed(false), { status: 'unreachable' }],
  ])('are judged by %j', async (answer, verdict) => {
    expect(await dialog360.verifySettings(stage({ 'GET /health_status': answer }).call)).toMatchObject(verdict);
  });
});
