import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { DEFAULT_WORLD } from './simulator.js';
import { simulate, WABA } from './simulation.fixture.js';

const { appId, appSecret, userId } = DEFAULT_WORLD;
const BACK = 'https://chat.example/chat/acme';
const ASKED = {
  client_id: appId,
  redirect_uri: BACK,
  response_type: 'code',
  state: 's',
  scope: 'whatsapp_business_management,whatsapp_business_messaging',
};

async function open() {
  const { sim, graph } = await simulate();
  const dialog = async (change: Record<string, string> = {}) => {
    const query = new URLSearchParams({ ...ASKED, ...change });
    const answer = await fetch(`${sim.url}/v26.0/dialog/oauth?${query.toString()}`, { redirect: 'manual' });
    const location = answer.headers.get('location');
    return { status: answer.status, back: location === null ? undefined : new URL(location) };
  };
  const exchange = (code: string, change: Record<string, string> = {}) => {
    const query = new URLSearchParams({
      client_id: appId,
      client_secret: appSecret,
      redirect_uri: BACK,
      code,
      ...change,
    });
    return graph('GET', `/oauth/access_token?${query.toString()}`, undefined, null);
  };
  const code = async (): Promise<string> => (await dialog()).back?.searchParams.get('code') ?? '';
  return { sim, graph, dialog, exchange, code };
}

describe('the login dialog', () => {
  it('leads back with a code for a token that reaches what was ticked', async () => {
    const { sim, graph, dialog, exchange } = await open();
    sim.world.addWaba({ id: '55', assignedTo: [] });
    sim.world.app(appId).consent = { wabas: ['55'] };
    const { back } = await dialog();
    expect([back?.origin, back?.pathname, back?.searchParams.get('state')]).toEqual([
      'https://chat.example',
      '/chat/acme',
      's',
    ]);
    const granted = await exchange(back?.searchParams.get('code') ?? '');
    expect(granted.body).toMatchObject({ token_type: 'bearer', access_token: expect.stringMatching(/^EAAU/) });
    const token = granted.body.access_token;
    expect((await graph('GET', '/55', undefined, token)).status).toBe(200);
    expect((await graph('GET', `/${WABA}`, undefined, token)).body.error.code).toBe(100);
    const { data } = (await graph('GET', `/debug_token?input_token=${token}`, undefined, token)).body;
    expect(data).toMatchObject({
      app_id: appId,
      user_id: userId,
      type: 'USER',
      granular_scopes: [{ target_ids: ['55'] }, {}],
    });
  });

  it('leads back with the refusal of the person', async () => {
    const { sim, dialog } = await open();
    sim.world.app(appId).consent = { refuses: true };
    const { back } = await dialog();
    expect(Object.fromEntries(back?.searchParams ?? [])).toMatchObject({ error: 'access_denied', state: 's' });
  });

  it.each([
    ['an unknown app', { client_id: '1' }],
    ['an address that is not on the list', { redirect_uri: 'https://evil.example/' }],
    ['another kind of answer', { response_type: 'token' }],
    ['nothing that is asked for', { scope: '' }],
  ])('leads nowhere with %s', async (_, change) => {
    const { sim, dialog } = await open();
    sim.world.app(appId).redirectUris = [BACK];
    expect(await dialog(change)).toEqual({ status: 400, back: undefined });
    expect((await dialog({ scope: '', config_id: '9' })).status).toBe(302);
  });
});

describe('the exchange', () => {
  it('takes a code once, in time, from the app and for the address that it was given to', async () => {
    const { sim, exchange, code } = await open();
    const first = await code();
    for (const wrong of [{ client_secret: 'x' }, { client_id: '1' }, { redirect_uri: `${BACK}/` }, { code: 'AQx' }]) {
      expect((await exchange(first, wrong)).status).toBe(400);
    }
    expect((await exchange(first)).status).toBe(200);
    expect((await exchange(first)).body.error.message).toContain('has been used');
    const second = await code();
    sim.advance(30_001);
    expect((await exchange(second)).body.error.message).toContain('expired');
  });
});

describe('a person who removes the app', () => {
  it('takes its tokens along, and the app is told', async () => {
    const { sim, receiver, graph } = await simulate();
    expect((await sim.deauthorize(userId, { target: receiver.url })).status).toBe(200);
    const [signature = '', payload = ''] = receiver.forms[0]?.get('signed_request')?.split('.') ?? [];
    expect(createHmac('sha256', appSecret).update(payload).digest('base64url')).toBe(signature);
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ user_id: userId });
    expect((await graph('GET', '/me')).body.error.code).toBe(190);
    const body = JSON.stringify({ user: 'another', target: receiver.url });
    expect((await fetch(`${sim.url}/_sim/deauthorize`, { method: 'POST', body })).status).toBe(200);
    expect(receiver.forms).toHaveLength(2);
  });
});
