import { describe, expect, it } from '@jest/globals';
import type { DoctorStep, JsonObject, Settings } from '../../../contract/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../../graph/testing/fake-graph.js';
import { WEBHOOK_FIELDS } from '../../whatsapp/fields.js';
import { verify } from '../webhook.js';
import { doctor } from './index.js';

const OURS = 'https://chat.example/chat/acme';
const SHARED = 'https://chat.example/meta/1234567890';
const NEIGHBOUR = 'https://chat.example/chat/other';
const THEIRS = 'https://other.test/hook';
const SETTINGS = { client_id: '1234567890', client_secret: 's3cret-of-app', verify_token: 'v3rify-token' };

interface Meta {
  readonly token?: object;
  readonly app?: object[];
  readonly apps?: object[];
  readonly waba?: object;
  readonly number?: object;
}

const subscription = (url: string, fields: readonly string[] = WEBHOOK_FIELDS) => ({
  object: 'whatsapp_business_account',
  callback_url: url,
  active: true,
  fields: fields.map((name) => ({ name, version: 'v26.0' })),
});
const subscribed = (override?: string) => ({
  whatsapp_business_api_data: { id: '1234567890' },
  ...(override && { override_callback_uri: override }),
});
const SCOPES = ['whatsapp_business_messaging', 'whatsapp_business_management'];

/** A set-up that is right, but for what is given. */
function routesOf({ token = {}, app = [subscription(SHARED)], apps = [subscribed()], waba = {}, number = {} }: Meta) {
  const node = {
    id: 'P1',
    status: 'CONNECTED',
    name_status: 'APPROVED',
    platform_type: 'CLOUD_API',
    account_mode: 'LIVE',
    whatsapp_business_manager_messaging_limit: 'TIER_2K',
    health_status: { can_send_message: 'AVAILABLE' },
    webhook_configuration: { application: SHARED },
    ...number,
  };
  return {
    'GET debug_token': { json: { data: { app_id: '1234567890', is_valid: true, scopes: SCOPES, ...token } } },
    'GET 1234567890/subscriptions': { json: { data: app } },
    'GET ': { json: { P1: node } },
    'GET W1/subscribed_apps': { json: { data: apps } },
    'GET W1': { json: { id: 'W1', primary_funding_id: '3', ...waba } },
  };
}

const GROUP = {
  channel: 'whatsapp',
  address: 'W1',
  name: 'Acme',
  accounts: [{ address: 'P1', group: 'W1', name: 'Acme', active: true }],
};

async function examine(routes: object, settings: Settings = SETTINGS, groups: readonly (typeof GROUP)[] = [GROUP]) {
  const graph = fakeGraph(routes as Parameters<typeof fakeGraph>[0]);
  const call = {
    ...gatewayCall(graph.http, settings),
    groups,
    now: new Date('2026-11-20T12:00:00Z'),
    asAccount: () => undefined,
  };
  const steps = await doctor.examine(call);
  const of = (id: string): DoctorStep => steps.find((step) => step.id === id)!;
  return {
    graph,
    of,
    bad: steps.filter(({ status }) => status === 'failed' || status === 'warning').map(({ id }) => id),
  };
}

