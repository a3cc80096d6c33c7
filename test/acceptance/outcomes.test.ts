import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../src/simulator/simulator.js';
import { eventually } from '../support/patchbay.js';
import { Scene, statusesOf } from '../support/scene.js';
import { WORLD } from '../support/stage.js';
import { postSigned, valueOf, webhookOf } from '../support/webhooks.js';

const TEMPLATE = { type: 'template', name: 'follow_up', language: 'en_US', params: { body: ['Ann'] } };

/** A customer whose window is open, so that the network judges nothing but what a test tells it to. */
async function openWindow(scene: Scene): Promise<Customer & { readonly phone: string }> {
  const customer = scene.customer();
  await scene.write(customer, 'hi');
  return customer;
}

const texts = (customer: Customer): (string | undefined)[] => customer.received.map(({ text }) => text);

describe('a message on its way', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { retry: { firstMs: 50 } } });
  });

  afterAll(() => scene.close());
  afterEach(() => scene.stage.sim.faults.clear());

  const statusWebhook = (statuses: Record<string, unknown>[]): Promise<void> =>
    postSigned(scene.stage.sim, webhookOf(valueOf({ statuses })));
  const status = (id: string | undefined, word: string, more: object = {}) => ({
    id,
    status: word,
    timestamp: String(Math.floor(Date.now() / 1_000)),
    ...more,
  });

  it('leaves after the ones before it, also when the first is slow; other dialogs do not wait', async () => {
    const { sim } = scene.stage;
    const slow = await openWindow(scene);
    const other = await openWindow(scene);
    sim.faults.add({ match: { to: slow.phone, nth: 1 }, do: { withholdAnswer: true, withholdStatuses: true } });
    const words = ['1', '2', '3', '4', '5'];
    const sent = [];
    for (const word of words) sent.push(await scene.send(slow.phone, word));
    const elsewhere = await scene.send(other.phone, 'not waiting');
    await scene.until(elsewhere.id, 'delivered');
    // The first is still without its answer, so the second is not on the wire.
    expect((await scene.message(sent[0]?.id ?? '')).attempts[0]?.status).toBe('sending');
    expect(texts(slow)).toEqual(['1']);
    expect((await scene.message(sent[1]?.id ?? '')).status).toBe('queued');
    expect(sim.releaseAnswers()).toBe(1);
    sim.releaseStatuses();
    await scene.until(sent.at(-1)?.id ?? '', 'delivered');
    expect(texts(slow)).toEqual(words);
    expect(
      sim.requests.filter(({ path, body }) => path.endsWith('/messages') && JSON.stringify(body).includes(slow.phone)),
    ).toHaveLength(5);
  });

  it('leaves after the ones before it, also when the first is tried again', async () => {
    const customer = await openWindow(scene);
    const other = await openWindow(scene);
    scene.stage.sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { error: { code: 131000 } } });
    const first = await scene.send(customer.phone, 'first');
    const second = await scene.send(customer.phone, 'second');
    const held = await scene.until(first.id, ({ held: obstacle }) => obstacle?.reason === 'retry');
    expect(held.held?.detail.length).toBeGreaterThan(10);
    expect(Date.parse(held.held?.until ?? '')).toBeGreaterThan(Date.parse(held['createdAt'] as string));
    await scene.until((await scene.send(other.phone, 'meanwhile')).id, 'delivered');
    await scene.until(second.id, 'delivered');
    expect(texts(customer)).toEqual(['first', 'second']);
    expect(statusesOf(await scene.message(first.id))).toEqual([
      'queued',
      'sending',
      'held',
      'sending',
      'accepted',
      'sent',
      'delivered',
    ]);
  });

  it('is tried again after each passing fault, and arrives once', async () => {
    const { sim } = scene.stage;
    const faults: [string, object][] = [
      ['500 with error 1', { status: 500, error: { code: 1 } }],
      ['503 with error 2', { status: 503, error: { code: 2 } }],
      ['131000', { error: { code: 131_000 } }],
      ['130429', { error: { code: 130_429 } }],
      ['131016', { status: 500, error: { code: 131_016 } }],
    ];
    const sent = await Promise.all(
      faults.map(async ([name, fault]) => {
        const customer = await openWindow(scene);
        sim.faults.add({ match: { to: customer.phone, times: 1 }, do: fault });
        return { name, customer, message: await scene.send(customer.phone, name) };
      }),
    );
    for (const { name, customer, message } of sent) {
      const done = await scene.until(message.id, 'delivered');
      expect(done.attempts).toHaveLength(2);
      expect(done.error).toBeUndefined();
      expect(texts(customer)).toEqual([name]);
    }
  });

  it.each([
    [131_026, 'recipient.unreachable'],
    [131_030, 'recipient.not_allowed'],
    [132_001, 'template.missing'],
    [131_051, 'content.unsupported'],
  ])('fails for good with %s: a neutral code, plain words, and the network’s own code', async (code, neutral) => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { error: { code, details: 'Said by Meta' } },
    });
    const first = await scene.send(customer.phone, 'in vain', { metadata: { orderId: '7' } });
    const next = await scene.send(customer.phone, 'next');
    const failed = await scene.until(first.id, 'failed');
    expect(failed.error).toMatchObject({ code: neutral, retryable: false, provider: { code } });
    expect(failed.error?.title.length).toBeGreaterThan(10);
    expect(failed.error?.detail).toContain('Said by Meta');
    expect(failed.attempts).toHaveLength(1);
    const { event } = await scene.stage.bot.waitFor(
      ({ type, message }) => type === 'message.failed' && message?.id === first.id,
    );
    expect(event.message).toMatchObject({ status: 'failed', metadata: { orderId: '7' }, error: { code: neutral } });
    await scene.until(next.id, 'delivered');
    expect(texts(customer)).toEqual(['next']);
  });

  it('fails for good with a code that is new to us, which is named', async () => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { status: 400, error: { code: 999_999 } },
    });
    const failed = await scene.until((await scene.send(customer.phone, 'x')).id, 'failed');
    expect(failed.error).toMatchObject({ code: 'provider.refused', provider: { code: 999_999 } });
    expect(failed.error?.title).toContain('999999');
  });

  it('takes receipts in any order: none lowers its status, each enters the timeline once', async () => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({ match: { to: customer.phone }, do: { withholdStatuses: true } });
    const sent = await scene.send(customer.phone, 'hello');
    const { id: wamid } = await customer.nextMessage();
    await scene.until(sent.id, 'accepted');
    await statusWebhook([status(wamid, 'read')]);
    await scene.until(sent.id, 'read');
    await statusWebhook([status(wamid, 'delivered'), status(wamid, 'sent'), status(wamid, 'read')]);
    await Promise.all([statusWebhook([status(wamid, 'sent')]), statusWebhook([status(wamid, 'delivered')])]);
    const message = await scene.until(sent.id, (now) => statusesOf(now).includes('sent'));
    expect(message.status).toBe('read');
    await scene.until((await scene.send((await openWindow(scene)).phone, 'the end')).id, 'delivered');
    const last = await scene.message(sent.id);
    expect(last.status).toBe('read');
    expect(statusesOf(last).sort()).toEqual(['queued', 'sending', 'accepted', 'sent', 'delivered', 'read'].sort());
  });

  it('may be read without having been delivered', async () => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({ match: { to: customer.phone }, do: { readWithoutDelivered: true } });
    const message = await scene.until((await scene.send(customer.phone, 'hello')).id, 'read');
    expect(statusesOf(message)).toEqual(['queued', 'sending', 'accepted', 'sent', 'read']);
  });

  it('that was delivered did not fail; one that failed may still be delivered', async () => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({ match: { to: customer.phone }, do: { withholdStatuses: true } });
    const failure = { errors: [{ code: 131_026, title: 'Undeliverable' }] };
    const first = await scene.send(customer.phone, 'first');
    const { id: one } = await customer.nextMessage();
    await statusWebhook([status(one, 'delivered')]);
    await scene.until(first.id, 'delivered');
    await statusWebhook([status(one, 'failed', failure)]);
    const kept = await scene.until(first.id, (message) => statusesOf(message).includes('failed'));
    expect(kept.status).toBe('delivered');
    expect(kept.error).toBeUndefined();

    const second = await scene.send(customer.phone, 'second');
    const { id: two } = await customer.nextMessage();
    await statusWebhook([status(two, 'failed', failure)]);
    expect((await scene.until(second.id, 'failed')).error).toMatchObject({ code: 'recipient.unreachable' });
    await statusWebhook([status(two, 'delivered')]);
    const delivered = await scene.until(second.id, 'delivered');
    expect(delivered.error).toBeUndefined();
    expect(statusesOf(delivered)).toContain('failed');
  });

  it('keeps a status word that nobody knows in its timeline, and goes on', async () => {
    const customer = await openWindow(scene);
    const sent = await scene.send(customer.phone, 'hello');
    const { id: wamid } = await customer.nextMessage();
    await scene.until(sent.id, 'delivered');
    await statusWebhook([status(wamid, 'framed')]);
    const message = await scene.until(sent.id, (now) => statusesOf(now).includes('framed'));
    expect(message.status).toBe('delivered');
    await statusWebhook([status(wamid, 'read')]);
    await scene.until(sent.id, 'read');
  });

  it('is not changed by the news of another system’s messages on the same number', async () => {
    const customer = await openWindow(scene);
    const sent = await scene.send(customer.phone, 'hello');
    await scene.until(sent.id, 'delivered');
    const before = await scene.history(sent.dialog);
    await statusWebhook([status('wamid.of-somebody-else', 'read', { recipient_id: customer.phone })]);
    await scene.until((await scene.send((await openWindow(scene)).phone, 'the end')).id, 'delivered');
    expect(await scene.history(sent.dialog)).toEqual(before);
    expect(await scene.attention('unhandled')).toEqual([]);
  });

  it('finds its receipts also when they are faster than the answer', async () => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({ match: { to: customer.phone }, do: { statusBeforeAnswer: true, delayMs: 300 } });
    const first = await scene.send(customer.phone, 'first');
    const second = await scene.send(customer.phone, 'second');
    const message = await scene.until(first.id, 'delivered');
    expect(message.attempts).toHaveLength(1);
    expect(message.providerId).toBe((await customer.nextMessage()).id);
    await scene.until(second.id, 'delivered');
    expect(texts(customer)).toEqual(['first', 'second']);
  });
});

