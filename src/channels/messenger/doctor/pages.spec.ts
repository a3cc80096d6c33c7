import { describe, expect, it } from '@jest/globals';
import type { DoctorStep, KnownGroup, Settings } from '../../../contract/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../../graph/testing/fake-graph.js';
import { PAGE_FIELDS } from '../../page/index.js';
import { APP_WEBHOOKS } from '../app-webhooks.js';
import { doctor } from './index.js';

const NOW = new Date('2026-11-20T12:00:00Z');
const SHARED = 'https://chat.example/meta/1234567890';
const SETTINGS = { client_id: '1234567890', client_secret: 's3cret-of-app', verify_token: 'v3rify-token' };
const IDS = ['pages', 'page_token', 'page_scopes', 'page', 'instagram', 'page_webhook', 'page_subscription'] as const;

const OWN: ReadonlySet<string> = new Set(IDS);

interface Meta {
  readonly token?: object;
  readonly node?: object;
  readonly apps?: object[];
  readonly app?: object[];
}

const SCOPES = ['pages_messaging', 'pages_manage_metadata', 'instagram_basic', 'instagram_manage_messages'];
const webhook = (channel: string, more: object = {}) => ({
  object: APP_WEBHOOKS.get(channel)?.object,
  callback_url: SHARED,
  active: true,
  fields: APP_WEBHOOKS.get(channel)?.fields.map((name) => ({ name, version: 'v26.0' })),
  ...more,
});
const BOTH = [webhook('facebook'), webhook('instagram')];
const FACTS = { app_id: '1234567890', is_valid: true };
const debugged = (token: object = {}) => ({ json: { data: { ...FACTS, scopes: SCOPES, ...token } } });
const OF_WHATSAPP = debugged({ scopes: ['whatsapp_business_messaging', 'whatsapp_business_management'] });

/** A set-up that is right, but for what is given. */
function routesOf({ token = {}, node = {}, apps = [subscribed()], app = BOTH }: Meta = {}) {
  const page = { id: '110', name: 'Acme', instagram_business_account: { id: '1784', username: 'acme.shop' }, ...node };
  return {
    'GET debug_token': (request: { query: URLSearchParams }) =>
      request.query.get('input_token') === 'EAAGtoken' ? OF_WHATSAPP : debugged(token),
    'GET 1234567890/subscriptions': { json: { data: app } },
    'GET 110': { json: page },
    'GET 110/subscribed_apps': { json: { data: apps } },
  };
}

const subscribed = (fields: readonly string[] = PAGE_FIELDS, id = '1234567890') => ({ id, subscribed_fields: fields });

const group = (channel: string, address: string, active = true): KnownGroup => ({
  channel,
  address: '110',
  name: 'Acme',
  accounts: [{ address, group: '110', name: channel === 'instagram' ? 'acme.shop' : 'Acme', active }],
});
const PAGE = group('facebook', '110');
const ACCOUNT = group('instagram', '1784');
const NUMBER = { ...group('whatsapp', 'P1'), address: 'W1' };

async function examine(
  routes: object,
  { settings = SETTINGS, groups = [PAGE, ACCOUNT], token = 'EAAGpage4711' } = {} as {
    settings?: Settings;
    groups?: readonly KnownGroup[];
    token?: string;
  },
) {
  const graph = fakeGraph(routes as Parameters<typeof fakeGraph>[0]);
  const call = gatewayCall(graph.http, settings);
  const steps = await doctor.examine({
    ...call,
    groups,
    now: NOW,
    asAccount: (channel, address) => {
      const account = groups.flatMap(({ channel: of, accounts }) => (of === channel ? accounts : []));
      const found = account.find((each) => each.address === address);
      return found && { ...call, settings: { ...call.settings, page_token: token }, account: found };
    },
  });
  const of = (id: string): DoctorStep => steps.find((step) => step.id === id) as DoctorStep;
  return {
    graph,
    of,
    own: Object.fromEntries(steps.flatMap(({ id, status }) => (OWN.has(id) ? [[id, status]] : []))),
    steps,
  };
}

const RIGHT = Object.fromEntries(IDS.map((id) => [id, 'ok']));
const SKIPPED = Object.fromEntries(IDS.map((id) => [id, 'skipped']));

