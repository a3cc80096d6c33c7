import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SentMessage } from '../../src/simulator/simulator.js';
import { eventually } from '../support/patchbay.js';
import { type ListView, Scene, statusesOf } from '../support/scene.js';
import { type StageOptions, WORLD } from '../support/stage.js';

type Item = { readonly id: string; readonly status: string };

const text = (words: string): object => ({ type: 'text', text: words });
const template = (name: string, value = '1'): object => ({
  type: 'template',
  name,
  language: 'en_US',
  params: { body: [value] },
});
const promo = (value?: string): object => template('promo', value);
const update = (value?: string): object => template('order_update', value);
const code = (value?: string): object => template('login_code', value);

/** A scene whose network has a template of each category. */
async function open(options: StageOptions = {}, metadata: object = {}): Promise<Scene> {
  const scene = await Scene.open(options, { metadata });
  const { world } = scene.stage.sim;
  const components = [{ type: 'BODY', text: 'See {{1}}' }];
  world.addTemplate(WORLD.wabaId, { name: 'login_code', category: 'AUTHENTICATION', components });
  world.addTemplate(WORLD.wabaId, { name: 'order_update', category: 'UTILITY', components });
  world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING', components });
  await eventually('the templates to be read', async () => {
    await scene.stage.patchbay.command('acme', 'whatsapp=setup');
    return (await scene.get<ListView<unknown>>('/templates?gateway=acme')).body.items.length === 3;
  });
  return scene;
}

async function batch(scene: Scene, messages: readonly object[]): Promise<readonly string[]> {
  const body = { messages: messages.map((message) => ({ gateway: 'acme', ...message })) };
  const answer = await scene.stage.patchbay.call<ListView<Item>>('POST', '/messages/batch', { body });
  const ids = answer.body.items.map(({ id }) => id);
  if (ids.includes(undefined as never)) throw new Error(answer.text);
  return ids;
}

const pause = (scene: Scene, body: object = {}) => scene.stage.patchbay.call('POST', '/limits/pause', { body });
const resume = (scene: Scene) => scene.stage.patchbay.call('POST', '/limits/resume');