describe('what the doctor says of a set-up at Meta', () => {
  it('asks each thing once, and finds a right one right', async () => {
    const { graph, bad } = await examine(routesOf({}));
    expect(bad).toEqual([]);
    expect(graph.unused()).toEqual([]);
    expect(new Set(graph.calls()).size).toBe(graph.calls().length);
  });

  it.each<readonly [name: string, meta: Meta, bad: readonly string[]]>([
    ['a number override of ours', { number: { webhook_configuration: { phone_number: OURS } } }, []],
    [
      'a number override of a neighbour',
      { number: { webhook_configuration: { phone_number: NEIGHBOUR } } },
      ['number_override'],
    ],
    ['an account override of ours', { apps: [subscribed(OURS)] }, []],
    ['an account override of a neighbour', { apps: [subscribed(NEIGHBOUR)] }, ['account_override']],
    [
      'an account override of others, outdone by ours at the number',
      { apps: [subscribed(THEIRS)], number: { webhook_configuration: { phone_number: OURS } } },
      [],
    ],
    [
      'an account override that only the number shows',
      { number: { webhook_configuration: { whatsapp_business_account: THEIRS } } },
      ['account_override'],
    ],
    ['only another app subscribed', { apps: [{ whatsapp_business_api_data: { id: '88' } }] }, ['subscription']],
    ['a webhook that is not active', { app: [{ ...subscription(SHARED), active: false }] }, ['app_webhook']],
    ['a webhook for another object', { app: [{ ...subscription(SHARED), object: 'page' }] }, ['app_webhook']],
    ['fields as plain names', { app: [{ ...subscription(SHARED), fields: [...WEBHOOK_FIELDS] }] }, []],
    ['a token for another app', { token: { app_id: '88' } }, ['app_id', 'subscription']],
    ['a token that ends in 14 days', { token: { expires_at: Date.parse('2026-12-04T12:00:00Z') / 1000 } }, ['token']],
    ['a token that ends in 15 days', { token: { expires_at: Date.parse('2026-12-05T12:00:00Z') / 1000 } }, []],
    ['a token without a scope for messages', { token: { scopes: ['whatsapp_business_management'] } }, ['scopes']],
    ['a number that is flagged', { number: { status: 'FLAGGED' } }, ['number']],
    ['a number without a registration', { number: { platform_type: 'NOT_APPLICABLE' } }, ['number']],
    ['a status that nobody knows', { number: { status: 'NEW_ONE' } }, ['number']],
    ['a name in review', { number: { name_status: 'PENDING_REVIEW' } }, ['display_name']],
    ['a name that needs no review', { number: { name_status: 'AVAILABLE_WITHOUT_REVIEW' } }, []],
    ['sending limited', { number: { health_status: { can_send_message: 'LIMITED' } } }, ['health']],
    ['no payment method', { waba: { primary_funding_id: undefined } }, ['payment']],
  ])('%s', async (_, meta, bad) => {
    const found = await examine(routesOf(meta));
    expect(found.bad).toEqual(bad);
  });

  it('takes no payment method lightly where there is nothing but a test number', async () => {
    const { of } = await examine(routesOf({ waba: { primary_funding_id: '' }, number: { account_mode: 'SANDBOX' } }));
    expect(of('payment').status).toBe('warning');
  });

  it("repeats Meta's own words about what blocks sending", async () => {
    const errors = [{ error_code: 141006, error_description: 'No payment.', possible_solution: 'Add one.' }];
    const health_status: JsonObject = { can_send_message: 'BLOCKED', entities: [{ entity_type: 'WABA', errors }] };
    const { of } = await examine(routesOf({ number: { health_status } }));
    expect(of('health')).toMatchObject({ status: 'failed', detail: expect.stringContaining('No payment. Add one.') });
  });

  it('judges the token without the app secret when that is what is wrong', async () => {
    const right = routesOf({})['GET debug_token'];
    const routes = { ...routesOf({}), 'GET debug_token': [graphError(100, 'Invalid appsecret_proof provided'), right] };
    const { of, graph } = await examine(routes);
    expect([of('token').status, of('app_secret').status, of('subscription').status]).toEqual([
      'ok',
      'failed',
      'skipped',
    ]);
    expect(
      graph.seen.filter(({ path }) => path === 'debug_token').map(({ query }) => query.has('appsecret_proof')),
    ).toEqual([true, false]);
  });

  it('says of a dead token that it is dead, and still judges the app', async () => {
    const dead = { ...routesOf({}), 'GET debug_token': graphError(190, 'EAAGtoken is dead') };
    const { of, bad } = await examine(dead);
    expect([bad, of('app_secret').status, of('app_webhook').status, of('number').status]).toEqual([
      ['token'],
      'ok',
      'ok',
      'skipped',
    ]);
    expect(of('token').detail).not.toContain('EAAGtoken');
    const wrong = { ...dead, 'GET 1234567890/subscriptions': graphError(190) };
    expect((await examine(wrong)).of('app_secret').status).toBe('failed');
    const away = { ...dead, 'GET 1234567890/subscriptions': failed(false) };
    expect((await examine(away)).of('app_secret').status).toBe('skipped');
  });

  it('says what cannot be known without app id and secret, and judges the rest', async () => {
    const { of, bad, graph } = await examine(routesOf({}), { verify_token: 'v' });
    expect(bad).toEqual(['app_id', 'app_secret']);
    expect([of('app_webhook').status, of('number').status]).toEqual(['skipped', 'ok']);
    expect(graph.calls()).not.toContain('GET 1234567890/subscriptions');
  });

  it('sees a webhook of others by the number, where it may not ask the app', async () => {
    const routes = routesOf({ number: { webhook_configuration: { application: THEIRS } } });
    expect((await examine(routes, { client_id: '1234567890' })).of('app_webhook').status).toBe('failed');
  });

  it('skips what Meta does not show, and fails what it must show', async () => {
    const routes = {
      ...routesOf({}),
      'GET ': [graphError(100), graphError(100), graphError(100)],
      'GET P1': [graphError(100), graphError(100), graphError(100)],
      'GET W1/subscribed_apps': graphError(200),
      'GET W1': graphError(100),
    };
    const { of } = await examine(routes);
    expect(['subscription', 'number', 'number_override', 'display_name', 'payment'].map((id) => of(id).status)).toEqual(
      ['failed', 'failed', 'skipped', 'skipped', 'skipped'],
    );
  });

  it('looks at a number in brief when it may not see all of it', async () => {
    const brief = { json: { id: 'P1', status: 'CONNECTED' } };
    const routes = {
      ...routesOf({}),
      'GET ': [graphError(100), { json: { P1: brief.json } }],
      'GET P1': graphError(100),
    };
    const { of } = await examine(routes);
    expect([of('number').status, of('messaging_limit').status]).toEqual(['ok', 'skipped']);
  });

  it('looks at all that is known while nothing is active', async () => {
    const idle = { ...GROUP, accounts: GROUP.accounts.map((account) => ({ ...account, active: false })) };
    const { of } = await examine(routesOf({ number: { status: 'PENDING' } }), SETTINGS, [idle]);
    expect([of('accounts').status, of('subscription').status, of('number').status]).toEqual([
      'failed',
      'skipped',
      'failed',
    ]);
  });

  it('signs an event that its own gateway takes', () => {
    const context = gatewayCall(fakeGraph({}).http, SETTINGS);
    const event = doctor.event?.(context);
    const request = {
      method: 'POST',
      query: new URLSearchParams(),
      headers: event?.headers ?? {},
      body: event?.body ?? Buffer.alloc(0),
    };
    expect(verify(request, context)).toEqual({ ok: true });
    expect(doctor.event?.(gatewayCall(fakeGraph({}).http, {}))).toBeUndefined();
  });
});
