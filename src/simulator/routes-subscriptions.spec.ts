import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD } from './simulator.js';
import { ANN, NUMBER, receive, simulate, WABA } from './simulation.fixture.js';

const { appId, appSecret, verifyToken } = DEFAULT_WORLD;
const APP_TOKEN = `${appId}|${appSecret}`;

describe('subscribed_apps', () => {
  it('subscribes and unsubscribes the app of the token', async () => {
    const { sim, graph, receiver } = await simulate();
    expect((await graph('DELETE', `/${WABA}/subscribed_apps`)).body).toEqual({ success: true });
    sim.customer(ANN).write(NUMBER, 'to nobody');
    expect(sim.counts.unrouted).toBe(1);
    expect((await graph('POST', `/${WABA}/subscribed_apps`)).body).toEqual({ success: true });
    sim.customer(ANN).write(NUMBER, 'to you');
    await sim.idle();
    expect(receiver.values).toHaveLength(1);
    const { body } = await graph('GET', `/${WABA}/subscribed_apps`);
    expect(body.data).toEqual([
      { whatsapp_business_api_data: { id: appId, name: 'Acme Chat', link: expect.any(String) } },
    ]);
  });

  it('asks an override for the challenge and keeps it out when the answer is wrong', async () => {
    const { graph, sim } = await simulate();
    const other = await receive();
    const refused = await graph('POST', `/${WABA}/subscribed_apps`, {
      override_callback_uri: other.url,
      verify_token: 'wrong',
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 2200 } } });
    expect(sim.world.waba(WABA).subscribedApps.get(appId)).toEqual({ appId });
    const taken = await graph('POST', `/${WABA}/subscribed_apps`, {
      override_callback_uri: other.url,
      verify_token: verifyToken,
    });
    expect(taken.body).toEqual({ success: true });
    expect(other.handshakes.at(-1)?.get('hub.mode')).toBe('subscribe');
    expect(other.handshakes.at(-1)?.get('hub.challenge')).toMatch(/^\d+$/);
  });

  it('puts the number before the WABA before the app, for messages only', async () => {
    const { sim, graph, receiver } = await simulate();
    const [ofWaba, ofNumber] = [await receive(), await receive()];
    const second = sim.world.addPhoneNumber(WABA).id;
    const override = (url: string): { override_callback_uri: string; verify_token: string } => ({
      override_callback_uri: url,
      verify_token: verifyToken,
    });
    await graph('POST', `/${WABA}/subscribed_apps`, override(ofWaba.url));
    await graph('POST', `/${NUMBER}`, { webhook_configuration: override(ofNumber.url) });
    sim.customer(ANN).write(NUMBER, 'one');
    sim.customer(ANN).write(second, 'two');
    sim.emit('account_update', WABA, { event: 'DISABLED_UPDATE' });
    await sim.idle();
    expect(receiver.webhooks.map(({ json }) => json.entry[0]?.changes[0]?.field)).toEqual(['account_update']);
    expect([ofWaba.webhooks.length, ofNumber.webhooks.length]).toEqual([1, 1]);

    const { body } = await graph('GET', `/${NUMBER}?fields=webhook_configuration`);
    expect(body.webhook_configuration).toEqual({
      phone_number: ofNumber.url,
      whatsapp_business_account: ofWaba.url,
      application: receiver.url,
    });
    await graph('POST', `/${NUMBER}`, { webhook_configuration: { override_callback_uri: '' } });
    await graph('POST', `/${WABA}/subscribed_apps`);
    sim.customer(ANN).write(NUMBER, 'three');
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(2);
  });

  it('refuses an override of more than 200 characters', async () => {
    const { graph } = await simulate();
    const reply = await graph('POST', `/${WABA}/subscribed_apps`, {
      override_callback_uri: `http://127.0.0.1:1/${'x'.repeat(200)}`,
      verify_token: 'v',
    });
    expect(reply.body.error.code).toBe(100);
  });
});

describe('subscriptions', () => {
  const wanted = (url: string, fields: string, token: string = verifyToken): string =>
    new URLSearchParams({
      object: 'whatsapp_business_account',
      callback_url: url,
      verify_token: token,
      fields,
    }).toString();

  it('sets the callback of the app after the handshake', async () => {
    const { sim, graph } = await simulate();
    const other = await receive();
    const path = `/${appId}/subscriptions`;
    expect((await graph('POST', path, wanted(other.url, 'messages,flows'), APP_TOKEN)).body).toEqual({ success: true });
    expect((await graph('GET', path, undefined, APP_TOKEN)).body.data).toEqual([
      {
        object: 'whatsapp_business_account',
        callback_url: other.url,
        active: true,
        fields: [
          { name: 'messages', version: 'v26.0' },
          { name: 'flows', version: 'v26.0' },
        ],
      },
    ]);
    sim.emit('account_update', WABA, {});
    sim.emit('flows', WABA, {});
    await sim.idle();
    expect(other.webhooks.map(({ json }) => json.entry[0]?.changes[0]?.field)).toEqual(['flows']);
    await graph('DELETE', path, undefined, APP_TOKEN);
    expect((await graph('GET', path, undefined, APP_TOKEN)).body.data).toEqual([]);
  });

  it('fails with 2200 when the callback does not prove itself, and keeps the old one', async () => {
    const { sim, graph, receiver } = await simulate();
    for (const body of [wanted(receiver.url, 'messages', 'wrong'), wanted('http://127.0.0.1:9/', 'messages')]) {
      expect((await graph('POST', `/${appId}/subscriptions`, body, APP_TOKEN)).body.error.code).toBe(2200);
    }
    expect(sim.world.app(appId).callback?.url).toBe(receiver.url);
  });

  it('wants the challenge back, not just any 200', async () => {
    const { graph, receiver } = await simulate();
    receiver.handshakeAnswer = 'ok';
    const reply = await graph('POST', `/${appId}/subscriptions`, wanted(receiver.url, 'messages'), APP_TOKEN);
    expect(reply.body.error.code).toBe(2200);
  });

  it('wants an app token', async () => {
    const { graph, receiver } = await simulate();
    const reply = await graph('POST', `/${appId}/subscriptions`, wanted(receiver.url, 'messages'));
    expect(reply.body.error.code).toBe(15);
  });
});
