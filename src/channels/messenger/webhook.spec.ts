import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { GatewayContext, Settings, WebhookRequest } from '../../contract/index.js';
import { split } from './split.js';
import { handshake, MAX_BYTES, verify } from './webhook.js';

const BODY = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
const signed = (secret: string) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(BODY).digest('hex')}`,
});
const context = (settings: Settings) => ({ settings }) as GatewayContext;
const get = (query: string, method = 'GET'): WebhookRequest => ({
  method,
  query: new URLSearchParams(query),
  headers: {},
  body: Buffer.alloc(0),
});
const post = (headers: WebhookRequest['headers']): WebhookRequest => ({
  method: 'POST',
  query: new URLSearchParams(),
  headers,
  body: BODY,
});

describe('the handshake', () => {
  const ask = (query: string, settings: Settings = { verify_token: 'v3rify' }) =>
    handshake(get(query), context(settings));

  it('repeats the challenge to who knows the token', () => {
    const reply = ask('hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v3rify');
    expect(reply).toEqual({ status: 200, contentType: 'text/plain', body: '1158201444' });
  });

  it.each([
    'hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong',
    'hub.mode=subscribe&hub.challenge=1&hub.verify_token=',
    'hub.mode=subscribe&hub.challenge=1',
    'hub.mode=subscribe&hub.verify_token=v3rify',
    'hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=v3rify',
    'hub.mode=&hub.challenge=1&hub.verify_token=v3rify',
  ])('refuses %s', (query) => {
    const reply = ask(query);
    expect(reply?.status).toBe(403);
    expect(reply?.body).not.toContain('v3rify');
  });

  it('refuses everybody when there is no token to know', () => {
    expect(ask('hub.mode=subscribe&hub.challenge=1&hub.verify_token=', {})?.status).toBe(403);
    expect(ask('hub.mode=subscribe&hub.challenge=1&hub.verify_token=', { verify_token: '' })?.status).toBe(403);
  });

  it('is no handshake without a mode, or as a POST', () => {
    expect(ask('whatsapp=setup')).toBeUndefined();
    expect(handshake(get('hub.mode=subscribe', 'POST'), context({ verify_token: 'v' }))).toBeUndefined();
  });
});

describe('the signature', () => {
  it.each<[string, Settings, WebhookRequest['headers'], object]>([
    ['of the secret', { client_secret: 'new' }, signed('new'), { ok: true }],
    ['of the secret before it', { client_secret: 'new', client_secret_previous: 'old' }, signed('old'), { ok: true }],
    [
      'of another',
      { client_secret: 'new', client_secret_previous: 'old' },
      signed('evil'),
      { ok: false, why: 'forged' },
    ],
    ['that is missing', { client_secret: 'new' }, {}, { ok: false, why: 'unsigned' }],
    ['without a secret', {}, signed('new'), { ok: false, why: 'not-configured' }],
    ['with an old secret only', { client_secret_previous: 'old' }, signed('old'), { ok: false, why: 'not-configured' }],
    ['by SHA-1 only', { client_secret: 'new' }, { 'x-hub-signature': 'sha1=00' }, { ok: false, why: 'unsigned' }],
    ['switched off', { verify_signature: 'off' }, {}, { ok: true }],
    ['switched on', { verify_signature: 'on', client_secret: 'new' }, {}, { ok: false, why: 'unsigned' }],
  ])('%s', (_, settings, headers, verdict) => {
    expect(verify(post(headers), context(settings))).toEqual(verdict);
  });

  it('covers up to 3 MiB', () => {
    expect(MAX_BYTES).toBe(3_145_728);
  });
});

describe('splitting', () => {
  const envelope = (...entry: unknown[]) => ({ object: 'whatsapp_business_account', entry }) as never;

  it('makes a piece of every change of every number and account', () => {
    const change = (id: string) => ({ field: 'messages', value: { metadata: { phone_number_id: id } } });
    const template = { field: 'message_template_status_update', value: { event: 'PAUSED' } };
    const entries = [
      { id: '1', changes: [change('11'), change('12')] },
      { id: 2, time: 1751247548, changes: [template] },
    ];
    expect(split(envelope(...entries))).toEqual([
      {
        channel: 'whatsapp',
        account: { address: '11', group: '1' },
        group: '1',
        path: 'entry[0].changes[0]',
        body: change('11'),
      },
      {
        channel: 'whatsapp',
        account: { address: '12', group: '1' },
        group: '1',
        path: 'entry[0].changes[1]',
        body: change('12'),
      },
      { channel: 'whatsapp', group: '2', path: 'entry[1].changes[0]', body: { ...template, time: 1751247548 } },
    ]);
  });

  it.each<[string, unknown, string, string]>([
    ['no object', [1], 'body.invalid', ''],
    ['an unnamed object', {}, 'object.unknown', 'object'],
    ['a group of permissions', { object: 'permissions', entry: [] }, 'object.unknown', 'object'],
    ['no entries of a page', { object: 'page' }, 'item.broken', 'entry'],
    ['a page that is none', { object: 'page', entry: [null] }, 'item.broken', 'entry[0]'],
    ['a page without a name', { object: 'page', entry: [{ messaging: [] }] }, 'item.broken', 'entry[0].id'],
    ['a page without items', { object: 'page', entry: [{ id: '1' }] }, 'item.broken', 'entry[0]'],
    [
      'an item that is none',
      { object: 'page', entry: [{ id: '1', messaging: [7] }] },
      'item.broken',
      'entry[0].messaging[0]',
    ],
    ['no entries', { object: 'whatsapp_business_account' }, 'item.broken', 'entry'],
    ['an entry that is none', envelope(null), 'item.broken', 'entry[0]'],
    ['an entry without changes', envelope({ id: '1' }), 'item.broken', 'entry[0].changes'],
    ['a change that is none', envelope({ id: '1', changes: ['x'] }), 'item.broken', 'entry[0].changes[0]'],
    [
      'a change without a field',
      envelope({ id: '1', changes: [{ value: {} }] }),
      'item.broken',
      'entry[0].changes[0].field',
    ],
  ])('lists %s', (_, body, code, path) => {
    expect(split(body as never)).toMatchObject([{ type: 'unhandled', code, path }]);
  });

  it('gives what is about pages and Instagram accounts to their channels', () => {
    const entry = [{ id: '1', messaging: [{ sender: { id: '2' } }], standby: [{}] }];
    const account = { address: '1', group: '1' };
    expect(split({ object: 'page', entry } as never)).toMatchObject([
      { channel: 'facebook', account, path: 'entry[0].messaging[0]' },
      { channel: 'facebook', account, path: 'entry[0].standby[0]' },
    ]);
    expect(split({ object: 'instagram', entry } as never)[0]).toMatchObject({
      channel: 'instagram',
      account: { address: '1' },
    });
  });

  it('goes on past what is broken', () => {
    const good = { id: '1', changes: [{ field: 'messages', value: {} }] };
    expect(split(envelope(null, good, 7, good)).map((piece) => 'channel' in piece)).toEqual([false, true, false, true]);
  });
});