describe('a message whose answer was lost', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({}, { metadata: { settle_seconds: '2' } });
  });

  afterAll(() => scene.close());
  afterEach(() => scene.stage.sim.faults.clear());

  const setMetadata = (metadata: object) =>
    scene.stage.patchbay.call('PATCH', `/gateways/${scene.gateway['id'] as string}`, { body: { metadata } });

  it('is accepted once when the network’s receipt comes in time', async () => {
    const customer = await openWindow(scene);
    scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { drop: 'after', delayStatusesMs: 500 },
    });
    const first = await scene.send(customer.phone, 'first');
    const second = await scene.send(customer.phone, 'second');
    const doubted = await scene.until(first.id, ({ held }) => held?.reason === 'doubt');
    expect(doubted.status).toBe('held');
    expect(doubted.held?.detail.length).toBeGreaterThan(20);
    const settled = await scene.until(first.id, 'delivered');
    expect(settled.attempts).toHaveLength(1);
    expect(settled.held).toBeUndefined();
    await scene.until(second.id, 'delivered');
    expect(texts(customer)).toEqual(['first', 'second']);
    expect(settled.providerId).toBe(customer.received[0]?.id);
  });

  it('fails as outcome.unknown without a receipt, is not sent again, and a late receipt overrules it', async () => {
    const { sim, bot } = scene.stage;
    const customer = scene.customer();
    sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { drop: 'after', withholdStatuses: true } });
    const { body: sent } = await scene.post({ to: `+${customer.phone}`, content: TEMPLATE });
    const failed = await scene.until(sent.id, 'failed');
    expect(failed.error).toMatchObject({ code: 'outcome.unknown', retryable: false });
    expect(failed.error?.detail).toMatch(/receipt/);
    await bot.waitFor(
      ({ type, message }) =>
        type === 'message.failed' && message?.id === sent.id && message.error?.code === 'outcome.unknown',
    );
    const next = await scene.post({ to: `+${customer.phone}`, content: { ...TEMPLATE, name: 'second' } });
    await scene.until(next.body.id, 'delivered');
    expect(customer.received.map(({ template }) => template)).toEqual(['follow_up', 'second']);

    expect(sim.releaseStatuses()).toBe(2);
    const known = await scene.until(sent.id, 'delivered');
    expect(known.error).toBeUndefined();
    expect(known.providerId).toBe(customer.received[0]?.id);
    expect(customer.received).toHaveLength(2);
  });

  it('is sent again without a receipt when it is a reply', async () => {
    const customer = scene.customer();
    scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { drop: 'after', withholdStatuses: true },
    });
    scene.answerTo(customer, ({ event: { type } }) =>
      type === 'message.received' ? { body: { replies: [{ type: 'text', text: 'hello' }] } } : undefined,
    );
    const event = await scene.write(customer, 'hi');
    await customer.nextMessage();
    await customer.nextMessage();
    expect(texts(customer)).toEqual(['hello', 'hello']);
    const [, reply] = await scene.history(event.dialog.id);
    const done = await scene.until(reply?.id ?? '', 'delivered');
    expect(done.attempts).toHaveLength(2);
    expect(done.providerId).toBe(customer.received[1]?.id);
  });

  it('keeps what the network said of the first copy when the second one is accepted', async () => {
    const customer = await openWindow(scene);
    const { sim } = scene.stage;
    sim.faults.add({ match: { to: customer.phone, nth: 1 }, do: { drop: 'after', withholdStatuses: true } });
    sim.faults.add({ match: { to: customer.phone, nth: 2 }, do: { withholdAnswer: true, withholdStatuses: true } });
    const sent = await scene.send(customer.phone, 'hello');
    await scene.until(sent.id, ({ attempts }) => attempts[1]?.status === 'sending');
    const [first] = customer.received;
    sim.emitStatus(first?.id ?? '', 'delivered');
    await scene.until(sent.id, 'delivered');
    expect(sim.releaseAnswers()).toBe(1);
    const both = await scene.until(sent.id, ({ providerId }) => providerId === customer.received[1]?.id);
    expect(both.status).toBe('delivered');
    expect(customer.received).toHaveLength(2);
  });

  it('is not in doubt when the connection broke before anything was sent to a network that is not there', async () => {
    const customer = await openWindow(scene);
    await setMetadata({ graph_url: 'http://127.0.0.1:9' });
    const sent = await scene.send(customer.phone, 'hello');
    const held = await scene.until(sent.id, ({ held: obstacle }) => obstacle !== undefined);
    expect(held.held?.reason).toBe('retry');
    await setMetadata({ graph_url: null });
    await scene.until(sent.id, 'delivered');
    expect(texts(customer)).toEqual(['hello']);
  });

  it('is treated as in_doubt says, whatever its class', async () => {
    const { sim } = scene.stage;
    const lose = (phone: string) =>
      sim.faults.add({ match: { to: phone, times: 1 }, do: { drop: 'after', withholdStatuses: true } });
    expect((await setMetadata({ in_doubt: 'fail' })).status).toBe(200);
    const reply = await openWindow(scene);
    lose(reply.phone);
    const inWindow = await scene.send(reply.phone, 'hello');
    expect((await scene.until(inWindow.id, 'failed')).error).toMatchObject({ code: 'outcome.unknown' });
    expect(texts(reply)).toEqual(['hello']);

    expect((await setMetadata({ in_doubt: 'resend' })).status).toBe(200);
    const stranger = scene.customer();
    lose(stranger.phone);
    const { body: campaign } = await scene.post({ to: `+${stranger.phone}`, content: TEMPLATE });
    expect((await scene.until(campaign.id, 'delivered')).attempts).toHaveLength(2);
    expect(stranger.received).toHaveLength(2);
    await setMetadata({ in_doubt: null });
  });
});

