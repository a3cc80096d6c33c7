import { describe, expect, it } from '@jest/globals';
import { proofOf } from './graph-access.js';
import { DEFAULT_WORLD } from './simulator.js';
import { NUMBER, simulate, WABA } from './simulation.fixture.js';

const { appId, appSecret, businessId, token, userId } = DEFAULT_WORLD;

describe('debug_token', () => {
  it('shows scopes and what they reach', async () => {
    const { sim, graph } = await simulate();
    sim.world.addWaba({ id: '55' });
    const { body } = await graph('GET', `/debug_token?input_token=${token}`);
    expect(body.data).toMatchObject({ app_id: appId, is_valid: true, expires_at: 0, user_id: userId });
    expect(body.data.granular_scopes).toContainEqual({
      scope: 'whatsapp_business_messaging',
      target_ids: [WABA, '55'],
    });
  });

  it('leaves target_ids out where the token has none', async () => {
    const { sim, graph } = await simulate();
    sim.world.token(token).granularScopes = [{ scope: 'whatsapp_business_management' }];
    const { body } = await graph('GET', `/debug_token?input_token=${token}`);
    expect(body.data.granular_scopes).toEqual([{ scope: 'whatsapp_business_management' }]);
  });

  it('tells an app about its own tokens, and about no others', async () => {
    const { sim, graph } = await simulate();
    sim.world.addApp({ id: '77', secret: 's' });
    const own = await graph('GET', `/debug_token?input_token=${token}`, undefined, `${appId}|${appSecret}`);
    expect(own.body.data.is_valid).toBe(true);
    const foreign = await graph('GET', `/debug_token?input_token=${token}`, undefined, '77|s');
    expect(foreign).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });

  it('says that an expired or unknown token is not valid', async () => {
    const { sim, graph } = await simulate({ now: () => 2_000_000 });
    sim.world.addToken({ token: 'OLD', expiresAt: 2000 });
    sim.world.addToken({ token: 'YOUNG', expiresAt: 2001 });
    const ask = async (asked: string): Promise<unknown> =>
      (await graph('GET', `/debug_token?input_token=${asked}`)).body.data.is_valid;
    expect([await ask('OLD'), await ask('YOUNG'), await ask('NONE')]).toEqual([false, true, false]);
  });
});

describe('who may ask', () => {
  it.each([
    ['no token', null],
    ['an unknown token', 'nonsense'],
    ['a wrong app token', `${appId}|wrong`],
    ['an expired token', 'EXPIRED'],
    ['a revoked token', 'REVOKED'],
  ])('refuses %s with 190 and 401', async (_name, credential) => {
    const { sim, graph } = await simulate();
    sim.world.addToken({ token: 'EXPIRED', expiresAt: 1 });
    sim.world.addToken({ token: 'REVOKED', valid: false });
    const reply = await graph('GET', `/${WABA}`, undefined, credential);
    expect(reply).toMatchObject({ status: 401, body: { error: { code: 190, type: 'OAuthException' } } });
    expect(reply.body.error.fbtrace_id).toEqual(expect.any(String));
  });

  it('names the missing scope with 200, and with 10 for sending', async () => {
    const { sim, graph, send } = await simulate();
    sim.world.token(token).scopes = ['business_management'];
    expect(await graph('GET', `/${WABA}`)).toMatchObject({ status: 403, body: { error: { code: 200 } } });
    expect(await send()).toMatchObject({ status: 403, body: { error: { code: 10 } } });
  });

  it('hides what the token is not assigned to', async () => {
    const { sim, graph } = await simulate();
    sim.world.addWaba({ id: '55', assignedTo: [], ownedBy: null, phoneNumbers: [{ id: '66' }] });
    for (const id of ['55', '66', '999']) {
      expect(await graph('GET', `/${id}`)).toMatchObject({
        status: 400,
        body: { error: { code: 100, error_subcode: 33 } },
      });
    }
    sim.world.addBusiness({ id: businessId, clients: ['55'] });
    expect(await graph('GET', '/55')).toMatchObject({ status: 200, body: { id: '55' } });
  });

  it('checks appsecret_proof when it is sent, and when the app demands it', async () => {
    const { sim, graph } = await simulate();
    const proof = proofOf(token, sim.world.app(appId));
    expect(proof).toMatch(/^[0-9a-f]{64}$/);
    expect((await graph('GET', `/me?appsecret_proof=${proof}`)).status).toBe(200);
    expect((await graph('GET', `/me?appsecret_proof=${proof.replace(/^./, 'x')}`)).body.error.code).toBe(100);
    sim.world.app(appId).requireProof = true;
    expect((await graph('GET', '/me')).body.error.code).toBe(100);
    sim.world.app(appId).secret = 'rotated';
    expect((await graph('GET', `/me?appsecret_proof=${proof}`)).status).toBe(400);
  });

  it('takes the token as a parameter too', async () => {
    const { graph } = await simulate();
    expect((await graph('GET', `/me?access_token=${token}`, undefined, null)).body.id).toBe(userId);
  });
});

