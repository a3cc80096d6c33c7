import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Capabilities } from '../../src/contract/index.js';
import { type BotCall, TestBot } from '../support/bot.js';
import { type Inhabitant, LANDS, type Land } from '../support/lands.js';
import { type Patchbay, eventually, startPatchbay } from '../support/patchbay.js';
import { type ListView, type MessageView, type ProblemView, statusesOf } from '../support/scene.js';
import { databaseEnvironment } from '../support/stage.js';
import { dropDatabase, makeDatabase } from '../support/test-server.js';

interface TypeView {
  readonly type: string;
  readonly metadata: readonly { readonly name: string }[];
  readonly channels: readonly {
    readonly channel: string;
    readonly capabilities: Capabilities;
    readonly presence: readonly string[];
  }[];
}

/** What a channel lacks is skipped for it, for a reason that stands here: the reviewed list. */
const SKIPPED: Readonly<Record<string, readonly string[]>> = {
  'a Facebook page': ['name'],
  'an Instagram account': ['name', 'settles'],
  Telegram: ['receipts', 'settles', 'read'],
};

let patchbay: Patchbay;
let bot: TestBot;
let database: string;
const answers = new Map<string, (call: BotCall) => object[]>();

beforeAll(async () => {
  bot = await TestBot.start();
  bot.answer = (call) => {
    const reply = call.event.type === 'message.received' ? answers.get(call.event.variables['user'] ?? '') : undefined;
    return reply && { body: { replies: reply(call) } };
  };
  database = await makeDatabase();
  patchbay = await startPatchbay({ env: databaseEnvironment(database) });
});

afterAll(async () => {
  await patchbay.dispose();
  await bot.close();
  await dropDatabase(database);
});

it('every gateway type that is installed is tried here', async () => {
  const { body } = await patchbay.call<ListView<TypeView>>('GET', '/gateway-types');
  const lands = await Promise.all(Object.values(LANDS).map((open) => open()));
  const tried = lands.map(({ type, channel }) => `${type} ${channel}`).sort();
  await Promise.all(lands.map((land) => land.close()));
  const installed = body.items.flatMap(({ type, channels }) => channels.map(({ channel }) => `${type} ${channel}`));
  expect(tried).toEqual(installed.sort());
});