describe('a dead token', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  it('parks the gateway and holds its messages; a new token lets them go by itself, in order', async () => {
    const { sim, patchbay } = scene.stage;
    const gateway = `/gateways/${scene.gateway['id'] as string}`;
    const customer = await openWindow(scene);
    sim.world.token(WORLD.token).valid = false;
    const first = await scene.send(customer.phone, 'first');
    const held = await scene.until(first.id, ({ held: obstacle }) => obstacle?.reason === 'gateway');
    expect(held.status).toBe('held');
    expect(held.held?.detail).toMatch(/token/i);
    const parked = await eventually('the gateway to be parked', async () => {
      const { body } = await patchbay.call('GET', gateway);
      return body['status'] === 'parked' && body;
    });
    expect(parked['reason']).toMatch(/190/);
    const second = await scene.send(customer.phone, 'second');
    expect((await scene.until(first.id, 'held')).error).toBeUndefined();
    // What comes in is not concerned.
    await scene.write(customer, 'still there?');
    expect(customer.received).toEqual([]);

    const refused = await patchbay.call('PATCH', gateway, { body: { metadata: { whatsapp_token: 'EAAStillDead' } } });
    expect(refused).toMatchObject({ status: 422, body: { code: 'whatsapp.token.invalid' } });
    sim.world.merge({ tokens: [{ token: 'EAAFresh' }] });
    const mended = await patchbay.call('PATCH', gateway, { body: { metadata: { whatsapp_token: 'EAAFresh' } } });
    expect(mended).toMatchObject({ status: 200, body: { status: 'ok' } });
    await scene.until(second.id, 'delivered');
    expect(texts(customer)).toEqual(['first', 'second']);
    expect((await scene.message(first.id)).held).toBeUndefined();
  });
});
