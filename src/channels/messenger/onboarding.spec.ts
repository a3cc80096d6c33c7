import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Settings } from '../../contract/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { onboarding } from './onboarding.js';

const SETTINGS = { client_id: '77', client_secret: 's3cret-of-app', client_secret_previous: 'older-secret' };
const context = (settings: Settings = SETTINGS) => gatewayCall(fakeGraph({}).http, settings);

describe('what comes back from the dialog', () => {
  it.each([
    ['code=AQ1&state=s', { status: 'granted', code: 'AQ1' }],
    [
      'error=access_denied&error_reason=user_denied&state=s',
      { status: 'refused', reason: 'The sign-in was cancelled.' },
    ],
    ['error_code=1&error_message=down&error=x', { status: 'refused', reason: 'Meta refused: down' }],
    ['code=AQ1&error=x', { status: 'refused', reason: 'Meta refused: x' }],
    ['state=s', { status: 'refused', reason: 'Meta refused: no reason given' }],
  ])('?%s', (query, expected) => {
    expect(onboarding.read(new URLSearchParams(query))).toEqual(expected);
  });
});

describe('the exchange', () => {
  it('asks with the app, its secret and the same address', async () => {
    const graph = fakeGraph({ 'GET oauth/access_token': { json: { access_token: 'EAAU', token_type: 'bearer' } } });
    const call = gatewayCall(graph.http, SETTINGS);
    expect(await onboarding.exchange('AQ1', call, 'whatsapp')).toEqual({
      status: 'ok',
      value: { whatsapp_token: 'EAAU' },
    });
    expect(Object.fromEntries(graph.seen[0]?.query ?? [])).toMatchObject({
      client_id: '77',
      client_secret: 's3cret-of-app',
      redirect_uri: call.callbackUrl,
      code: 'AQ1',
    });
  });

  it.each([
    ['a long-lived one', { json: { access_token: 'EAALong' } }, 'EAALong'],
    ['the short one where there is no other', graphError(1), 'EAAShort'],
  ])('for pages is worth %s', async (_, second, token) => {
    const graph = fakeGraph({ 'GET oauth/access_token': [{ json: { access_token: 'EAAShort' } }, second] });
    const outcome = await onboarding.exchange('AQ1', gatewayCall(graph.http, SETTINGS), 'facebook');
    expect(outcome).toEqual({ status: 'ok', value: { facebook_token: token } });
    expect(graph.seen[1]?.query.get('fb_exchange_token')).toBe('EAAShort');
  });

  it.each([
    ['whatsapp', 'own_scope'],
    ['facebook', 'pages_show_list,pages_messaging,pages_manage_metadata,business_management'],
  ])('begins for %s by asking for its permissions', (channel, scope) => {
    const begun = onboarding.start('s', context({ ...SETTINGS, oauth_scopes: 'own_scope' }), channel);
    expect('url' in begun && new URL(begun.url).searchParams.get('scope')).toBe(scope);
  });

  it.each([
    [graphError(100, 'bad secret s3cret-of-app'), { status: 'refused', remote: { message: 'bad secret ••••' } }],
    [failed(false), { status: 'unreachable' }],
    [{ json: {} }, { status: 'unreachable' }],
  ])('answered %j', async (answer, expected) => {
    const graph = fakeGraph({ 'GET oauth/access_token': answer });
    expect(await onboarding.exchange('AQ1', gatewayCall(graph.http, SETTINGS), 'whatsapp')).toMatchObject(expected);
  });
});

describe('a signed_request', () => {
  const encode = (payload: object): string => Buffer.from(JSON.stringify(payload)).toString('base64url');
  const signed = (payload: object, secret = SETTINGS.client_secret): string =>
    `${createHmac('sha256', secret).update(encode(payload)).digest('base64url')}.${encode(payload)}`;
  const TOLD = { algorithm: 'HMAC-SHA256', user_id: '218471', issued_at: 1 };
  const given = (body: string, type = 'application/x-www-form-urlencoded; charset=utf-8', settings?: Settings) =>
    onboarding.revocation?.(
      { method: 'POST', query: new URLSearchParams(), headers: { 'content-type': type }, body: Buffer.from(body) },
      context(settings),
    );
  const form = (value: string): string => new URLSearchParams({ signed_request: value }).toString();

  it('is believed when the app secret, or the one before, has signed it', () => {
    for (const secret of [SETTINGS.client_secret, SETTINGS.client_secret_previous]) {
      expect(given(form(signed(TOLD, secret)))).toEqual({ ok: true, by: '218471' });
    }
  });

  it.each([
    ['signed by somebody else', signed(TOLD, 'x')],
    ['without a dot', 'nodot'],
    ['empty', ''],
    ['with three parts', `${signed(TOLD)}.x`],
    ['changed', signed(TOLD).replace(/.$/, (char) => (char === 'A' ? 'B' : 'A'))],
    ['with another algorithm', signed({ ...TOLD, algorithm: 'none' })],
    ['of nobody', signed({ algorithm: 'HMAC-SHA256' })],
  ])('%s is forged', (_, value) => {
    expect(given(form(value))).toEqual({ ok: false, why: 'forged' });
  });

  it('cannot be checked without a secret', () => {
    expect(given(form(signed(TOLD)), undefined, {})).toEqual({ ok: false, why: 'not-configured' });
  });

  it('is looked for in forms only', () => {
    expect(given(form(signed(TOLD)), 'application/json')).toBeUndefined();
    expect(given('a=b')).toBeUndefined();
  });
});

describe('whose token a gateway lives on', () => {
  const facts = (data: object) => ({ json: { data: { app_id: '77', is_valid: true, ...data } } });
  it.each([
    ['is theirs', facts({ user_id: '5' }), { status: 'ok', value: true }],
    ["is another's", facts({ user_id: '6' }), { status: 'ok', value: false }],
    ['is nobody’s that Meta names', facts({}), { status: 'ok', value: true }],
    ['is dead', facts({ user_id: '6', is_valid: false }), { status: 'ok', value: true }],
    ['is refused', graphError(190), { status: 'ok', value: true }],
    ['is not told', graphError(2), { status: 'refused' }],
    ['is not answered', failed(false), { status: 'unreachable' }],
  ])('%s', async (_, answer, expected) => {
    const graph = fakeGraph({ 'GET debug_token': answer });
    expect(await onboarding.livesOn?.('5', gatewayCall(graph.http))).toMatchObject(expected);
  });
});