describe.each(Object.entries(LANDS))('%s', (name, open) => {
  let land: Land;
  let can: Capabilities;
  /** what people can be shown between two messages */
  let signs: readonly string[] = [];
  /** whether it waits for receipts that settle a doubt */
  let isPatient = false;
  const uri = name.toLowerCase().replaceAll(' ', '-');
  const command = <T = object[]>(query: string, key?: null) =>
    patchbay.call<T>('GET', `//chat/${uri}?${query}`, key === null ? { key } : {});
  const operation = <T = object[]>(which: string) => command<T>(`${land.parameter}=${which}`);

  beforeAll(async () => {
    land = await open();
    land.callAt(`${patchbay.url}/chat/${uri}`);
    const { body } = await patchbay.call<ListView<TypeView>>('GET', '/gateway-types');
    const type = body.items.find((each) => each.type === land.type);
    isPatient = type?.metadata.some((key) => key.name === 'settle_seconds') ?? false;
    const own = type?.channels.find(({ channel }) => channel === land.channel);
    can = own?.capabilities as Capabilities;
    signs = own?.presence ?? [];
  });

  afterAll(() => land.close());

  const post = <T = MessageView>({ to }: Inhabitant, text: string, more: object = {}) =>
    patchbay.call<T>('POST', '/messages', {
      body: { gateway: uri, channel: land.channel, to, content: { type: 'text', text }, ...more },
    });
  const message = async (id: string) => (await patchbay.call<MessageView>('GET', `/messages/${id}`)).body;
  const until = (id: string, what: string, fits: (message: MessageView) => boolean) =>
    eventually(what, async () => {
      const now = await message(id);
      return fits(now) && now;
    });
  const isOut = ({ status }: MessageView) => ['accepted', 'sent', 'delivered', 'read'].includes(status);
  const heard = (person: Inhabitant, text?: string) =>
    bot.waitFor(
      ({ type, variables, message: said }) =>
        type === 'message.received' && variables['user'] === person.user && (text === undefined || said?.text === text),
    );
  /** Somebody who has written, and may be written to. */
  const known = async (): Promise<Inhabitant> => {
    const person = land.person();
    await person.write('hello');
    await heard(person);
    return person;
  };

  it('is configured, and shows no secret', async () => {
    const body = {
      name,
      uri,
      type: land.type,
      metadata: { ...land.metadata, ...(isPatient && { settle_seconds: '5' }) },
      bot: { type: 'webhook', url: bot.url, events: ['message.received'] },
    };
    const created = await patchbay.call('POST', '/gateways', { body });
    expect(created).toMatchObject({ status: 201, body: { status: 'ok', callbackUri: `${patchbay.url}/chat/${uri}` } });
    const shown = (await patchbay.call('GET', `/gateways/${uri}`)).text;
    for (const secret of land.secrets) expect(shown).not.toContain(secret);
    const unknown = { ...body, uri: `${uri}-2`, metadata: { ...land.metadata, tokn: 'x' } };
    const refused = await patchbay.call<{ errors: { path: string }[] }>('POST', '/gateways', { body: unknown });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'metadata.tokn' }] } });
  });

  it('has the five commands, for those who may', async () => {
    expect((await command(`${land.parameter}=setup`, null)).status).toBe(401);
    expect((await operation('search')).body).toEqual([]);
    expect((await operation<ProblemView>('Setup')).body.code).toBe('callback.operation.unknown');
    const found = await operation('setup');
    expect(found).toMatchObject({ status: 200, text: expect.stringContaining(`"${land.account}"`) });
    const early = await post<ProblemView>(land.person(), 'too early', { account: land.account });
    expect([early.status, early.body.code]).toEqual([409, 'account.inactive']);
    const unknown = await operation<ProblemView>('subscribe&id=4711-of-nobody');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'accounts.unknown']);
    const engaged = await operation<{ error?: object }[]>('subscribe');
    expect(engaged.status).toBe(200);
    expect(engaged.body.filter(({ error }) => error)).toEqual([]);
    expect((await operation('search')).text).toContain(land.account);
    const unconfirmed = await operation<ProblemView>('remove');
    expect([unconfirmed.status, unconfirmed.body.code]).toEqual([400, 'accounts.remove.unconfirmed']);
  });

  it('takes a message in, and the answer out', async () => {
    const person = land.person();
    if (person.name === undefined) expect(SKIPPED[name]).toContain('name');
    answers.set(person.user, ({ event }) => [{ type: 'text', text: `Echo: ${event.message?.text}` }]);
    await person.write('hi');
    const { event } = await heard(person);
    expect(event).toMatchObject({
      channel: land.channel,
      gateway: { uri, type: land.type },
      account: { id: land.account },
      dialog: { isNew: true, window: { state: 'open' } },
      variables: { chat: land.channel, user: person.user, ...(person.name !== undefined && { from: person.name }) },
      message: { text: 'hi', content: { type: 'text', text: 'hi' } },
    });
    const own = Object.keys(event.variables).filter((key) => key.includes('.'));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((key) => !key.startsWith(`${land.channel}.`))).toEqual([]);
    await eventually('the answer', async () => person.received().length > 0);
    expect(person.received()).toEqual(['Echo: hi']);
  });

  it('tells what becomes of a message, as far as the network does', async () => {
    const person = await known();
    const { status, body } = await post(person, 'news', { metadata: { order: '42' } });
    expect(status).toBe(202);
    const last = can.receipts.includes('read') ? 'read' : (can.receipts.at(-1) ?? 'accepted');
    if (can.receipts.length === 0) expect(SKIPPED[name]).toContain('receipts');
    await until(body.id, 'that it is out', isOut);
    await eventually('that it is there', async () => person.received().length > 0);
    person.read?.();
    const done = await until(body.id, `the status ${last}`, (now) => now.status === last);
    const steps = ['sent', 'delivered', 'read'].filter((step) => can.receipts.includes(step as 'sent'));
    expect(statusesOf(done)).toEqual(['queued', 'sending', 'accepted', ...steps]);
    expect(done).toMatchObject({ providerId: expect.any(String), metadata: { order: '42' } });
    expect(person.received()).toEqual(['news']);
  });

  it('shows what was read and that an answer is written, as far as the network does', async () => {
    const person = land.person();
    const [dialog] = await Promise.all([heard(person).then(({ event }) => event.dialog.id), person.write('hello')]);
    for (const sign of ['read', 'typing']) {
      const { status, body } = await patchbay.call<ProblemView>('POST', `/dialogs/${dialog}/${sign}`);
      if (signs.includes(sign)) {
        expect([sign, status, body]).toMatchObject([sign, 200, { message: { providerId: expect.any(String) } }]);
      } else {
        expect(SKIPPED[name]).toContain(sign);
        expect([status, body.code]).toEqual([422, 'presence.unsupported']);
      }
    }
    expect(person.received()).toEqual([]);
  });

  it('counts once what the network says twice', async () => {
    const person = land.person();
    await person.write('once', 2);
    // The network's requests travel beside each other: which one comes first is anybody's guess.
    await heard(person, 'once');
    await person.write('and on');
    await heard(person, 'and on');
    const texts = bot.events
      .filter(({ type, variables }) => type === 'message.received' && variables['user'] === person.user)
      .map(({ message: said }) => said?.text);
    expect(texts).toEqual(['once', 'and on']);
  });

  it('refuses what somebody else made up, and keeps nothing of it', async () => {
    const { headers, body } = land.forged;
    const send = (given: Readonly<Record<string, string>>) =>
      fetch(`${patchbay.url}/chat/${uri}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...given },
        body: JSON.stringify(body),
      });
    expect([(await send(headers)).status, (await send({})).status]).toEqual([401, 401]);
    const open = await patchbay.call<ListView<{ gateway?: { uri: string } }>>(
      'GET',
      '/events?state=unhandled&limit=100',
    );
    expect(open.body.items.filter(({ gateway }) => gateway?.uri === uri)).toEqual([]);
  });

  it('keeps the order, also behind one that is tried again', async () => {
    const person = await known();
    person.meets('busy');
    const texts = ['one', 'two', 'three'];
    const ids: string[] = [];
    for (const text of texts) ids.push((await post(person, text)).body.id);
    for (const id of ids) await until(id, 'that it is out', isOut);
    expect(person.received()).toEqual(texts);
    expect((await message(ids[0] ?? '')).attempts).toHaveLength(2);
  });

  it('never sends again blindly what may have arrived', async () => {
    const person = await known();
    person.meets('lost');
    const { body } = await post(person, 'once');
    if (can.settles === 'attempt-reference') {
      expect((await until(body.id, 'that a receipt settles it', isOut)).attempts).toHaveLength(1);
    } else {
      expect(SKIPPED[name]).toContain('settles');
      const failed = await until(body.id, 'its end', ({ status }) => status === 'failed');
      expect(failed.error?.code).toBe('outcome.unknown');
    }
    expect(person.received()).toEqual(['once']);
  });

  it('refuses before sending what the network would refuse', async () => {
    const person = await known();
    const long = await post<ProblemView & { errors: { path: string; code: string }[] }>(
      person,
      'x'.repeat(can.text.maxLength + 1),
    );
    expect(long).toMatchObject({ status: 422, body: { errors: [{ path: 'content.text', code: 'content.too_long' }] } });
    expect((await post(person, 'x'.repeat(can.text.maxLength))).status).toBe(202);
    await eventually('the long one', async () => person.received().length === 1);
  });

  it('sends nothing while the gateway is disabled, and gives the bot nothing while the account is not active', async () => {
    const person = await known();
    await patchbay.call('PATCH', `/gateways/${uri}`, { body: { enabled: false } });
    const refused = await post<ProblemView>(person, 'no');
    expect([refused.status, refused.body.code]).toEqual([409, 'gateway.disabled']);
    await patchbay.call('PATCH', `/gateways/${uri}`, { body: { enabled: true } });
    expect((await operation('unsubscribe')).status).toBe(200);
    const inactive = await post<ProblemView>(person, 'no', { account: land.account });
    expect([inactive.status, inactive.body.code]).toEqual([409, 'account.inactive']);
    expect((await operation('subscribe')).status).toBe(200);
    await person.write('again');
    await heard(person, 'again');
    expect(person.received()).toEqual([]);
  });

  it('forgets its accounts when it is told so twice', async () => {
    expect((await operation(`remove&id=${encodeURIComponent(land.account)}`)).status).toBe(200);
    expect((await operation('remove&ack=true')).status).toBe(200);
    expect((await operation('search')).body).toEqual([]);
    expect((await patchbay.call('DELETE', `/gateways/${uri}?force=true`)).status).toBe(204);
  });
});