/** How many messages of these are in which status. */
async function count(scene: Scene, ids: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const views = await Promise.all(ids.map((id) => scene.message(id)));
  for (const { status, held } of views) {
    const name = held ? `${status} ${held.reason}` : status;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const become = (scene: Scene, ids: readonly string[], wanted: Record<string, number>) =>
  eventually(JSON.stringify(wanted), async () => {
    const counts = await count(scene, ids);
    if (JSON.stringify(Object.entries(counts).toSorted()) === JSON.stringify(Object.entries(wanted).toSorted())) {
      return true;
    }
    throw new Error(JSON.stringify(counts));
  });

describe('whose turn it is', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await open({}, { pace: '20' });
  });

  afterAll(() => scene.close());
  afterEach(async () => {
    await scene.stage.patchbay.call('POST', '/messages/cancel', { body: { all: true } });
    await resume(scene);
  });

  const sentSince = (mark: number): readonly SentMessage[] => scene.stage.sim.sent.slice(mark);
  async function written() {
    const customer = scene.customer();
    const { contact } = await scene.write(customer, 'hi');
    return { customer, to: `+${customer.phone}`, contact: contact.id };
  }

  it('is never kept from a reply or a code by a campaign message to the same person that is held', async () => {
    const { to, contact, customer } = await written();
    await pause(scene, { class: 'marketing', reason: 'complaints' });
    const paused = await scene.post({ to, content: promo() });
    await scene.until(paused.body.id, 'held');
    await resume(scene);
    await scene.until(paused.body.id, 'delivered');
    const consent = { body: { state: 'out', topic: 'marketing' } };
    await scene.stage.patchbay.call('PUT', `/contacts/${contact}/consent`, consent);
    const held = await scene.post({ to, content: promo() });
    await scene.until(held.body.id, ({ held: obstacle }) => obstacle?.reason === 'consent');
    const others = await batch(scene, [{ to, content: code() }]);
    await scene.until(others[0] ?? '', 'delivered');
    await scene.until((await scene.send(customer.phone, 'an answer')).id, 'delivered');
    scene.answerTo(customer, () => ({ body: { replies: [text('of the bot')] } }));
    await scene.write(customer, 'still there?');
    await eventually('the answer', async () => customer.received.some(({ text: words }) => words === 'of the bot'));
    expect((await scene.message(held.body.id)).status).toBe('held');
  });

  it('comes sooner for a code and a reply than for a campaign that was there before', async () => {
    await scene.stage.patchbay.call('PATCH', '/gateways/acme', { body: { metadata: { pace: '5' } } });
    try {
      const { to } = await written();
      const mark = scene.stage.sim.sent.length;
      const strangers = Array.from({ length: 150 }, () => ({ to: `+${scene.newPhone()}`, content: promo() }));
      const campaign = await batch(scene, strangers);
      await scene.stage.sim.until(() => sentSince(mark).length >= 3);
      const better = await Promise.all([
        scene.post({ to: `+${scene.newPhone()}`, content: code() }),
        scene.post({ to, content: text('an answer') }),
      ]);
      const gone = sentSince(mark).length;
      for (const { body } of better) await scene.until(body.id, 'delivered');
      const sent = sentSince(mark);
      const places = [
        sent.findIndex((message) => message.template === 'login_code'),
        sent.findIndex(({ type }) => type === 'text'),
      ];
      // No more than what was on its way already, and one slot in twenty.
      for (const place of places) expect(place).toBeLessThanOrEqual(gone + 10);
      const { queued = 0 } = await count(scene, campaign);
      expect(queued).toBeGreaterThan(75);
    } finally {
      await scene.stage.patchbay.call('PATCH', '/gateways/acme', { body: { metadata: { pace: '20' } } });
    }
  });

  it('comes for every class: one slot in twenty goes to a lower one', async () => {
    await pause(scene);
    const mark = scene.stage.sim.sent.length;
    const low = await batch(
      scene,
      Array.from({ length: 4 }, () => ({ to: `+${scene.newPhone()}`, content: promo() })),
    );
    const high = await batch(
      scene,
      Array.from({ length: 70 }, () => ({ to: `+${scene.newPhone()}`, content: code() })),
    );
    await become(scene, [...low, ...high], { 'held paused': 74 });
    await resume(scene);
    // Others of the scene may have something to say too.
    const sent = (): readonly SentMessage[] => sentSince(mark).filter(({ template: name }) => name !== undefined);
    await scene.stage.sim.until(() => sent().length === 74);
    const places = sent().flatMap(({ template: name }, place) => (name === 'promo' ? [place] : []));
    expect(places.filter((place) => place < 65).length).toBeGreaterThanOrEqual(2);
    expect(places.filter((place) => place < 65).length).toBeLessThanOrEqual(4);
    await become(scene, [...low, ...high], { delivered: 74 });
  });

  it('comes in the order in which the messages of a line were taken, also when something held them all', async () => {
    await pause(scene);
    const mark = scene.stage.sim.sent.length;
    const people = await Promise.all([written(), written(), written()]);
    const ids = await batch(
      scene,
      ['1', '2', '3', '4', '5'].flatMap((value) => people.map(({ to }) => ({ to, content: promo(value) }))),
    );
    await eventually('the first of each line to be held', async () => (await count(scene, ids))['held paused'] === 3);
    expect(await count(scene, ids)).toEqual({ 'held paused': 3, queued: 12 });
    await resume(scene);
    await become(scene, ids, { delivered: 15 });
    for (const { customer } of people) {
      const values = sentSince(mark)
        .filter(({ phone }) => phone === customer.phone)
        .map(({ body }) => JSON.stringify(body.template?.components).match(/"text":"(\d)"/)?.[1]);
      expect(values).toEqual(['1', '2', '3', '4', '5']);
    }
  });

  it('comes too late when the window closed meanwhile: the fallback goes, or nothing', async () => {
    const closing = async () => {
      const customer = scene.customer();
      const timestamp = String(Math.floor(Date.now() / 1_000) - 24 * 3_600 + 8);
      const { dialog } = await scene.write(customer, { type: 'text', text: { body: 'hi' }, timestamp });
      return { customer, to: `+${customer.phone}`, dialog: dialog.id };
    };
    const [one, two] = await Promise.all([closing(), closing()]);
    await pause(scene);
    const turned = await scene.post({ to: one.to, content: text('in time'), fallback: update('7') });
    const lost = await scene.post({ to: two.to, content: text('in time') });
    expect([turned, lost]).toMatchObject([
      { status: 202, body: { class: 'reply' } },
      { status: 202, body: { class: 'reply' } },
    ]);
    for (const { dialog } of [one, two]) {
      await eventually('the window to close', async () => {
        const { body } = await scene.get<{ window: { state: string } }>(`/dialogs/${dialog}`);
        return body.window.state === 'closed';
      });
    }
    await resume(scene);
    const done = await scene.until(turned.body.id, 'delivered');
    expect(done.attempts.map(({ part }) => part)).toEqual(['fallback']);
    expect(statusesOf(done)).toEqual(['queued', 'held', 'fallback', 'sending', 'accepted', 'sent', 'delivered']);
    const failed = await scene.until(lost.body.id, 'failed');
    expect(failed).toMatchObject({ attempts: [], error: { code: 'window.closed', detail: expect.any(String) } });
    await scene.stage.bot.waitFor(({ type, message }) => type === 'message.failed' && message?.id === lost.body.id);
    expect([one, two].map(({ customer }) => customer.received.length)).toEqual([1, 0]);
  });
});

