import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { png } from '../support/files.js';
import { eventually } from '../support/patchbay.js';
import { type ProblemView, Scene, statusesOf } from '../support/scene.js';
import { type Stage, WORLD, openStage } from '../support/stage.js';

const KEY = WORLD.dialog360Key;
const SECRET = 'only-360dialog-knows-this';

const TEMPLATE = {
  name: 'order_ready',
  language: 'en_US',
  category: 'UTILITY',
  components: [{ type: 'BODY', text: 'Your order {{1}} is ready.' }],
};

function gatewayBody({ uri, bot, sim }: Stage, metadata: object = {}): object {
  return {
    name: 'Acme',
    uri,
    type: '360dialog',
    metadata: { api_key: KEY, webhook_secret: SECRET, base_url: sim.dialog360Url, ...metadata },
    bot: { type: 'webhook', url: bot.url, events: ['*'] },
  };
}

describe('WhatsApp by way of 360dialog', () => {
  let scene: Scene;
  const served = () => scene.stage.sim.world.addDialog360({ key: KEY });

  beforeAll(async () => {
    const world = { wabas: [{ id: WORLD.wabaId, templates: [TEMPLATE] }] };
    const stage = await openStage({ simulator: { world, statuses: { readMs: 5 } } });
    // Meta's own app calls nobody: what comes, comes from 360dialog
    stage.sim.world.app(WORLD.appId).callback = undefined;
    scene = await Scene.on(stage, async () => {
      const { status, text, body } = await stage.patchbay.call('POST', '/gateways', { body: gatewayBody(stage) });
      if (status !== 201) throw new Error(text);
      return body;
    });
  });

  afterAll(() => scene.close());

  it('is a gateway type of its own, with the channel that Meta’s has', async () => {
    const { body } = await scene.get<{ items: { type: string; channels: unknown[]; metadata: { name: string }[] }[] }>(
      '/gateway-types',
    );
    const [messenger, ours] = ['messenger', '360dialog'].map((name) => body.items.find(({ type }) => type === name));
    expect(ours?.channels).toMatchObject([{ channel: 'whatsapp' }]);
    expect(messenger?.channels).toEqual(expect.arrayContaining(ours?.channels ?? []));
    expect(ours?.metadata.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['api_key', 'webhook_secret', 'base_url', 'in_doubt', 'settle_seconds']),
    );
  });

  it('refuses a wrong key, and shows none', async () => {
    const { stage, gateway } = scene;
    const wrong = await stage.patchbay.call<ProblemView>('POST', '/gateways', {
      body: { ...gatewayBody(stage, { api_key: 'of-nobody-at-all' }), uri: 'other' },
    });
    expect([wrong.status, wrong.body.code]).toEqual([422, '360dialog.key.invalid']);
    expect(wrong.text).not.toContain('of-nobody-at-all');
    const { text } = await scene.get(`/gateways/${String(gateway['id'])}`);
    expect([text.includes(KEY), text.includes(SECRET)]).toEqual([false, false]);
    expect(gateway).toMatchObject({ status: 'ok', warnings: [], metadata: { webhook_secret: SECRET } });
  });

  it('setup reads the one number, subscribe registers the webhook', async () => {
    const { patchbay, uri } = scene.stage;
    const found = await patchbay.command(uri, 'whatsapp=setup');
    expect(found.body).toMatchObject([
      {
        id: WORLD.wabaId,
        phone_numbers: [{ id: WORLD.phoneNumberId, display_phone_number: WORLD.displayPhoneNumber, active: false }],
      },
    ]);
    expect(served().webhook).toBeUndefined();
    const subscribed = await patchbay.command<object[]>(uri, 'whatsapp=subscribe');
    expect(subscribed.body).toMatchObject([{ phone_numbers: [{ active: true }], subscribed_fields: ['messages'] }]);
    expect(subscribed.body[0]).not.toHaveProperty('error');
    expect(served().webhook).toEqual({
      url: `${patchbay.url}/chat/${uri}`,
      headers: { authorization: `Bearer ${SECRET}` },
    });
    const { body } = await scene.get<{ items: object[] }>('/accounts');
    expect(body.items).toMatchObject([{ id: WORLD.phoneNumberId, quality: 'GREEN' }]);
  });

  it('a message comes in, the bot answers, and its receipts come back', async () => {
    const customer = scene.customer({ name: 'Sheena' });
    scene.answerTo(customer, ({ event: { type, message } }) =>
      type === 'message.received'
        ? { body: { replies: [{ type: 'text', text: `Echo: ${message?.text}` }] } }
        : undefined,
    );
    const event = await scene.write(customer, 'hi');
    expect(event).toMatchObject({
      channel: 'whatsapp',
      gateway: { type: '360dialog' },
      variables: { 'whatsapp.business': WORLD.wabaId, 'whatsapp.number': '15550783881', from: 'Sheena' },
    });
    const answer = await customer.nextMessage();
    expect(answer).toMatchObject({ text: 'Echo: hi', appId: '360dialog', phoneNumberId: WORLD.phoneNumberId });
    const told = await scene.stage.bot.waitFor(
      ({ type, message }) => type === 'message.read' && message?.providerId === answer.id,
    );
    const message = await scene.message(told.event.message?.id ?? '');
    expect(statusesOf(message)).toEqual(['queued', 'sending', 'accepted', 'sent', 'delivered', 'read']);
  });

  it('shows the customer reading and typing, when asked and by itself', async () => {
    const { patchbay, sim, uri } = scene.stage;
    const customer = scene.customer();
    const readsOf = (id: string) => sim.reads.filter(({ messageId }) => messageId === id).map(({ typing }) => typing);
    const { dialog, message } = await scene.write(customer, 'anybody?');
    const id = message?.providerId ?? '';
    for (const sign of ['read', 'typing']) {
      const { status, body } = await patchbay.call('POST', `/dialogs/${dialog.id}/${sign}`);
      expect([status, body]).toMatchObject([200, { message: { providerId: id } }]);
    }
    expect(readsOf(id)).toEqual([false, true]);
    const setAutoRead = (auto_read: string) =>
      patchbay.call('PATCH', `/gateways/${uri}`, { body: { metadata: { auto_read } } });
    expect((await setAutoRead('on')).status).toBe(200);
    const next = (await scene.write(customer, 'hello?')).message?.providerId ?? '';
    await sim.until(() => readsOf(next).length === 1);
    expect((await setAutoRead('off')).status).toBe(200);
  });

  it('takes no webhook without its secret, and one that 360dialog has signed', async () => {
    const { sim, patchbay, uri } = scene.stage;
    const target = `${patchbay.url}/chat/${uri}`;
    const post = (headers: Record<string, string>, signature: string | null = null) =>
      sim.postWebhook({ object: 'whatsapp_business_account', entry: [] }, { target, signature, headers });
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: 'Bearer guess' })).status).toBe(401);
    expect((await post({}, `sha256=${'0'.repeat(64)}`)).body).toContain('webhook.signature.missing');
    served().webhook = { url: target, headers: {} };
    served().signingSecret = SECRET;
    await scene.write(scene.customer(), 'signed');
    served().webhook = { url: target, headers: { authorization: `Bearer ${SECRET}` } };
    served().signingSecret = undefined;
  });

  it('sends templates, and judges them by 360dialog’s list', async () => {
    const phone = scene.newPhone();
    await eventually('that the templates are read', async () => {
      const { body } = await scene.get<{ items: { name: string }[] }>('/templates');
      return body.items.some(({ name }) => name === TEMPLATE.name);
    });
    const content = { type: 'template', name: TEMPLATE.name, language: TEMPLATE.language, params: { body: ['42'] } };
    const sent = await scene.post({ to: `+${phone}`, content });
    expect(sent.status).toBe(202);
    await scene.until(sent.body.id, 'read');
    const wrong = await scene.post<ProblemView>({ to: `+${phone}`, content: { ...content, params: { body: [] } } });
    expect(wrong.status).toBe(422);
  });

  it('carries files both ways, by its own host and key', async () => {
    const { sim, patchbay } = scene.stage;
    const bytes = png();
    const customer = scene.customer();
    const { id, mimeType } = sim.addMedia(bytes, 'image/png');
    const address = 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=over';
    const event = await scene.write(customer, { type: 'image', image: { id, mime_type: mimeType, url: address } });
    const { media } = { ...event.message?.content } as unknown as { media: { url: string } };
    const served = await eventually('that the file is here', async () => {
      const response = await fetch(media.url);
      return response.status === 200 && Buffer.from(await response.arrayBuffer());
    });
    expect(served).toEqual(bytes);

    const options = { body: bytes, headers: { 'content-type': 'image/png' } };
    const file = await patchbay.call<{ id: string }>('POST', '/media', options);
    const content = { type: 'image', media: { id: file.body.id }, caption: 'back' };
    await scene.post({ to: `+${customer.phone}`, content });
    const got = await customer.nextMessage(({ type }) => type === 'image');
    expect(sim.media((got.body['image'] as { id: string }).id)?.bytes).toEqual(bytes);
    const uploads = sim.requests.filter(({ method, path }) => method === 'POST' && path === '/360dialog/media');
    expect(uploads).toHaveLength(1);
  });

  it('holds what 360dialog refuses, says why, and goes on when it is mended', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'open');
    served().refuses = 'unpaid';
    const { id } = await scene.send(customer.phone, 'when it is paid');
    const { held } = await scene.until(id, 'held');
    expect(held).toMatchObject({
      reason: 'account',
      detail: expect.stringContaining('Settle the invoices of 360dialog'),
    });
    served().refuses = undefined;
    await scene.stage.patchbay.call('PATCH', `/gateways/${String(scene.gateway['id'])}`, { body: { name: 'Paid' } });
    await scene.until(id, 'read');

    served().refuses = 'rate';
    const hasty = await scene.send(customer.phone, 'not so fast');
    await scene.until(hasty.id, ({ attempts }) =>
      attempts.some(({ error }) => String(error?.code) === '360dialog.rate'),
    );
    served().refuses = undefined;
    await scene.until(hasty.id, 'read');
  });

  it('waits for the receipt when 360dialog cannot tell what became of a message', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'open');
    scene.stage.sim.faults.add({
      match: { path: '/360dialog/messages', times: 1 },
      do: { bodyless: true, status: 502 },
    });
    const { id } = await scene.send(customer.phone, 'is it there?');
    const { held } = await scene.until(id, 'held');
    expect(held).toMatchObject({ reason: 'doubt' });
  });

  it('parks the gateway when its key dies, and goes on with a new one', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'open');
    const { sim, patchbay } = scene.stage;
    const { webhook } = served();
    sim.world.dialog360.delete(KEY);
    const { id } = await scene.send(customer.phone, 'with another key');
    const { held } = await scene.until(id, 'held');
    expect(held).toMatchObject({ reason: 'gateway', detail: expect.stringContaining('api_key') });
    const key = 'the-next-key-of-the-number';
    sim.world.addDialog360({ key, phoneNumberId: WORLD.phoneNumberId, webhook });
    const path = `/gateways/${String(scene.gateway['id'])}`;
    const changed = await patchbay.call('PATCH', path, { body: { metadata: { api_key: key } } });
    expect([changed.status, changed.body['status']]).toEqual([200, 'ok']);
    await scene.until(id, 'read');
    const logged = patchbay.logLines.filter((line) => [key, KEY, SECRET].some((secret) => line.includes(secret)));
    expect(logged).toEqual([]);
  });
});
