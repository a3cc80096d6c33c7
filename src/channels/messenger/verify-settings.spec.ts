import { describe, expect, it } from '@jest/globals';
import { answered, failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { verifySettings } from './verify-settings.js';

const BOTH = ['whatsapp_business_messaging', 'whatsapp_business_management'];
const facts = (more: object = {}) => ({
  json: { data: { app_id: '77', is_valid: true, expires_at: 0, scopes: BOTH, ...more } },
});
const refused = (code: string, key: string, words: string) => ({
  status: 'refused',
  code,
  key,
  detail: expect.stringContaining(words),
});

async function verdict(answer: Parameters<typeof fakeGraph>[0][string], settings = {}) {
  const graph = fakeGraph({ 'GET debug_token': answer });
  return { verdict: await verifySettings(gatewayCall(graph.http, settings)), graph };
}

describe('settings, as Meta sees them', () => {
  it('asks about the token as the token, with the proof', async () => {
    const { graph } = await verdict(facts(), { client_secret: 's' });
    expect(graph.seen[0]?.query.get('input_token')).toBe('EAAGtoken');
    expect(graph.seen[0]?.headers?.['authorization']).toBe('Bearer EAAGtoken');
    expect(graph.seen[0]?.query.has('appsecret_proof')).toBe(true);
  });

  it.each([
    ['for good', facts(), {}, { status: 'ok' }],
    ['for a while', facts({ expires_at: 1_800_000_000 }), {}, { status: 'ok', expiresAt: new Date(1_800_000_000_000) }],
    ['for this app', facts(), { client_id: '77' }, { status: 'ok' }],
    [
      'with limited scopes only',
      facts({ scopes: undefined, granular_scopes: BOTH.map((scope) => ({ scope, target_ids: ['1'] })) }),
      {},
      { status: 'ok' },
    ],
  ])('are fine %s', async (_, answer, settings, expected) => {
    expect((await verdict(answer, settings)).verdict).toEqual(expected);
  });

  it.each([
    [
      'an invalid token',
      facts({ is_valid: false, error: { code: 190, message: 'expired yesterday' } }),
      {},
      refused('whatsapp.token.invalid', 'whatsapp_token', 'expired yesterday'),
    ],
    [
      'a token error inside',
      facts({ error: { code: 190, message: 'x' } }),
      {},
      refused('whatsapp.token.invalid', 'whatsapp_token', 'x'),
    ],
    [
      'a refusal with 190',
      graphError(190, 'Malformed access token EAAGtoken', {}, 401),
      {},
      refused('whatsapp.token.invalid', 'whatsapp_token', 'Malformed access token ••••'),
    ],
    [
      'one scope',
      facts({ scopes: [BOTH[0]] }),
      {},
      refused('whatsapp.token.scope', 'whatsapp_token', 'permission whatsapp_business_management.'),
    ],
    ['no scopes', facts({ scopes: 'all' }), {}, refused('whatsapp.token.scope', 'whatsapp_token', BOTH.join(' and '))],
    ['another app', facts(), { client_id: '78' }, refused('whatsapp.token.app', 'whatsapp_token', '77')],
    [
      'a wrong secret',
      graphError(100, 'Invalid appsecret_proof provided in the API argument'),
      { client_secret: 's' },
      refused('whatsapp.secret.invalid', 'client_secret', 'not the secret'),
    ],
    [
      'a secret that is needed',
      graphError(100, 'API calls from the server require an appsecret_proof argument'),
      {},
      refused('whatsapp.secret.invalid', 'client_secret', 'needed'),
    ],
  ])('are refused for %s', async (_, answer, settings, expected) => {
    expect((await verdict(answer, settings)).verdict).toEqual(expected);
  });

  it.each([
    ['no connection', failed(false)],
    ['a page with 502', answered(502, '<html>')],
    ['an error with 500', graphError(131000, 'x', {}, 500)],
    ['an answer without data', { json: {} }],
    ...[1, 2, 4, 17, 32, 613, 80007].map((code) => [`code ${code}`, graphError(code)] as const),
  ])('stay unverified after %s', async (_, answer) => {
    expect((await verdict(answer)).verdict.status).toBe('unreachable');
  });
});

describe('the tokens of pages', () => {
  const both = (own: Parameters<typeof fakeGraph>[0][string], settings: object) => {
    const graph = fakeGraph({
      'GET debug_token': (request) => {
        const isOwn = request.query.get('input_token') !== 'EAAGtoken';
        return (isOwn ? own : facts()) as ReturnType<typeof facts>;
      },
    });
    return verifySettings(gatewayCall(graph.http, { ...settings }));
  };
  const pages = facts({ scopes: ['pages_messaging'] });

  it.each([
    ['may find pages', pages, { facebook_token: 'EAAFB' }, { status: 'ok' }],
    ['is of one page', pages, { page_token: 'EAApage' }, { status: 'ok' }],
    [
      'lacks the permission',
      facts(),
      { facebook_token: 'EAAFB' },
      refused('facebook.token.scope', 'facebook_token', 'pages_messaging'),
    ],
    [
      'has ended',
      facts({ is_valid: false }),
      { page_token: 'EAApage' },
      { ...refused('facebook.token.invalid', 'page_token', 'not valid'), advice: expect.stringContaining('setup') },
    ],
    [
      'is no token',
      graphError(190),
      { facebook_token: 'EAAFB' },
      refused('facebook.token.invalid', 'facebook_token', 'no'),
    ],
    [
      'cannot be asked about',
      graphError(2),
      { facebook_token: 'EAAFB' },
      { status: 'unreachable', reason: expect.anything() },
    ],
  ])('one that %s', async (_, own, settings, expected) => {
    expect(await both(own, settings)).toEqual(expected);
  });
});