describe('a messaging limit that nobody told us', () => {
  let scene: Scene;
  const ids: { marketing: readonly string[]; utility: readonly string[]; authentication: readonly string[] } = {
    marketing: [],
    utility: [],
    authentication: [],
  };
  const phones: string[] = [];

  beforeAll(async () => {
    const phoneNumbers = [
      {
        id: WORLD.phoneNumberId,
        display_phone_number: WORLD.displayPhoneNumber,
        whatsapp_business_manager_messaging_limit: 'TIER_NOT_SET',
      },
    ];
    const world = { wabas: [{ id: WORLD.wabaId, phoneNumbers }] };
    scene = await open({ simulator: { world, limits: 'enforce', statuses: { sentMs: 1, deliveredMs: 2 } } });
    scene.stage.sim.changeNumber(WORLD.phoneNumberId, { messagingLimit: 250 });
  });

  afterAll(() => scene.close());

  const strangers = (length: number, content: object): readonly object[] =>
    Array.from({ length }, () => {
      const phone = scene.newPhone();
      phones.push(phone);
      return { to: `+${phone}`, content };
    });
  interface Portfolio {
    readonly limit: number;
    readonly used: number;
    readonly free: number;
    readonly held: number;
  }
  const portfolio = async (): Promise<Portfolio | undefined> =>
    (await scene.get<{ portfolios: Portfolio[] }>('/limits?gateway=acme')).body.portfolios[0];
  const nothingQueued = (held: number) =>
    eventually(`${held} to be held and nothing to wait`, async () => {
      const { body } = await scene.get<{ accounts: { held: number; queued: number }[] }>('/limits?gateway=acme');
      return body.accounts[0]?.held === held && body.accounts[0].queued === 0;
    });
  const report = () => scene.stage.sim.limits.report().portfolios[WORLD.businessId];

  it('counts as 250: a campaign opens 200 of them, notices 25 more, codes the rest', async () => {
    expect(await portfolio()).toMatchObject({ limit: 250, used: 0 });
    ids.marketing = await batch(scene, strangers(210, promo()));
    await nothingQueued(10);
    await become(scene, ids.marketing, { delivered: 200, 'held tier': 10 });
    ids.utility = await batch(scene, strangers(30, update()));
    await nothingQueued(15);
    await become(scene, ids.utility, { delivered: 25, 'held tier': 5 });
    const codes = strangers(28, code());
    // One of them is accepted, and nothing is heard of it for a while: then that it failed.
    scene.stage.sim.faults.add({
      match: { to: phones[264] as string },
      do: { statusError: { code: 131_026 }, withholdStatuses: true },
    });
    ids.authentication = await batch(scene, codes);
    await nothingQueued(18);
    await become(scene, ids.authentication, { accepted: 1, delivered: 24, 'held tier': 3 });
    expect(await portfolio()).toMatchObject({ limit: 250, used: 250, free: 0, held: 18 });
    const held = await scene.message(ids.marketing.at(-1) ?? '');
    expect(held.held).toMatchObject({ reason: 'tier', detail: expect.stringMatching(/messaging limit/) });
    expect(Date.parse(held.held?.until ?? '')).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  });

  it('does not keep anything from those who have a place', async () => {
    const [first] = phones;
    for (const content of [promo(), update(), code()]) {
      await scene.until((await scene.post({ to: `+${first}`, content })).body.id, 'delivered');
    }
    expect(await portfolio()).toMatchObject({ used: 250, held: 18 });
  });

  it('lets go at once what is held for a customer who writes', async () => {
    const phone = phones[209] ?? '';
    const customer = scene.stage.sim.customer(phone);
    await scene.write(customer as never, 'hello');
    await scene.until(ids.marketing[209] ?? '', 'delivered');
    await scene.until((await scene.send(phone, 'an answer')).id, 'delivered');
    expect(await portfolio()).toMatchObject({ used: 250, held: 17 });
  });

  it('gets its place back when a message fails for good, and the best class has it next', async () => {
    expect(scene.stage.sim.releaseStatuses()).toBeGreaterThan(0);
    await become(scene, ids.authentication, { delivered: 25, failed: 1, 'held tier': 2 });
    expect(await portfolio()).toMatchObject({ used: 250, held: 16 });
    expect(await count(scene, ids.utility)).toEqual({ delivered: 25, 'held tier': 5 });
  });

  it('lets the rest go when the network raises it', async () => {
    scene.stage.sim.changeNumber(WORLD.phoneNumberId, { messagingLimit: 2_000, announce: true });
    const all = [...ids.marketing, ...ids.utility, ...ids.authentication];
    await nothingQueued(0);
    await become(scene, all, { delivered: 267, failed: 1 });
    expect(await portfolio()).toMatchObject({ limit: 2_000, held: 0 });
    expect(report()).toMatchObject({ violations: 0, refused: 0 });
  });
});
