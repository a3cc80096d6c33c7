import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import {
  type ListView,
  type MessageView,
  type ProblemView,
  Scene,
  SECOND_NUMBER,
  TWO_NUMBERS,
  statusesOf,
} from '../support/scene.js';
import { WORLD } from '../support/stage.js';

const HOUR_MS = 3_600_000;
const UNKNOWN_ID = '01920000-0000-7000-8000-000000000000';
const text = (words: string): object => ({ type: 'text', text: words });
const TEMPLATE = { type: 'template', name: 'follow_up', language: 'en_US', params: { body: ['Ann'] } };

describe('POST /messages', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  const setGateway = (body: object) =>
    scene.stage.patchbay.call('PATCH', `/gateways/${scene.gateway['id'] as string}`, { body });
  /** Runs while nothing can be sent, and lets it go afterwards. */
  async function whileHeld<T>(phone: string, work: () => Promise<T>): Promise<T> {
    const fault = scene.stage.sim.faults.add({ match: { to: phone }, do: { error: { code: 131000 } } });
    try {
      return await work();
    } finally {
      fault.remove();
    }
  }

  it('takes a message with 202 and says where it stands; GET shows the same and what became of it', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const answer = await scene.post({
      channel: 'whatsapp',
      account: WORLD.phoneNumberId,
      to: { phone: `+${customer.phone}` },
      content: text('Hello'),
      metadata: { orderId: '42' },
    });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      status: 'queued',
      direction: 'outbound',
      gateway: { uri: 'acme' },
      channel: 'whatsapp',
      account: { id: WORLD.phoneNumberId },
      content: text('Hello'),
      metadata: { orderId: '42' },
      timeline: [{ status: 'queued' }],
    });
    expect(answer.body.dialog).toMatch(/^[0-9a-f-]{36}$/);
    const wire = await customer.nextMessage();
    expect(wire.body).toMatchObject({ type: 'text', to: `+${customer.phone}`, text: { body: 'Hello' } });
    const message = await scene.until(answer.body.id, 'delivered');
    expect(message).toMatchObject({ id: answer.body.id, providerId: wire.id, metadata: { orderId: '42' } });
    expect(message.attempts).toMatchObject([{ part: 'content', status: 'accepted', providerId: wire.id }]);
  });

  it('finds the recipient by a phone as string, {phone}, {contact}, {dialog} and {userId}: all one dialog', async () => {
    const userId = 'US.777001';
    const phone = scene.newPhone();
    const customer = scene.stage.sim.customer({ phone, userId });
    const event = await scene.write(customer, 'hi');
    const ways = [`+${phone}`, { phone: `+${phone}` }, { contact: event.contact.id }, { dialog: event.dialog.id }];
    for (const to of ways) {
      const { status, body } = await scene.post({ to, content: text(JSON.stringify(to)) });
      expect(status).toBe(202);
      expect(body.dialog).toBe(event.dialog.id);
      expect(await customer.nextMessage()).toMatchObject({ text: JSON.stringify(to), phone });
    }
    const byId = await scene.post({ to: { userId }, content: text('by id') });
    expect(byId).toMatchObject({ status: 202, body: { dialog: event.dialog.id } });
    expect(await customer.nextMessage()).toMatchObject({ text: 'by id', userId });
  });

  it.each([
    ['an unknown gateway', { gateway: 'nobody' }, 422, 'gateway.unknown'],
    ['an unknown account', { account: '1' }, 422, 'account.unknown'],
    ['an unknown channel', { channel: 'smoke' }, 422, 'channel.unknown'],
    ['a malformed phone', { to: '16505551234' }, 400, 'to.malformed'],
    ['two recipients', { to: { phone: '+16505551234', userId: 'x' } }, 400, 'to.malformed'],
    ['an unknown dialog', { to: { dialog: UNKNOWN_ID } }, 422, 'dialog.unknown'],
    ['an unknown contact', { to: { contact: UNKNOWN_ID } }, 422, 'contact.unknown'],
    ['an unknown replyTo', { replyTo: UNKNOWN_ID }, 422, 'message.unknown'],
    ['an expiresAt that has passed', { expiresAt: '2020-01-01T00:00:00Z' }, 422, 'message.expired'],
    ['a field that does not exist', { colour: 'red' }, 400, 'validation.failed'],
    ['a text that is too long', { content: text('x'.repeat(4_097)) }, 422, 'content.too_long'],
  ])('refuses %s in words and by code', async (_name, more, status, code) => {
    const last = async (): Promise<string | undefined> =>
      (await scene.get<ListView<MessageView>>('/messages?limit=1')).body.items[0]?.id;
    const before = await last();
    const answer = await scene.post<ProblemView>({ to: '+16505550001', content: text('x'), ...more });
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.detail.length).toBeGreaterThan(10);
    expect(await last()).toBe(before);
  });

  it('quotes the message that it answers', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'question');
    const answer = await scene.send(customer.phone, 'answer', { replyTo: event.message?.id });
    expect(answer.replyTo).toBe(event.message?.id);
    const { body } = await customer.nextMessage();
    expect(body.context).toEqual({ message_id: event.message?.providerId });
  });

  it('reacts to a message of the customer’s by our id', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'good news');
    await scene.post({
      to: `+${customer.phone}`,
      content: { type: 'reaction', messageId: event.message?.id, emoji: '🎉' },
    });
    const { body } = await customer.nextMessage();
    expect(body.reaction).toEqual({ message_id: event.message?.providerId, emoji: '🎉' });
  });

  it('fills a template with params, or hands components over as they are', async () => {
    const customer = scene.customer();
    await scene.post({ to: `+${customer.phone}`, content: TEMPLATE });
    expect((await customer.nextMessage()).body.template).toEqual({
      name: 'follow_up',
      language: { code: 'en_US' },
      components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ann' }] }],
    });
    const components = [{ type: 'body', parameters: [{ type: 'text', text: 'Bob' }] }];
    const sent = await scene.post({
      to: `+${customer.phone}`,
      content: { type: 'template', name: 'follow_up', language: 'en_US', components },
    });
    expect((await customer.nextMessage()).body.template?.components).toEqual(components);
    expect((await scene.until(sent.body.id, 'delivered')).content).toMatchObject({ components });
  });

  it('sends a native body as it is, in our envelope', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const payload = { type: 'location', location: { latitude: '1.5', longitude: '2.5' } };
    const { status } = await scene.post({
      to: `+${customer.phone}`,
      content: { type: 'native', channel: 'whatsapp', payload },
    });
    expect(status).toBe(202);
    expect((await customer.nextMessage()).body).toMatchObject({ ...payload, to: `+${customer.phone}` });
  });

  it('with an Idempotency-Key takes the same request once: the same answer again, another body is 409', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const key = { 'idempotency-key': `order-${customer.phone}` };
    const body = { to: `+${customer.phone}`, content: text('once') };
    const first = await scene.post(body, key);
    await scene.until(first.body.id, 'delivered');
    const second = await scene.post(body, key);
    expect(second).toMatchObject({ status: 202, text: first.text });
    const other = await scene.post<ProblemView>({ ...body, content: text('twice') }, key);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency.key.reused' } });
    await scene.until((await scene.send(customer.phone, 'the end')).id, 'delivered');
    expect(customer.received.map((message) => message.text)).toEqual(['once', 'the end']);
  });

  it('with an Idempotency-Key makes one message of the same request many times at once', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const key = { 'idempotency-key': `race-${customer.phone}` };
    const body = { to: `+${customer.phone}`, content: text('once') };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => scene.post<MessageView & ProblemView>(body, key)),
    );
    const taken = answers.filter(({ status }) => status === 202);
    expect(taken.length).toBeGreaterThan(0);
    expect(new Set(taken.map(({ body: { id } }) => id)).size).toBe(1);
    for (const { status, body: problem } of answers.filter(({ status: code }) => code !== 202))
      expect({ status, code: problem.code }).toEqual({ status: 409, code: 'idempotency.in_progress' });
    expect((await scene.post(body, key)).body.id).toBe(taken[0]?.body.id);
    await scene.until((await scene.send(customer.phone, 'the end')).id, 'delivered');
    expect(customer.received.map((message) => message.text)).toEqual(['once', 'the end']);
  });

  it('does not remember a refusal under its Idempotency-Key', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const key = { 'idempotency-key': `mended-${customer.phone}` };
    const refused = await scene.post({ to: `+${customer.phone}`, content: text('x'.repeat(5_000)) }, key);
    expect(refused.status).toBe(422);
    const taken = await scene.post({ to: `+${customer.phone}`, content: text('short') }, key);
    expect(taken.status).toBe(202);
  });

  it('is refused while the gateway is disabled, and what waits can be cancelled', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const [first, second] = await whileHeld(customer.phone, async () => {
      const taken = [await scene.send(customer.phone, 'first'), await scene.send(customer.phone, 'second')] as const;
      await scene.until(taken[0].id, ({ held }) => held?.reason === 'retry');
      await setGateway({ enabled: false });
      return taken;
    });
    try {
      const refused = await scene.post({ to: `+${customer.phone}`, content: text('x') });
      expect(refused).toMatchObject({ status: 409, body: { code: 'gateway.disabled' } });
      const cancelled = await scene.stage.patchbay.call<MessageView>('POST', `/messages/${first.id}/cancel`);
      expect(cancelled).toMatchObject({ status: 200, body: { id: first.id, status: 'cancelled' } });
      expect(cancelled.body.held).toBeUndefined();
      const held = await scene.until(second.id, 'held');
      expect(held.held).toMatchObject({ reason: 'gateway' });
      expect(held.held?.detail).toMatch(/disabled/);
      // A disabled gateway still stores what comes in, and its bot does not hear of it, then or later.
      const wamid = customer.write(WORLD.phoneNumberId, 'while disabled');
      await eventually('it to be stored', async () =>
        (await scene.history(first.dialog)).some(({ providerId }) => providerId === wamid),
      );
    } finally {
      await setGateway({ enabled: true });
    }
    await scene.until(second.id, 'delivered');
    expect(customer.received.map((message) => message.text)).toEqual(['second']);
    expect((await scene.message(first.id)).status).toBe('cancelled');
    await scene.write(customer, 'enabled again');
    expect(scene.stage.bot.events.some(({ message }) => message?.text === 'while disabled')).toBe(false);
  });

  it('lets a message be cancelled while it waits for its turn, and not after it was sent', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const { patchbay } = scene.stage;
    const [first, second, third] = await whileHeld(customer.phone, async () => {
      const taken = [
        await scene.send(customer.phone, 'first'),
        await scene.send(customer.phone, 'second'),
        await scene.send(customer.phone, 'third'),
      ] as const;
      expect((await patchbay.call('POST', `/messages/${taken[1].id}/cancel`)).status).toBe(200);
      return taken;
    });
    await scene.until(third.id, 'delivered');
    expect(customer.received.map((message) => message.text)).toEqual(['first', 'third']);
    expect(statusesOf(await scene.message(second.id))).toEqual(['queued', 'cancelled']);
    const late = await patchbay.call('POST', `/messages/${first.id}/cancel`);
    expect(late).toMatchObject({ status: 409, body: { code: 'message.not_cancellable' } });
    expect((await scene.message(first.id)).status).toBe('delivered');
    // Cancelling again is no error: it is cancelled.
    expect((await patchbay.call('POST', `/messages/${second.id}/cancel`)).status).toBe(200);
  });

  it('expires what was not sent by expiresAt, and lets the rest of the line go', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const expiresAt = new Date(Date.now() + 3_000).toISOString();
    const [late, next] = await whileHeld(customer.phone, async () => {
      const taken = [
        await scene.send(customer.phone, 'too late', { expiresAt }),
        await scene.send(customer.phone, 'next'),
      ] as const;
      await scene.until(taken[0].id, 'expired');
      return taken;
    });
    const expired = await scene.message(late.id);
    expect(expired).toMatchObject({ expiresAt, error: { code: 'message.expired' } });
    await scene.stage.bot.waitFor(({ type, message }) => type === 'message.expired' && message?.id === late.id);
    await scene.until(next.id, 'delivered');
    expect(customer.received.map((message) => message.text)).toEqual(['next']);
  });

  it('is listed by every filter, newest first, each as its own GET gives it', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'hi');
    const since = new Date().toISOString();
    const first = await scene.until((await scene.send(customer.phone, 'first')).id, 'delivered');
    const second = await scene.until((await scene.send(customer.phone, 'second')).id, 'delivered');
    const ids = async (query: string): Promise<string[]> =>
      (await scene.get<ListView<MessageView>>(`/messages?${query}`)).body.items.map(({ id }) => id);
    const both = [second.id, first.id];
    expect(await ids(`to=${encodeURIComponent(`+${customer.phone}`)}`)).toEqual(both);
    expect(await ids(`dialog=${event.dialog.id}`)).toEqual([...both, event.message?.id]);
    expect(await ids(`dialog=${event.dialog.id}&status=delivered`)).toEqual(both);
    expect(await ids(`dialog=${event.dialog.id}&status=failed`)).toEqual([]);
    expect(await ids(`gateway=acme&dialog=${event.dialog.id}&since=${since}`)).toEqual(both);
    expect(await ids(`gateway=nobody`)).toEqual([]);
    expect(await ids(`providerId=${encodeURIComponent(first.providerId ?? '')}`)).toEqual([first.id]);
    const page = (await scene.get<ListView<MessageView>>(`/messages?dialog=${event.dialog.id}&limit=1`)).body;
    expect(page.items).toEqual([second]);
    const rest = (
      await scene.get<ListView<MessageView>>(`/messages?dialog=${event.dialog.id}&limit=1&cursor=${page.next}`)
    ).body;
    expect(rest.items).toEqual([first]);
  });

  it('needs a key (401) with messages:send (403) for that gateway; an unknown message is 404', async () => {
    const { patchbay } = scene.stage;
    const body = { gateway: 'acme', to: '+16505550002', content: text('x') };
    const { body: reader } = await patchbay.call<{ key: string }>('POST', '/keys', {
      body: { name: 'reader', permissions: ['messages:read'] },
    });
    const answers = [
      await patchbay.call('POST', '/messages', { body, key: null }),
      await patchbay.call('POST', '/messages', { body, key: 'wrong' }),
      await patchbay.call('POST', '/messages', { body, key: reader.key }),
      await patchbay.call('GET', `/messages/${UNKNOWN_ID}`, { key: reader.key }),
      await patchbay.call('POST', `/messages/${UNKNOWN_ID}/cancel`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 404, 404]);
    for (const { status, headers, body: problem } of answers) {
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(problem).toMatchObject({
        status,
        code: expect.any(String),
        title: expect.any(String),
        detail: expect.any(String),
      });
    }
  });
});

