import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { type BotCall, TestBot } from '../support/bot.js';
import { createDatabase } from '../support/database.js';
import { type Answer, eventually, startPatchbay } from '../support/patchbay.js';
import { type ListView, Scene, SECOND_NUMBER, TWO_NUMBERS } from '../support/scene.js';
import { type Stage, WORLD, databaseEnvironment, engage, gatewayBody, openStage } from '../support/stage.js';

interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly gateways: readonly string[] | null;
  readonly secret: string;
  readonly state: string;
  readonly reason?: string;
  readonly createdAt: string;
}

interface Parked {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
  readonly deliveries: readonly { readonly to: string; readonly webhook?: string; readonly reason: string }[];
}

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

const MESSAGES = ['message.received'];

let scene: Scene;
let other: string;
const receivers: TestBot[] = [];
const made: string[] = [];

beforeAll(async () => {
  scene = await Scene.open({ simulator: { world: TWO_NUMBERS } });
  const answer = await scene.stage.patchbay.call('POST', '/gateways', {
    body: gatewayBody({ uri: 'other', bot: scene.stage.bot }),
  });
  other = answer.body['id'] as string;
});

afterAll(() => scene.close());

afterEach(async () => {
  for (const id of made.splice(0)) await remove(id);
  for (const receiver of receivers.splice(0)) await receiver.close();
});

const acme = (): string => scene.gateway['id'] as string;

async function receiver(): Promise<TestBot> {
  const bot = await TestBot.start();
  receivers.push(bot);
  return bot;
}

function post<T = WebhookView>(body: object, key?: string): Promise<Answer<T>> {
  return scene.stage.patchbay.call<T>('POST', '/webhooks', { body, ...(key !== undefined && { key }) });
}

function remove(id: string, key?: string): Promise<Answer<Problem>> {
  return scene.stage.patchbay.call<Problem>('DELETE', `/webhooks/${id}`, key === undefined ? {} : { key });
}

async function subscribe(bot: TestBot, more: object = {}): Promise<WebhookView> {
  const { status, body, text } = await post({ url: bot.url, events: MESSAGES, ...more });
  if (status !== 201) throw new Error(`the webhook was not made: ${status} ${text}`);
  made.push(body.id);
  return body;
}

const hear = (bot: TestBot, wamid: string): Promise<BotCall> =>
  bot.waitFor(({ type, message }) => type === 'message.received' && message?.providerId === wamid);

const write = (text: string, customer = scene.customer()): string => customer.write(WORLD.phoneNumberId, text);

const textsOf = (bot: TestBot): (string | undefined)[] => bot.events.map(({ message }) => message?.text);

const parkedOf = (webhook: string): Promise<readonly Parked[]> =>
  scene
    .attention<Parked>('parked')
    .then((items) => items.filter(({ deliveries }) => deliveries.some((one) => one.webhook === webhook)));