describe('what the doctor says of pages', () => {
  it('finds a right set-up right, by calls of the pages themselves, and what concerns WhatsApp is skipped', async () => {
    const { own, of, graph } = await examine(routesOf());
    expect(own).toEqual(RIGHT);
    for (const id of ['accounts', 'app_webhook', 'subscription', 'number', 'payment'])
      expect(of(id).status).toBe('skipped');
    expect(graph.unused()).toEqual([]);
    for (const { path, headers } of graph.seen.filter(({ path }) => path.startsWith('110'))) {
      expect([path, headers?.['authorization']]).toEqual([path, 'Bearer EAAGpage4711']);
    }
    const asked = graph.seen.filter(({ query }) => query.get('input_token') === 'EAAGpage4711');
    expect(asked.map(({ headers }) => headers?.['authorization'])).toEqual(
      Array(2).fill('Bearer 1234567890|s3cret-of-app'),
    );
  });

  it.each<readonly [name: string, meta: Meta, bad: Readonly<Record<string, string>>, says: RegExp]>([
    [
      'a token that was revoked',
      { token: { is_valid: false, error: { message: 'Session has expired.' } } },
      {
        page_token: 'failed',
        page_scopes: 'skipped',
        page: 'skipped',
        instagram: 'skipped',
        page_subscription: 'skipped',
      },
      /Acme \(110\): Session has expired\..*acme\.shop \(1784\) on Instagram/,
    ],
    [
      'a token of another app',
      { token: { app_id: '88' } },
      { page_token: 'failed' },
      /belongs to the app 88, and client_id is 1234567890/,
    ],
    [
      'a token that ends in 14 days',
      { token: { expires_at: Date.parse('2026-12-04T12:00:00Z') / 1000 } },
      { page_token: 'warning' },
      /on 2026-12-04/,
    ],
    ['a token that ends in 15 days', { token: { expires_at: Date.parse('2026-12-05T12:00:00Z') / 1000 } }, {}, /valid/],
    [
      'a token that may not write',
      { token: { scopes: SCOPES.slice(1) } },
      { page_scopes: 'failed' },
      /Acme \(110\) lacks pages_messaging$/,
    ],
    [
      'a token that may not write on Instagram',
      { token: { scopes: SCOPES.slice(0, 3) } },
      { page_scopes: 'failed' },
      /on Instagram lacks instagram_manage_messages$/,
    ],
    [
      'a page without an Instagram account',
      { node: { instagram_business_account: undefined } },
      { instagram: 'failed' },
      /Acme \(110\) has no account, and not acme\.shop \(1784\)/,
    ],
    [
      'a page with another one',
      { node: { instagram_business_account: { id: '1785', username: 'acme.new' } } },
      { instagram: 'failed' },
      /has acme\.new \(1785\), and not/,
    ],
    [
      'another app alone',
      { apps: [subscribed(PAGE_FIELDS, '88')] },
      { page_subscription: 'failed' },
      /has not got the app 1234567890/,
    ],
    [
      'a subscription without messages',
      { apps: [subscribed(['feed'])] },
      { page_subscription: 'failed' },
      /without the field messages/,
    ],
    [
      'a subscription to little',
      { apps: [subscribed(['messages', 'name'])] },
      { page_subscription: 'warning' },
      /Acme \(110\) is subscribed without messaging_postbacks/,
    ],
    [
      'fields as objects',
      { apps: [{ id: '1234567890', subscribed_fields: PAGE_FIELDS.map((name) => ({ name })) }] },
      {},
      /valid/,
    ],
    [
      'no webhook for Instagram',
      { app: [webhook('facebook')] },
      { page_webhook: 'failed' },
      /no webhook for the object instagram/,
    ],
    [
      'a webhook of others',
      { app: [webhook('facebook', { callback_url: 'https://other.test/hook' }), webhook('instagram')] },
      { page_webhook: 'failed' },
      /object page belongs to https:\/\/other\.test\/hook: what people write to pages/,
    ],
    [
      'a webhook of a neighbour',
      { app: [webhook('facebook', { callback_url: 'https://chat.example/chat/other' }), webhook('instagram')] },
      { page_webhook: 'failed' },
      /another gateway of this Patchbay/,
    ],
    [
      'a webhook that is not active',
      { app: [webhook('facebook', { active: false }), webhook('instagram')] },
      { page_webhook: 'failed' },
      /page is not active/,
    ],
    [
      'a webhook without messages',
      { app: [webhook('facebook', { fields: ['messaging_postbacks'] }), webhook('instagram')] },
      { page_webhook: 'failed' },
      /Without messages/,
    ],
    [
      'a webhook without some fields',
      { app: [webhook('facebook'), webhook('instagram', { fields: ['messages'] })] },
      { page_webhook: 'warning' },
      /object instagram.*messaging_seen/,
    ],
  ])('%s', async (_, meta, bad, says) => {
    const { own, of } = await examine(routesOf(meta));
    expect(own).toEqual({ ...RIGHT, ...bad });
    const [worst = 'page_token'] = Object.keys(bad);
    const { status, detail, advice, where } = of(worst);
    expect(detail).toMatch(says);
    if (status !== 'ok') expect([advice, where]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('a page that Meta does not show, and subscriptions that it does not', async () => {
    const routes = {
      ...routesOf(),
      'GET 110': graphError(100, 'gone'),
      'GET 110/subscribed_apps': graphError(200, 'no'),
    };
    const { own, of } = await examine(routes);
    expect(own).toEqual({ ...RIGHT, page: 'failed', instagram: 'skipped', page_subscription: 'failed' });
    expect(of('page').detail).toContain('Acme (110): Meta refused (100): gone');
    expect(of('page_subscription').detail).toContain('Not to be seen');
  });

  it('a page whose token is not known', async () => {
    const { own, of, graph } = await examine(
      { ...routesOf(), 'GET 110': failed(false), 'GET 110/subscribed_apps': failed(false) },
      { token: '' },
    );
    expect(own).toMatchObject({ page_token: 'failed', page: 'skipped', page_subscription: 'skipped' });
    expect(of('page_token')).toMatchObject({
      detail: expect.stringContaining('Acme (110): no token is known'),
      where: 'GET /chat/acme?pages=setup',
    });
    expect(graph.calls()).not.toContain('GET 110');
  });

  it('asks a token about itself where the app may not, or is not known', async () => {
    const refusing = (request: { headers?: Record<string, string>; query: URLSearchParams }) =>
      request.headers?.['authorization']?.includes('|') ? graphError(100, 'did not match the Viewing App') : debugged();
    expect((await examine({ ...routesOf(), 'GET debug_token': refusing })).own['page_token']).toBe('ok');
    const { own, graph } = await examine(routesOf(), { settings: {} });
    expect(own).toMatchObject({ page_token: 'ok', page_webhook: 'failed', page_subscription: 'ok' });
    expect(graph.seen.some(({ headers }) => headers?.['authorization']?.includes('|'))).toBe(false);
  });

  it('nothing where no page is set up, and a warning where a token is to find some', async () => {
    const none = { ...routesOf(), 'GET 110': undefined, 'GET 110/subscribed_apps': undefined };
    const { steps } = await examine(none, { groups: [] });
    expect(steps.filter(({ id }) => OWN.has(id))).toEqual([]);
    const wanting = await examine(none, { groups: [], settings: { ...SETTINGS, facebook_token: 'EAAGowner4711' } });
    expect(wanting.own).toEqual({ ...SKIPPED, pages: 'warning' });
    expect([wanting.of('pages').status, wanting.of('pages').where]).toEqual(['warning', 'GET /chat/acme?pages=setup']);
    expect(wanting.of('accounts').status).toBe('failed');
  });

  it('that none is in use: all are looked at, but for what comes in', async () => {
    const idle = [group('facebook', '110', false), group('instagram', '1784', false)];
    const { own, of } = await examine(routesOf(), { groups: idle });
    expect(own).toEqual({ ...RIGHT, pages: 'failed', page_subscription: 'skipped' });
    expect(of('pages').where).toBe('GET /chat/acme?pages=subscribe');
    const beside = {
      'GET ': graphError(200),
      'GET P1': graphError(200),
      'GET W1': graphError(200),
      'GET W1/subscribed_apps': graphError(200),
    };
    const both = await examine({ ...routesOf(), ...beside }, { groups: [...idle, NUMBER] });
    expect(both.of('pages').status).toBe('warning');
  });

  it('one use where only that is set up', async () => {
    const { own, of, graph } = await examine(
      routesOf({ token: { scopes: SCOPES.slice(0, 2) }, app: [webhook('facebook')] }),
      {
        groups: [PAGE],
      },
    );
    expect(own).toEqual({ ...RIGHT, instagram: 'skipped' });
    expect(of('page_webhook').detail).not.toContain('instagram');
    expect(graph.seen.find(({ path }) => path === '110')?.query.get('fields')).toBe('id,name');
  });

  it('nothing while the app secret is wrong, which fails every call', async () => {
    const wrong = (request: { query: URLSearchParams }) =>
      request.query.has('appsecret_proof') ? graphError(100, 'Invalid appsecret_proof provided') : OF_WHATSAPP;
    const routes = { 'GET debug_token': wrong, 'GET 1234567890/subscriptions': graphError(190) };
    const { own, of } = await examine(routes);
    expect(own).toEqual({ ...SKIPPED, pages: 'ok' });
    expect(of('page_token').detail).toContain('step app_secret');
  });

  it('and tells no token', async () => {
    const echoing = ({ query, headers }: { query: URLSearchParams; headers?: Record<string, string> }) =>
      graphError(190, `Malformed access token ${query.get('input_token') ?? ''} ${headers?.['authorization']}`);
    const { steps } = await examine({ ...routesOf(), 'GET debug_token': echoing, 'GET 110': echoing });
    expect(JSON.stringify(steps)).not.toContain('EAAGpage4711');
  });
});
