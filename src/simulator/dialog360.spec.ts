import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ANN, NUMBER, WABA, receive, simulate } from './simulation.fixture.js';
import { DEFAULT_WORLD } from './simulator.js';

const KEY = DEFAULT_WORLD.dialog360Key;

async function by360dialog() {
  const { sim, receiver: metas } = await simulate();
  const call = async (method: string, path: string, body?: object, key: string | null = KEY) => {
    const response = await fetch(`${sim.dialog360Url}${path}`, {
      method,
      headers: { ...(key === null ? {} : { 'd360-api-key': key }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // The specs look into answers of every shape; typing each would say nothing.
    // oxlint-disable-next-line typescript/no-explicit-any
    return { status: response.status, body: JSON.parse(text) as any };
  };
  return { sim, call, metas, served: sim.world.addDialog360({ key: KEY }) };
}

const text = (to: string) => ({ messaging_product: 'whatsapp', to, type: 'text', text: { body: 'hi' } });

describe('by way of 360dialog', () => {
  it('a message needs the key, and no number in the path', async () => {
    const { sim, call } = await by360dialog();
    const customer = sim.customer(ANN);
    customer.write(NUMBER, 'hi');
    const sent = await call('POST', '/messages', text(ANN));
    expect(sent).toMatchObject({ status: 200, body: { messages: [{ id: expect.stringMatching(/^wamid\./) }] } });
    expect(sim.sent).toMatchObject([{ phoneNumberId: NUMBER, wabaId: WABA, appId: '360dialog' }]);
    for (const key of [null, 'of-nobody', DEFAULT_WORLD.token]) {
      const refused = await call('POST', '/messages', text(ANN), key);
      expect(refused).toMatchObject({ status: 401, body: { meta: { developer_message: 'Invalid api_key' } } });
    }
  });

  it('Meta’s own refusals are passed on', async () => {
    const { call } = await by360dialog();
    expect(await call('POST', '/messages', text('+16505559999'))).toMatchObject({ body: { error: { code: 131_047 } } });
    expect(await call('POST', '/messages', { to: ANN })).toMatchObject({ status: 400, body: { error: { code: 100 } } });
    expect(await call('GET', '/4711')).toMatchObject({ body: { error: { code: 100, error_subcode: 33 } } });
  });

  it.each([
    ['disabled', 400],
    ['rate', 400],
    ['unpaid', 400],
    ['unavailable', 502],
  ] as const)('refuses as told: %s', async (refuses, status) => {
    const { call, served } = await by360dialog();
    served.refuses = refuses;
    expect(await call('GET', '/health_status')).toMatchObject({ status, body: { meta: { success: false } } });
  });

  it('blocks an endpoint, and no other', async () => {
    const { call, served } = await by360dialog();
    served.blocked = ['/messages'];
    expect((await call('POST', '/messages', text(ANN))).status).toBe(403);
    expect((await call('GET', '/health_status')).status).toBe(200);
  });

  it('the health names the number, and more where it is asked for', async () => {
    const { call } = await by360dialog();
    const { body } = await call('GET', '/health_status?fields=display_phone_number');
    expect(body).toMatchObject({ id: NUMBER, display_phone_number: DEFAULT_WORLD.displayPhoneNumber });
    expect(body.health_status.entities).toContainEqual(expect.objectContaining({ entity_type: 'WABA', id: WABA }));
    expect((await call('GET', '/health_status')).body).not.toHaveProperty('display_phone_number');
    expect((await call('GET', '/health_status?fields=nonsense')).status).toBe(400);
  });

  it('webhooks go to the number’s own, with its headers or 360dialog’s signature, and none of Meta’s', async () => {
    const { sim, call, metas, served } = await by360dialog();
    const receiver = await receive();
    expect((await call('GET', '/v1/configs/webhook')).body).toEqual({ url: '' });
    expect((await call('POST', '/v1/configs/webhook', { url: 'nonsense' })).status).toBe(400);
    await call('POST', '/v1/configs/webhook', { url: receiver.url, headers: { authorization: 'Bearer x' } });
    sim.customer(ANN).write(NUMBER, 'one');
    await sim.idle();
    served.signingSecret = 's';
    sim.customer(ANN).write(NUMBER, 'two');
    await sim.idle();
    const [first, second] = receiver.webhooks;
    expect(first?.headers['authorization']).toBe('Bearer x');
    expect([first, second].map((webhook) => webhook?.headers['x-hub-signature-256'])).toEqual([undefined, undefined]);
    const signature = createHmac('sha256', 's')
      .update(second?.bytes ?? '')
      .digest('hex');
    expect(second?.headers['x-360dialog-signature']).toBe(signature);
    expect(metas.webhooks).toHaveLength(2);
  });

  it('a file is named at Meta’s host, and given at the same path here, to those with the key', async () => {
    const { sim, call } = await by360dialog();
    const { id } = sim.addMedia(Buffer.from('voice'), 'audio/ogg');
    const { body } = await call('GET', `/${id}`);
    const { origin, pathname, search } = new URL(body.url);
    expect(origin).toBe('https://lookaside.fbsbx.com');
    const fetched = await fetch(`${sim.dialog360Url}${pathname}${search}`, { headers: { 'd360-api-key': KEY } });
    expect([await fetched.text(), fetched.headers.get('content-type')]).toEqual(['voice', 'audio/ogg']);
    expect((await fetch(`${sim.dialog360Url}${pathname}${search}`)).status).toBe(401);
    expect((await fetch(`${sim.url}${pathname}${search}`, { headers: { 'd360-api-key': KEY } })).status).not.toBe(200);
  });

  it('templates are listed by offset, in lower case', async () => {
    const { sim, call } = await by360dialog();
    for (const name of ['a', 'b', 'c']) sim.world.addTemplate(WABA, { name });
    const { body } = await call('GET', '/v1/configs/templates?limit=2&offset=1');
    expect(body).toMatchObject({ total: 3, waba_templates: [{ name: 'b', status: 'approved' }, { name: 'c' }] });
  });
});
