import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type ListView, type ProblemView, Scene, statusesOf } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const text = (words: string): object => ({ type: 'text', text: words });
const template = (name: string, ...body: string[]): object => ({
  type: 'template',
  name,
  language: 'en_US',
  params: { body },
});
const inFuture = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

describe('class and time of a message', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
    const { world } = scene.stage.sim;
    const body = (words: string) => [{ type: 'BODY', text: words }];
    world.addTemplate(WORLD.wabaId, { name: 'login_code', category: 'AUTHENTICATION', components: body('Code {{1}}') });
    world.addTemplate(WORLD.wabaId, { name: 'order_update', category: 'UTILITY', components: body('Order {{1}}') });
    world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING', components: body('Buy {{1}}') });
    // What is asked for and not known is looked up: from then on all three are.
    await eventually('the templates to be read', async () => {
      await scene.stage.patchbay.call('GET', '//chat/acme?whatsapp=setup');
      return (await scene.get<ListView<unknown>>('/templates?gateway=acme')).body.items.length === 3;
    });
  });

  afterAll(() => scene.close());

  const HOUR_AGO = 3_600;
  const written = async (secondsAgo = 0) => {
    const customer = scene.customer();
    const timestamp = String(Math.floor(Date.now() / 1_000) - secondsAgo);
    const event = await scene.write(customer, { type: 'text', text: { body: 'hi' }, timestamp });
    return { customer, to: `+${customer.phone}`, event };
  };
  const away = (): string => `+${scene.newPhone()}`;

  it('has the class of its template, its window, or of what it answers', async () => {
    const { to, event } = await written();
    const classOf = async (body: object): Promise<unknown> => (await scene.post({ to, ...body })).body['class'];
    expect(await classOf({ content: template('login_code', '1') })).toBe('authentication');
    expect(await classOf({ content: template('order_update', '1') })).toBe('utility');
    expect(await classOf({ content: template('promo', '1') })).toBe('marketing');
    expect(await classOf({ content: template('promo', '1'), replyTo: event.message?.id })).toBe('reply');
    expect(await classOf({ content: text('open') })).toBe('reply');
    expect(await classOf({ content: text('unknown'), to: away() })).toBe('utility');
    const batch = await scene.stage.patchbay.call<ListView<{ id: string }>>('POST', '/messages/batch', {
      body: { messages: [{ gateway: 'acme', to, content: text('one of many') }] },
    });
    expect(await scene.message(batch.body.items[0]?.id ?? '')).toMatchObject({ class: 'utility' });
  });

  it('is reply for every part of a bot’s answer, also for templates in it, which keep their place', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, () => ({
      body: { replies: [text('one'), template('promo', 'two'), text('three'), template('login_code', 'four')] },
    }));
    const { dialog } = await scene.write(customer, 'hi');
    const answers = await eventually('the answer', async () => {
      const sent = (await scene.history(dialog.id)).filter(({ direction }) => direction === 'outbound');
      return sent.length === 4 && sent;
    });
    expect(answers.map((message) => message['class'])).toEqual(['reply', 'reply', 'reply', 'reply']);
    const heard = [];
    for (let count = 0; count < 4; count += 1) heard.push((await customer.nextMessage()).type);
    expect(heard).toEqual(['text', 'template', 'text', 'template']);
  });

  it('may be lowered by its sender, and not raised: 422 names both classes', async () => {
    const { to } = await written();
    const lower = await scene.post({ to, content: template('order_update', '1'), class: 'marketing' });
    expect(lower).toMatchObject({ status: 202, body: { class: 'marketing' } });
    const same = await scene.post({ to, content: template('order_update', '1'), class: 'utility' });
    expect(same).toMatchObject({ status: 202, body: { class: 'utility' } });
    const higher = await scene.post<ProblemView>({ to, content: template('promo', '1'), class: 'reply' });
    expect(higher).toMatchObject({ status: 422, body: { code: 'class.too_high' } });
    expect(higher.body.detail).toMatch(/marketing.*reply/);
    const unheard = await scene.post<ProblemView>({ to, content: text('x'), class: 'vip' });
    expect(unheard).toMatchObject({ status: 400, body: { code: 'validation.failed' } });
  });

  it.each([
    ['authentication', 10 * 60 * SECOND_MS, () => ({ content: template('login_code', '1') })],
    ['utility', 7 * DAY_MS, () => ({ content: template('order_update', '1') })],
    ['marketing', 30 * DAY_MS, () => ({ content: template('promo', '1') })],
  ])('of class %s expires after its time unless its sender names another moment', async (name, life, body) => {
    const before = Date.now();
    const { body: message } = await scene.post({ to: away(), ...body() });
    expect(message['class']).toBe(name);
    const expiresAt = new Date(String(message['expiresAt'])).getTime();
    expect(expiresAt).toBeGreaterThanOrEqual(before + life);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + life);
    const named = inFuture(HOUR_MS);
    expect((await scene.post({ to: away(), ...body(), expiresAt: named })).body['expiresAt']).toBe(named);
  });

  it('with sendAt is held until then, counts its life from there, and leaves in time', async () => {
    const { customer, to } = await written();
    const sendAt = inFuture(3 * SECOND_MS);
    const { status, body } = await scene.post({ to, content: text('later'), sendAt });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      status: 'held',
      sendAt,
      held: { reason: 'schedule', until: sendAt, detail: expect.stringContaining(sendAt) },
    });
    expect(statusesOf(body)).toEqual(['queued', 'held']);
    expect(body['expiresAt']).toBe(new Date(new Date(sendAt).getTime() + DAY_MS).toISOString());
    expect(await scene.message(body.id)).toMatchObject({ status: 'held', sendAt });
    expect((await scene.send(customer.phone, 'now')).status).toBe('queued');
    expect(await customer.nextMessage()).toMatchObject({ text: 'now' });
    const later = await scene.until(body.id, 'delivered');
    expect(await customer.nextMessage()).toMatchObject({ text: 'later' });
    const sending = later.timeline.find((entry) => entry.status === 'sending');
    expect(new Date(sending?.at ?? 0).getTime()).toBeGreaterThanOrEqual(new Date(sendAt).getTime());
    expect(later.held).toBeUndefined();
  });

  it('with a sendAt that has passed leaves at once; one that waits can be cancelled', async () => {
    const { customer, to } = await written();
    const { body } = await scene.post({ to, content: text('at once'), sendAt: '2020-01-01T00:00:00Z' });
    expect(body.status).toBe('queued');
    expect(body['sendAt']).toBeUndefined();
    expect(await customer.nextMessage()).toMatchObject({ text: 'at once' });
    const waiting = await scene.post({ to, content: text('never'), sendAt: inFuture(HOUR_MS) });
    const cancelled = await scene.stage.patchbay.call('POST', `/messages/${waiting.body.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });

  it('is taken when the window may have closed by sendAt, since the customer may write again', async () => {
    const { to } = await written(23 * HOUR_AGO);
    const early = await scene.post({ to, content: text('in time'), sendAt: inFuture(HOUR_MS / 2) });
    expect(early).toMatchObject({ status: 202, body: { class: 'reply' } });
    const late = await scene.post({ to, content: text('perhaps'), sendAt: inFuture(2 * HOUR_MS) });
    expect(late).toMatchObject({ status: 202, body: { class: 'utility', status: 'held' } });
    const closed = await written(25 * HOUR_AGO);
    const refused = await scene.post<ProblemView>({
      to: closed.to,
      content: text('closed'),
      sendAt: inFuture(HOUR_MS),
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'window.closed' } });
  });

  it.each([
    ['sendAt more than 90 days ahead', () => ({ sendAt: inFuture(91 * DAY_MS) }), 422, 'message.send_at.too_far'],
    [
      'expiresAt before sendAt',
      () => ({ sendAt: inFuture(2 * HOUR_MS), expiresAt: inFuture(HOUR_MS) }),
      422,
      'message.expires_before_send_at',
    ],
    ['a sendAt that is no moment', () => ({ sendAt: 'tomorrow' }), 400, 'validation.failed'],
    ['a deliverWithin of no time', () => ({ deliverWithin: 0 }), 400, 'validation.failed'],
    ['a deliverWithin of half a second', () => ({ deliverWithin: 0.5 }), 400, 'validation.failed'],
    ['a deliverWithin of more than 30 days', () => ({ deliverWithin: 2_592_001 }), 400, 'validation.failed'],
  ])('refuses %s', async (_name, more, status, code) => {
    const answer = await scene.post<ProblemView>({ to: away(), content: template('promo', '1'), ...more() });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('with deliverWithin is told once when it was not delivered by then, and nothing else happens', async () => {
    const { customer, to } = await written();
    const inTime = await scene.post({ to, content: text('in time'), deliverWithin: 5 });
    await scene.until(inTime.body.id, 'delivered');
    const fault = scene.stage.sim.faults.add({ match: { to: customer.phone }, do: { error: { code: 131000 } } });
    try {
      // When this one is told of, the moment of the one before has passed, too.
      const { body } = await scene.post({ to, content: text('late'), deliverWithin: 6, metadata: { orderId: '42' } });
      expect(body).toMatchObject({ deliverWithin: 6 });
      const isAbout = (id: string) => (event: { type: string; message?: { id: string } }) =>
        event.type === 'message.undelivered' && event.message?.id === id;
      const { event } = await scene.stage.bot.waitFor(isAbout(body.id));
      expect(event.message).toMatchObject({ id: body.id, status: expect.any(String), metadata: { orderId: '42' } });
      expect(event.message?.status).not.toBe('delivered');
      fault.remove();
      await scene.until(body.id, 'delivered');
      await scene.until((await scene.send(customer.phone, 'the end')).id, 'delivered');
      const told = scene.stage.bot.calls.filter(({ event: { type } }) => type === 'message.undelivered');
      expect(told.map(({ event: { message } }) => message?.id)).toEqual([body.id]);
    } finally {
      fault.remove();
    }
  });
});