describe('finding WABAs', () => {
  it('lists businesses, and owned, client and assigned WABAs', async () => {
    const { sim, graph } = await simulate();
    sim.world.addWaba({ id: '55', ownedBy: null, assignedTo: [] });
    sim.world.addBusiness({ id: businessId, clients: ['55'] });
    const ids = async (path: string): Promise<string[]> =>
      (await graph('GET', path)).body.data.map((item: { id: string }) => item.id);
    expect(await ids('/me/businesses')).toEqual([businessId]);
    expect(await ids(`/${businessId}/owned_whatsapp_business_accounts`)).toEqual([WABA]);
    expect(await ids(`/${businessId}/client_whatsapp_business_accounts?fields=id,name`)).toEqual(['55']);
    expect(await ids(`/${userId}/assigned_whatsapp_business_accounts`)).toEqual([WABA]);
    sim.world.token(token).scopes = ['whatsapp_business_management'];
    expect((await graph('GET', '/me/businesses')).body.error.code).toBe(200);
    expect((await graph('GET', `/${businessId}/owned_whatsapp_business_accounts`)).body.error.code).toBe(200);
  });

  it('reads many ids with nested edges in one call', async () => {
    const { sim, graph } = await simulate();
    sim.world.addWaba({ id: '55', name: 'Fifty-five' });
    const fields = 'id,name,phone_numbers.limit(25){id,status},subscribed_apps{whatsapp_business_api_data}';
    const { body } = await graph('GET', `/?ids=${WABA},55&fields=${fields}`);
    expect(Object.keys(body).sort()).toEqual([WABA, '55'].sort());
    expect(body[WABA].phone_numbers.data).toEqual([{ id: NUMBER, status: 'CONNECTED' }]);
    expect(body[WABA].subscribed_apps.data[0].whatsapp_business_api_data.id).toBe(appId);
    expect(body['55']).toMatchObject({
      name: 'Fifty-five',
      phone_numbers: { data: [] },
      subscribed_apps: { data: [] },
    });
  });

  it('takes 50 ids and not 51, and fails as a whole for one that is unknown', async () => {
    const { sim, graph } = await simulate();
    const ids = Array.from({ length: 51 }, () => sim.world.addWaba().id);
    expect(Object.keys((await graph('GET', `/?ids=${ids.slice(1).join(',')}`)).body)).toHaveLength(50);
    expect((await graph('GET', `/?ids=${ids.join(',')}`)).body.error.message).toMatch(/Maximum: 50. Provided: 51/);
    expect((await graph('GET', `/?ids=${WABA},999`)).status).toBe(400);
  });

  it('refuses a field that does not exist at Meta', async () => {
    const { graph } = await simulate();
    expect((await graph('GET', `/${NUMBER}?fields=id,qualityrating`)).body.error).toMatchObject({ code: 100 });
    expect((await graph('GET', `/${NUMBER}?fields=quality_rating,health_status`)).body).toMatchObject({
      id: NUMBER,
      quality_rating: 'GREEN',
      health_status: { can_send_message: 'AVAILABLE' },
    });
  });

  it('filters templates and numbers', async () => {
    const { sim, graph } = await simulate();
    sim.world.addTemplate(WABA, { name: 'a', status: 'PAUSED' });
    sim.world.addTemplate(WABA, { name: 'b' });
    const templates = (await graph('GET', `/${WABA}/message_templates?status=PAUSED&fields=name,status`)).body.data;
    expect(templates).toEqual([{ id: expect.any(String), name: 'a', status: 'PAUSED' }]);
    sim.world.addPhoneNumber(WABA, { id: '66', account_mode: 'SANDBOX' });
    const filtering = encodeURIComponent('[{"field":"account_mode","operator":"EQUAL","value":"LIVE"}]');
    const numbers = (await graph('GET', `/${WABA}/phone_numbers?fields=id&filtering=${filtering}`)).body.data;
    expect(numbers).toEqual([{ id: NUMBER }]);
  });
});

describe('paging', () => {
  it('leads through all numbers by its own links, forth and back', async () => {
    const { sim, graph } = await simulate();
    const ids = Array.from({ length: 7 }, () => sim.world.addPhoneNumber(WABA).id);
    const seen: string[][] = [];
    let page = (await graph('GET', `/${WABA}/phone_numbers?limit=3&fields=id`)).body;
    for (;;) {
      seen.push(page.data.map((item: { id: string }) => item.id));
      if (page.paging.next === undefined) {
        break;
      }
      page = await (await fetch(page.paging.next)).json();
    }
    expect(seen).toEqual([
      [NUMBER, ids[0], ids[1]],
      [ids[2], ids[3], ids[4]],
      [ids[5], ids[6]],
    ]);
    const previous = (await (await fetch(page.paging.previous)).json()) as typeof page;
    expect(previous.data.map((item: { id: string }) => item.id)).toEqual(seen[1]);
    expect(previous.data[0]).toEqual({ id: ids[2] });
  });

  it('continues a nested edge with the nested fields', async () => {
    const { sim, graph } = await simulate();
    const second = sim.world.addPhoneNumber(WABA).id;
    const { body } = await graph('GET', `/?ids=${WABA}&fields=name,phone_numbers.limit(1){id,status}`);
    const next = body[WABA].phone_numbers.paging.next as string;
    expect(new URL(next).pathname).toBe(`/v26.0/${WABA}/phone_numbers`);
    expect(await (await fetch(next)).json()).toMatchObject({ data: [{ id: second, status: 'CONNECTED' }] });
  });

  it('gives at most 100 and refuses a cursor it did not make', async () => {
    const { sim, graph } = await simulate();
    Array.from({ length: 120 }, () => sim.world.addPhoneNumber(WABA));
    expect((await graph('GET', `/${WABA}/phone_numbers?limit=1000`)).body.data).toHaveLength(100);
    expect((await graph('GET', `/${WABA}/phone_numbers`)).body.data).toHaveLength(25);
    expect((await graph('GET', `/${WABA}/phone_numbers?after=bm9uZQ==`)).body.error.code).toBe(100);
  });
});