describe('a webhook', () => {
  it('is made with its secret in clear, shown masked ever after, and is gone when it is deleted', async () => {
    const bot = await receiver();
    const answer = await post({ url: bot.url, events: ['message.received', 'message.failed', 'message.received'] });
    expect(answer.status).toBe(201);
    const { body } = answer;
    expect(body).toEqual({
      id: expect.any(String),
      url: bot.url,
      events: ['message.received', 'message.failed'],
      gateways: null,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      state: 'active',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const shown = await scene.get<WebhookView>(`/webhooks/${body.id}`);
    expect(shown).toMatchObject({ status: 200, body: { ...body, secret: `••••${body.secret.slice(-4)}` } });
    const second = await subscribe(bot, { events: ['*'], gateways: ['acme', other, 'acme'] });
    expect(second.gateways).toEqual([acme(), other]);
    const first = await scene.get<ListView<WebhookView>>('/webhooks?limit=1');
    expect(first.body.items.map(({ id }) => id)).toEqual([second.id]);
    expect(first.text).not.toContain(second.secret);
    const next = await scene.get<ListView<WebhookView>>(`/webhooks?limit=1&cursor=${first.body.next ?? ''}`);
    expect(next.body).toEqual({ items: [shown.body], next: null });

    expect((await remove(body.id)).status).toBe(204);
    for (const gone of [await remove(body.id), await scene.get(`/webhooks/${body.id}`), await remove('nonsense')])
      expect(gone).toMatchObject({ status: 404, body: { code: 'webhook.not_found' } });
    expect((await scene.get<ListView<WebhookView>>('/webhooks')).body.items.map(({ id }) => id)).toEqual([second.id]);
  });

  it('signs with the secret that was given', async () => {
    const bot = await receiver();
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    expect((await subscribe(bot, { secret })).secret).toBe(secret);
    const { raw, headers } = await hear(bot, write('signed'));
    new Webhook(secret).verify(raw, headers as Record<string, string>);
  });

  it.each([
    ['no url', { events: MESSAGES }, 400, 'url'],
    ['a url of another kind', { url: 'ftp://example.com', events: MESSAGES }, 400, 'url'],
    ['a url with credentials', { url: 'https://a:b@example.com', events: MESSAGES }, 400, 'url'],
    ['no events', { url: 'https://example.com' }, 400, 'events'],
    ['an empty list of events', { url: 'https://example.com', events: [] }, 400, 'events'],
    ['an unknown event', { url: 'https://example.com', events: ['message.recieved'] }, 400, 'events'],
    ['a secret that is none', { url: 'https://example.com', events: ['*'], secret: 'whsec_x' }, 400, 'secret'],
    ['an unknown field', { url: 'https://example.com', events: ['*'], timeout: 5 }, 400, 'timeout'],
    ['no gateway at all', { url: 'https://example.com', events: ['*'], gateways: [] }, 400, 'gateways'],
    ['an unknown gateway', { url: 'https://example.com', events: ['*'], gateways: ['acme', 'no'] }, 422, 'gateways[1]'],
  ])('with %s is refused', async (_name, body, status, path) => {
    const answer = await post<Problem>(body);
    const paths = new Set(answer.body.errors?.map((error) => error.path));
    expect([answer.status, [...paths]]).toEqual([status, [path]]);
    expect((await scene.get<ListView<WebhookView>>('/webhooks')).body.items).toEqual([]);
  });

  it('that wants what does not exist is told what there is', async () => {
    const { body } = await post<Problem>({ url: 'https://example.com', events: ['message.recieved'] });
    for (const type of ['*', 'message.received', 'message.undelivered', 'dialog.opened', 'account.updated'])
      expect(body.errors?.[0]?.message).toContain(type);
  });

  it('hears the same event as the bot: the same id and body, each signed with its own secret', async () => {
    const bot = await receiver();
    const { secret } = await subscribe(bot, { events: ['*'] });
    const wamid = write('hi');
    const [there, here] = await Promise.all([scene.hear(wamid), hear(bot, wamid)]);
    expect(here.event).toEqual(there.event);
    expect(here.headers['webhook-id']).toBe(there.headers['webhook-id']);
    expect(here.event.id).toBe(here.headers['webhook-id']);
    expect(new Webhook(secret).verify(here.raw, here.headers as Record<string, string>)).toEqual(here.event);
    expect(() => new Webhook(secret).verify(there.raw, there.headers as Record<string, string>)).toThrow();

    const sent = await scene.send(there.event.contact.phone?.slice(1) ?? '', 'hello', { account: WORLD.phoneNumberId });
    const step = await bot.waitFor(({ type, message }) => type === 'message.delivered' && message?.id === sent.id);
    const same = await scene.stage.bot.waitFor(({ id }) => id === step.event.id);
    expect(same.event).toEqual(step.event);
  });

  it('is called again with the same webhook-id after a 5xx, and the dialog stays in order', async () => {
    const bot = await receiver();
    const { secret } = await subscribe(bot);
    let failures = 2;
    bot.answer = () => ({ status: (failures -= 1) >= 0 ? 503 : 200 });
    const customer = scene.customer();
    // One after the other has come in, while the webhook has not taken the first.
    for (const text of ['one', 'two', 'three']) await scene.write(customer, text);
    await bot.waitFor(({ message }) => message?.text === 'three');
    expect(textsOf(bot)).toEqual(['one', 'one', 'one', 'two', 'three']);
    const calls = bot.calls.slice(0, 3);
    expect(calls.map(({ event }) => event.attempt)).toEqual([1, 2, 3]);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([calls[0]?.event.id]));
    for (const { raw, headers } of calls) new Webhook(secret).verify(raw, headers as Record<string, string>);
  });

  it('is not called before the time it asked for with Retry-After', async () => {
    const bot = await receiver();
    await subscribe(bot);
    const times: number[] = [];
    bot.answer = () => {
      times.push(Date.now());
      return times.length === 1 ? { status: 429, headers: { 'retry-after': '3' } } : undefined;
    };
    write('later');
    await bot.waitFor(({ attempt }) => attempt === 2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(2_900);
  });

  it('says nothing by its answer: no reply, no variable, no close', async () => {
    const bot = await receiver();
    await subscribe(bot);
    bot.answer = () => ({
      body: { replies: [{ type: 'text', text: 'not me' }], variables: { by: 'webhook' }, close: true },
    });
    const customer = scene.customer();
    const { event } = await hear(bot, write('one', customer));
    await hear(bot, write('two', customer));
    scene.answerTo(customer, ({ event: heard }) =>
      heard.type === 'message.received' ? { body: { replies: [{ type: 'text', text: 'the bot' }] } } : undefined,
    );
    const third = await hear(bot, write('three', customer));
    expect(await customer.nextMessage()).toMatchObject({ text: 'the bot' });
    expect(third.event.dialog.id).toBe(event.dialog.id);
    expect(third.event.variables).toEqual(event.variables);
  });

  it('that is dead or hangs holds up neither the bot nor another webhook', async () => {
    const [dead, silent, well] = [await receiver(), await receiver(), await receiver()];
    for (const bot of [dead, silent, well]) await subscribe(bot);
    dead.answer = () => ({ drop: true });
    let release = (): void => undefined;
    const silence = new Promise<void>((resolve) => (release = resolve));
    silent.answer = () => ({ after: silence });
    const customer = scene.customer();
    const texts = ['one', 'two', 'three', 'four'];
    for (const text of texts) {
      const wamid = write(text, customer);
      await Promise.all([scene.hear(wamid), hear(well, wamid)]);
    }
    expect(textsOf(well)).toEqual(texts);
    expect([new Set(textsOf(dead)), textsOf(silent)]).toEqual([new Set(['one']), ['one']]);
    release();
    await silent.waitFor(({ message }) => message?.text === 'four');
    expect(textsOf(silent)).toEqual(texts);
  });
});

describe('what a webhook hears', () => {
  it('are the events it chose, of the gateways it named', async () => {
    const [closed, elsewhere, all] = [await receiver(), await receiver(), await receiver()];
    await subscribe(closed, { events: ['dialog.closed'], gateways: ['acme'] });
    await subscribe(elsewhere, { events: ['*'], gateways: [other] });
    await subscribe(all, { events: ['*'] });
    const event = (await hear(all, write('hi'))).event;
    await scene.stage.patchbay.call('PATCH', `/dialogs/${event.dialog.id}`, { body: { close: true } });
    const { event: last } = await closed.waitFor(({ type }) => type === 'dialog.closed');
    expect(last.dialog.id).toBe(event.dialog.id);
    expect(closed.events.map(({ type }) => type)).toEqual(['dialog.closed']);
    await all.waitFor(({ id }) => id === last.id);
    expect(new Set(all.events.map(({ type }) => type))).toEqual(
      new Set(['dialog.opened', 'message.received', 'dialog.closed']),
    );
    expect(elsewhere.calls).toEqual([]);
  });

  it('are also the events that no bot wants', async () => {
    const bot = await receiver();
    await subscribe(bot, { events: ['message.received'] });
    const path = `/accounts/${SECOND_NUMBER.id}?gateway=acme`;
    const events = ['message.failed'];
    await scene.stage.patchbay.call('PATCH', path, { body: { bot: { url: scene.stage.bot.url, events } } });
    const wamid = scene.customer().write(SECOND_NUMBER.id, 'nobody else');
    await hear(bot, wamid);
    await scene.stage.patchbay.call('PATCH', path, { body: { bot: null } });
    expect(scene.stage.bot.events.some(({ message }) => message?.providerId === wamid)).toBe(false);
  });

  it('is what happened to a gateway: made, configured, parked and resumed', async () => {
    const bot = await receiver();
    const { secret } = await subscribe(bot, { events: ['gateway.updated'] });
    const { patchbay, sim } = scene.stage;
    const created = await patchbay.call('POST', '/gateways', { body: gatewayBody({ uri: 'news', bot }) });
    const ofNews = (change: string, status: string) =>
      bot.waitForNews(
        (event) => event.gateway.uri === 'news' && event['change'] === change && event['status'] === status,
      );
    expect(await ofNews('created', 'ok')).toEqual({
      id: expect.stringMatching(/^evt_/),
      type: 'gateway.updated',
      occurredAt: expect.stringMatching(/Z$/),
      attempt: 1,
      gateway: { id: created.body['id'], uri: 'news', type: 'messenger' },
      change: 'created',
      name: 'Acme',
      enabled: true,
      status: 'ok',
    });
    expect(secret).toMatch(/^whsec_/);
    await patchbay.call('PATCH', '/gateways/news', { body: { name: 'News', enabled: false } });
    expect(await ofNews('configured', 'ok')).toMatchObject({ name: 'News', enabled: false });

    const customer = scene.customer();
    await scene.write(customer, 'hi');
    sim.faults.add({ match: { path: '/messages', times: 1 }, do: { status: 401, error: { code: 190 } } });
    await scene.send(customer.phone, 'with a dead token', { account: WORLD.phoneNumberId });
    const parked = await bot.waitForNews(({ gateway, status }) => gateway.uri === 'acme' && status === 'parked');
    expect(parked).toMatchObject({ change: 'status', reason: expect.any(String) });
    await patchbay.call('PATCH', '/gateways/acme', { body: { metadata: { whatsapp_token: WORLD.token } } });
    expect(await bot.waitForNews(({ gateway, status }) => gateway.uri === 'acme' && status === 'ok')).toMatchObject({
      change: 'configured',
    });
    await patchbay.call('DELETE', '/gateways/news?force=true');
  });

  it('is what happened to a template', async () => {
    const { sim, patchbay, uri } = scene.stage;
    sim.world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING' });
    await patchbay.command(uri, 'whatsapp=setup');
    await eventually('the template to be read', async () => {
      const { body } = await scene.get<ListView<{ name: string }>>('/templates?gateway=acme&name=promo');
      return body.items.length > 0;
    });
    const bot = await receiver();
    await subscribe(bot, { events: ['template.updated'], gateways: ['acme'] });
    sim.emit('message_template_status_update', WORLD.wabaId, {
      event: 'PAUSED',
      message_template_id: 1,
      message_template_name: 'promo',
      message_template_language: 'en_US',
    } as never);
    const event = await bot.waitForNews(({ type }) => type === 'template.updated');
    expect(event).toMatchObject({
      gateway: { id: acme(), uri: 'acme' },
      channel: 'whatsapp',
      change: 'changed',
      changed: ['status'],
      previous: { status: 'APPROVED' },
      template: { name: 'promo', language: 'en_US', status: 'PAUSED', class: 'marketing', group: { id: WORLD.wabaId } },
    });
    expect(event.account).toBeUndefined();
  });
});

describe('the end of a webhook', () => {
  it('is its own 410: it is not called again, what it did not take is parked, and the others go on', async () => {
    const [gone, well] = [await receiver(), await receiver()];
    const { id } = await subscribe(gone);
    await subscribe(well);
    gone.answer = () => ({ status: 410 });
    const first = await hear(well, write('first'));
    const parked = await eventually('the event to be parked', async () => (await parkedOf(id))[0]);
    expect(parked).toMatchObject({
      id: first.event.id,
      kind: 'webhook',
      deliveries: [{ to: 'webhook', webhook: id, reason: expect.stringContaining('410') }],
    });
    const { body } = await scene.get<WebhookView>(`/webhooks/${id}`);
    expect(body).toMatchObject({ state: 'disabled', reason: expect.stringContaining('410') });

    const second = write('second');
    await Promise.all([scene.hear(second), hear(well, second)]);
    // It wants nothing more: what comes is not even parked.
    expect([gone.calls.length, (await parkedOf(id)).length]).toEqual([1, 1]);

    // Until somebody says that it is well: then it is told what it did not take, and nobody else is.
    const healed = await scene.stage.patchbay.call('PATCH', `/webhooks/${id}`, { body: { events: ['*'] } });
    expect(healed).toMatchObject({ status: 200, body: { id, url: gone.url, events: ['*'], state: 'active' } });
    gone.answer = () => undefined;
    expect((await scene.stage.patchbay.call('POST', `/events/${first.event.id}/replay`)).status).toBe(202);
    const again = () => gone.events.filter(({ id: heard }) => heard === first.event.id).map(({ attempt }) => attempt);
    await eventually('it to be told', async () => again().length === 2);
    expect(again()).toEqual([1, 1]);
    await eventually('nothing to be parked', async () => (await parkedOf(id)).length === 0);
    const third = write('third');
    await Promise.all([scene.hear(third), hear(well, third), hear(gone, third)]);
    expect(textsOf(well)).toEqual(['first', 'second', 'third']);
    expect(scene.stage.bot.events.filter(({ id: heard }) => heard === first.event.id)).toHaveLength(1);
  });

  it('that is deleted while it is disabled takes what was parked with it', async () => {
    const gone = await receiver();
    const { id } = await subscribe(gone);
    gone.answer = () => ({ status: 410 });
    write('parked');
    await eventually('the event to be parked', async () => (await parkedOf(id)).length === 1);
    await remove(id);
    expect(await parkedOf(id)).toEqual([]);
  });

  it('is its deletion: what waited for it goes, nothing more comes', async () => {
    const [bot, well] = [await receiver(), await receiver()];
    const { id } = await subscribe(bot);
    await subscribe(well);
    bot.answer = () => ({ status: 500 });
    const customer = scene.customer();
    await hear(bot, write('one', customer));
    await hear(well, write('two', customer));
    expect((await remove(id)).status).toBe(204);
    bot.answer = () => undefined;
    const calls = bot.calls.length;
    const third = write('three', customer);
    await hear(well, third);
    await eventually('nothing to wait for anybody', async () => {
      const { text } = await scene.stage.patchbay.call('GET', '//metrics');
      return !text.includes('queue="events_lined"') && text.includes('patchbay_queue_depth');
    });
    expect(bot.calls).toHaveLength(calls);
  });
});

describe('an event that a webhook did not take', () => {
  it('is replayed to those who did not take it, and to all who want it when everybody has', async () => {
    const [bot, well] = [await receiver(), await receiver()];
    await subscribe(bot, { gateways: ['acme'] });
    await subscribe(well);
    const customer = scene.customer();
    const everybody = (wamid: string) => Promise.all([hear(bot, wamid), hear(well, wamid), scene.hear(wamid)]);
    const [{ event }] = await everybody(write('again', customer));
    // Who is told the next one has taken the first.
    await everybody(write('next', customer));
    const answer = await scene.stage.patchbay.call('POST', `/events/${event.id}/replay`);
    expect(answer.status).toBe(202);
    const timesOf = (heard: TestBot): number => heard.events.filter(({ id }) => id === event.id).length;
    await eventually(
      'everybody to have heard it twice',
      async () => timesOf(bot) === 2 && timesOf(well) === 2 && timesOf(scene.stage.bot) === 2,
    );
  });
});

describe('a key that is limited to a gateway', () => {
  const keyFor = async (permissions: string[], gateways?: string[]): Promise<string> => {
    const body = { name: 'limited', permissions, ...(gateways && { gateways }) };
    return (await scene.stage.patchbay.call<{ key: string }>('POST', '/keys', { body })).body.key;
  };

  it('makes and sees only webhooks within it', async () => {
    const [bot, all] = [await receiver(), await receiver()];
    const limited = await keyFor(['gateways:read', 'gateways:write'], ['other']);
    const beyond = await post<Problem>({ url: bot.url, events: MESSAGES, gateways: ['acme'] }, limited);
    expect([beyond.status, beyond.body.code]).toEqual([422, 'gateway.unknown']);
    const own = await post({ url: bot.url, events: ['*'] }, limited);
    expect([own.status, own.body.gateways]).toEqual([201, [other]]);
    made.push(own.body.id);
    const open = await subscribe(all);
    const { patchbay } = scene.stage;
    const list = await patchbay.call<ListView<WebhookView>>('GET', '/webhooks', { key: limited });
    expect(list.body.items.map(({ id }) => id)).toEqual([own.body.id]);
    for (const [method, id, status] of [
      ['GET', open.id, 404],
      ['DELETE', open.id, 404],
      ['GET', own.body.id, 200],
    ] as const) {
      expect((await patchbay.call(method, `/webhooks/${id}`, { key: limited })).status).toBe(status);
    }
    await hear(all, write('of acme'));
    expect(bot.calls).toEqual([]);
    expect((await remove(own.body.id, limited)).status).toBe(204);
  });
});

describe('a webhook that is made in one process', () => {
  let stage: Stage;
  let closeWorker = async (): Promise<void> => undefined;

  beforeAll(async () => {
    const env = databaseEnvironment(await createDatabase());
    stage = await openStage({ env: { ...env, ROLES: 'api' } });
    const worker = await startPatchbay({ env: { ...env, GRAPH_URL: stage.sim.url, ROLES: 'worker' } });
    closeWorker = () => worker.dispose();
    await engage(stage, { bot: { events: ['dialog.closed'] } });
  });

  afterAll(async () => {
    await closeWorker();
    await stage.close();
  });

  it('is in force in the others within a second, and so is its deletion', async () => {
    const [bot, probe] = [await receiver(), await receiver()];
    const customer = stage.sim.customer('16505550001');
    const { patchbay } = stage;
    // What comes before the worker has heard of a webhook is not told to it: the first that is, shows when it had.
    const untilHeard = async (url: string, by: TestBot): Promise<{ id: string; call: BotCall; took: number }> => {
      const { body } = await patchbay.call<WebhookView>('POST', '/webhooks', { body: { url, events: MESSAGES } });
      const began = performance.now();
      const written = new Map<string | undefined, number>();
      const write = (): void => void written.set(customer.write(WORLD.phoneNumberId, 'hi'), performance.now());
      const load = setInterval(write, 50);
      const call = await by.waitFor(({ type }) => type === 'message.received').finally(() => clearInterval(load));
      // Not when the webhook is told counts, which a busy machine puts off, but from which message on it is.
      return { id: body.id, call, took: (written.get(call.event.message?.providerId) ?? Infinity) - began };
    };
    const { id, took } = await untilHeard(bot.url, bot);
    expect(took).toBeLessThan(2_000);

    await patchbay.call('DELETE', `/webhooks/${id}`);
    // The worker hears of changes in their order: when it knows the next webhook, it knows that this one is gone.
    const { call } = await untilHeard(probe.url, probe);
    expect(bot.events.map((event) => event.message?.providerId)).not.toContain(call.event.message?.providerId);
  });
});