describe('the window', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { world: TWO_NUMBERS } });
  });

  afterAll(() => scene.close());

  const from = { account: WORLD.phoneNumberId };
  const longAgo = (): number => Math.floor((Date.now() - 26 * HOUR_MS) / 1_000);
  const writeLongAgo = (customer: ReturnType<Scene['customer']>, seconds = longAgo()) =>
    scene.write(customer, { type: 'text', text: { body: 'long ago' }, timestamp: String(seconds) });

  it('that has closed refuses free-form content with the time at which it closed', async () => {
    const customer = scene.customer();
    const seconds = longAgo();
    await writeLongAgo(customer, seconds);
    const answer = await scene.post<ProblemView>({ ...from, to: `+${customer.phone}`, content: text('hello?') });
    expect(answer).toMatchObject({ status: 422, body: { code: 'window.closed' } });
    expect(answer.body.detail).toContain(new Date(seconds * 1_000 + 24 * HOUR_MS).toISOString());
    expect((await scene.post({ ...from, to: `+${customer.phone}`, content: TEMPLATE })).status).toBe(202);
  });

  it('that has closed lets the fallback go instead', async () => {
    const customer = scene.customer();
    await writeLongAgo(customer);
    const sent = await scene.send(customer.phone, 'hello?', { ...from, fallback: TEMPLATE });
    expect(await customer.nextMessage()).toMatchObject({ type: 'template', template: 'follow_up' });
    const message = await scene.until(sent.id, 'delivered');
    expect(message.attempts).toMatchObject([{ part: 'fallback', status: 'accepted' }]);
    expect(message.content).toEqual(text('hello?'));
    expect(customer.received).toHaveLength(1);
  });

  it('is opened by the customer alone, not by what we send', async () => {
    const customer = scene.customer();
    await scene.until(
      (await scene.post({ ...from, to: `+${customer.phone}`, content: TEMPLATE })).body.id,
      'delivered',
    );
    const [message] = customer.received;
    expect(message?.type).toBe('template');
    const sent = await scene.post({ ...from, to: `+${customer.phone}`, content: TEMPLATE });
    const { body } = await scene.get<{ window: object }>(`/dialogs/${sent.body.dialog}`);
    expect(body.window).toEqual({ state: 'unknown' });
  });

  it('that is unknown is tried: what the network lets through is sent', async () => {
    const customer = scene.customer();
    // The network knows of a message that came before us.
    scene.stage.sim.windows.open(WORLD.phoneNumberId, customer.phone);
    const sent = await scene.send(customer.phone, 'hello', from);
    expect((await scene.until(sent.id, 'delivered')).status).toBe('delivered');
  });

  it('that is unknown and refused in the answer turns into the fallback, under the same id', async () => {
    const customer = scene.customer();
    const sent = await scene.send(customer.phone, 'hello', { ...from, fallback: TEMPLATE });
    expect(await customer.nextMessage()).toMatchObject({ template: 'follow_up' });
    const message = await scene.until(sent.id, 'delivered');
    expect(statusesOf(message)).toEqual(['queued', 'sending', 'fallback', 'sending', 'accepted', 'sent', 'delivered']);
    expect(message.attempts).toMatchObject([
      { part: 'content', error: { code: 131047 } },
      { part: 'fallback', status: 'accepted', providerId: message.providerId },
    ]);
    expect(message.error).toBeUndefined();
  });

  it('that is unknown and refused in the answer fails as window.closed without a fallback', async () => {
    const sent = await scene.send(scene.customer().phone, 'hello', from);
    const message = await scene.until(sent.id, 'failed');
    expect(message.error).toMatchObject({ code: 'window.closed', provider: { code: 131047 } });
  });

  it('that is unknown and refused by a later status turns into the fallback, under the same id', async () => {
    const customer = scene.customer();
    const fault = scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { statusError: { code: 131047 } },
    });
    scene.stage.sim.windows.open(WORLD.phoneNumberId, customer.phone);
    const sent = await scene.send(customer.phone, 'hello', { ...from, fallback: TEMPLATE });
    expect(await customer.nextMessage()).toMatchObject({ template: 'follow_up' });
    const message = await scene.until(sent.id, 'delivered');
    fault.remove();
    expect(statusesOf(message).filter((status) => status !== 'failed')).toEqual([
      'queued',
      'sending',
      'accepted',
      'fallback',
      'sending',
      'accepted',
      'sent',
      'delivered',
    ]);
    expect(message.attempts.map(({ part }) => part)).toEqual(['content', 'fallback']);
    expect(message.attempts[1]?.providerId).toBe(message.providerId);
    expect(message.attempts[0]?.providerId).not.toBe(message.providerId);
    expect(message.error).toBeUndefined();
  });

  it('late news of the refused content do not pass for news of its fallback', async () => {
    const { sim } = scene.stage;
    const customer = scene.customer();
    sim.windows.open(WORLD.phoneNumberId, customer.phone);
    sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { statusError: { code: 131047 } } });
    sim.faults.add({ match: { to: customer.phone, nth: 2 }, do: { withholdAnswer: true, withholdStatuses: true } });
    const sent = await scene.send(customer.phone, 'hello', { ...from, fallback: TEMPLATE });
    const replaced = await scene.until(sent.id, ({ attempts }) => attempts[1]?.status === 'sending');
    const original = replaced.attempts[0]?.providerId ?? '';
    sim.emitStatus(original, 'sent');
    const told = await scene.until(sent.id, (message) => statusesOf(message).includes('sent'));
    expect(told.status).toBe('sending');
    expect(sim.releaseAnswers()).toBe(1);
    sim.releaseStatuses();
    const message = await scene.until(sent.id, 'delivered');
    expect(message.providerId).not.toBe(original);
  });

  it('that is unknown and refused by a later status fails as window.closed without a fallback', async () => {
    const { sim, bot } = scene.stage;
    sim.window = 'late';
    const sent = await scene.send(scene.customer().phone, 'hello', from);
    const message = await scene.until(sent.id, 'failed');
    sim.window = 'strict';
    expect(statusesOf(message)).toEqual(['queued', 'sending', 'accepted', 'failed']);
    expect(message.error).toMatchObject({ code: 'window.closed', provider: { code: 131047 } });
    const { event } = await bot.waitFor(
      ({ type, message: about }) => type === 'message.failed' && about?.id === sent.id,
    );
    expect(event.message?.error).toMatchObject({ code: 'window.closed' });
  });

  it('is of one number: what the customer wrote to another one opens nothing here', async () => {
    const customer = scene.customer();
    await writeLongAgo(customer);
    await scene.write(customer, 'over there', SECOND_NUMBER.id);
    const here = await scene.post({ ...from, to: `+${customer.phone}`, content: text('x') });
    expect(here).toMatchObject({ status: 422, body: { code: 'window.closed' } });
    const there = await scene.post({ account: SECOND_NUMBER.id, to: `+${customer.phone}`, content: text('x') });
    expect(there.status).toBe(202);
  });

  it('that is unknown counts as closed with window_unknown=closed, from the moment the change is answered', async () => {
    const set = (value: string | null) =>
      scene.stage.patchbay.call('PATCH', `/gateways/${scene.gateway['id'] as string}`, {
        body: { metadata: { window_unknown: value } },
      });
    const customer = scene.customer();
    expect((await set('closed')).status).toBe(200);
    try {
      const refused = await scene.post({ ...from, to: `+${customer.phone}`, content: text('x') });
      expect(refused).toMatchObject({ status: 422, body: { code: 'window.closed' } });
      const sent = await scene.send(customer.phone, 'x', { ...from, fallback: TEMPLATE });
      expect((await scene.until(sent.id, 'delivered')).attempts).toMatchObject([{ part: 'fallback' }]);
    } finally {
      await set(null);
    }
    expect((await scene.post({ ...from, to: `+${scene.newPhone()}`, content: text('x') })).status).toBe(202);
  });
});
