import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { TestBot } from '../support/bot.js';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, openStage } from '../support/stage.js';
import { askedOf } from '../support/asked.js';

interface Refused {
  readonly status: number;
  readonly code: string;
}

interface List {
  readonly items: { readonly id: string; readonly [name: string]: unknown }[];
}

const OTHER_APP = { id: '77', secret: 'secret-of-the-other-app' };
const PUBLIC_URL = 'https://patchbay.example';

let stage: Stage;
/** the bot of the gateway `two`; the stage's own is that of `one` */
let secondBot: TestBot;
let foreignBot: TestBot;
let count = 0;

/** `one` and `two` belong to one app and have a number each of their own; `foreign` belongs to another app. */
beforeAll(async () => {
  stage = await openStage({
    env: { PUBLIC_URL },
    simulator: {
      world: {
        apps: [OTHER_APP],
        wabas: [
          { id: '11', phoneNumbers: [{ id: '111', display_phone_number: '+49 111' }, { id: '112' }, { id: '113' }] },
          { id: '12', phoneNumbers: [{ id: '121', display_phone_number: '+49 121' }] },
          { id: '13', phoneNumbers: [{ id: '131' }] },
        ],
        tokens: [{ token: 'EAA-foreign', appId: OTHER_APP.id }],
      },
    },
  });
  [secondBot, foreignBot] = await Promise.all([TestBot.start(), TestBot.start()]);
  stage.sim.world.app(WORLD.appId).callback = undefined;
  for (const { subscribedApps } of stage.sim.world.wabas.values()) subscribedApps.clear();
  const own = { whatsapp_token: WORLD.token, client_id: WORLD.appId, client_secret: WORLD.appSecret };
  await create('one', stage.bot, { ...own, verify_token: 'verify-one' });
  await create('two', secondBot, { ...own, verify_token: 'verify-two', client_secret_previous: 'an-older-secret' });
  await create('foreign', foreignBot, {
    whatsapp_token: 'EAA-foreign',
    client_id: OTHER_APP.id,
    client_secret: OTHER_APP.secret,
    verify_token: 'verify-foreign',
  });
  for (const [uri, ids] of [
    ['one', '111,112'],
    ['two', '121'],
    ['foreign', '131'],
  ] as const) {
    await command(uri, 'whatsapp=setup');
    await command(uri, `whatsapp=subscribe&id=${ids}`);
  }
});

afterAll(async () => {
  await stage.close();
  await secondBot.close();
  await foreignBot.close();
});

beforeEach(() => stage.sim.faults.clear());

async function create(uri: string, bot: TestBot, metadata: object): Promise<void> {
  const made = await stage.patchbay.call('POST', '/gateways', {
    body: { name: uri, uri, type: 'messenger', metadata, bot: { url: bot.url, events: ['message.received'] } },
  });
  expect(made.status).toBe(201);
}

async function command(uri: string, query: string) {
  const answer = await stage.patchbay.command<{ id: string; warning?: string; error?: object }[]>(uri, query);
  expect([uri, query, answer.status]).toEqual([uri, query, 200]);
  return answer.body;
}

const get = <T = Refused>(path: string, key: string | null = null) =>
  stage.patchbay.call<T>('GET', `/${path}`, { key });

/** One message as Meta tells it. */
function message(waba: string, number: string, text: string, from = '4915550001') {
  count += 1;
  return {
    id: waba,
    changes: [
      {
        field: 'messages',
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: `49${number}`, phone_number_id: number },
          contacts: [{ profile: { name: 'Ann' }, wa_id: from }],
          messages: [
            {
              from,
              id: `wamid.${count}`,
              timestamp: String(Math.floor(Date.now() / 1000)),
              type: 'text',
              text: { body: text },
            },
          ],
        },
      },
    ],
  };
}

const deliver = (path: string, entry: object[], options: object = {}) =>
  stage.sim.postWebhook(
    { object: 'whatsapp_business_account', entry },
    { target: `${stage.patchbay.url}/${path}`, ...options },
  );

const texts = (bot: TestBot): (string | undefined)[] => bot.events.map(({ message: said }) => said?.text);
const unhandled = async (uri: string) =>
  (await stage.patchbay.call<List>('GET', `/events?state=unhandled&gateway=${uri}`)).body.items;

describe('the handshake', () => {
  const ask = (path: string, token: string, more = '') =>
    get(`/${path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}${more}`);

  it('repeats the challenge as plain text to whoever knows the verify token', async () => {
    const answer = await ask('chat/one', 'verify-one');
    expect([answer.status, answer.text]).toEqual([200, '1158201444']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['verify-two', 'verify-onex', 'verify-on', '', 'Verify-one'])('refuses %j', async (token) => {
    const answer = await ask('chat/one', token);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('1158201444');
  });

  it('refuses another mode, and carries out nothing that comes with it', async () => {
    const other = await get('/chat/one?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=verify-one');
    expect(other.status).toBe(403);
    const asked = askedOf(stage.sim);
    expect((await ask('chat/one', 'verify-one', '&whatsapp=remove&ack=true')).text).toBe('1158201444');
    expect((await ask('chat/one', 'wrong', '&whatsapp=remove&ack=true')).status).toBe(403);
    expect(askedOf(stage.sim)).toBe(asked);
    expect(await command('one', 'whatsapp=search&id=111')).toHaveLength(1);
  });

  it('at the app’s callback takes the verify token of any gateway of that app and of no other', async () => {
    for (const token of ['verify-one', 'verify-two']) {
      expect([token, (await ask(`meta/${WORLD.appId}`, token)).text]).toEqual([token, '1158201444']);
    }
    expect((await ask(`meta/${WORLD.appId}`, 'verify-foreign')).status).toBe(403);
    expect((await ask(`meta/${OTHER_APP.id}`, 'verify-foreign')).status).toBe(200);
  });

  it('at an unknown callback is 404', async () => {
    for (const path of ['chat/nobody', 'chat/one/two', 'chat/one/', 'meta/404', 'meta/', 'chat/', 'other/one']) {
      expect([path, (await ask(path, 'verify-one')).status]).toEqual([path, 404]);
      expect([path, (await deliver(path, [])).status]).toEqual([path, 404]);
    }
    const other = await stage.patchbay.call<Refused>('PUT', '//chat/one', { key: null });
    expect([other.status, other.body.code]).toEqual([405, 'method.unknown']);
  });
});

describe('events', () => {
  it('of several numbers in one body go each under its own account', async () => {
    const { status } = await deliver('chat/one', [
      message('11', '111', 'to 111'),
      message('11', '112', 'to 112'),
      message('11', '111', 'again to 111', '4915550002'),
    ]);
    expect(status).toBe(200);
    for (const [text, number] of [
      ['to 111', '111'],
      ['to 112', '112'],
      ['again to 111', '111'],
    ] as const) {
      const { event } = await stage.bot.waitFor(({ message: said }) => said?.text === text);
      expect(event).toMatchObject({
        account: { id: number },
        gateway: { uri: 'one' },
        variables: { 'whatsapp.business': '11', 'whatsapp.account': number },
      });
    }
    const dialogs = new Set(stage.bot.events.map(({ dialog }) => dialog.id));
    expect(dialogs.size).toBe(3);
  });

  it('for another gateway’s number, unknown fields and broken items are kept for a person; the rest goes on', async () => {
    const { status } = await deliver('chat/one', [
      message('12', '121', 'not for one'),
      { id: '11', changes: [{ field: 'no_such_field', value: { a: 1 } }] },
      { id: '11', changes: 'broken' },
      message('404', '404', 'for nobody'),
      message('11', '111', 'among broken ones'),
    ]);
    expect(status).toBe(200);
    await stage.bot.waitFor(({ message: said }) => said?.text === 'among broken ones');
    const kept = await eventually('three unhandled events', async () => {
      const items = await unhandled('one');
      return items.length === 3 && items;
    });
    const raw = JSON.stringify(kept);
    for (const part of ['no_such_field', 'broken', 'for nobody']) expect(raw).toContain(part);
    // 121 is a number that `one` knows, and is active in `two`.
    expect(texts(stage.bot)).not.toContain('not for one');
    expect(texts(secondBot)).not.toContain('not for one');
    expect(await unhandled('two')).toEqual([]);
  });

  it('at the app’s callback go to the gateways of that app that have the number, and to no others', async () => {
    const { status } = await deliver(`meta/${WORLD.appId}`, [
      message('11', '111', 'shared to one'),
      message('12', '121', 'shared to two'),
      message('13', '131', 'shared to foreign'),
    ]);
    expect(status).toBe(200);
    const [one, two] = await Promise.all([
      stage.bot.waitFor(({ message: said }) => said?.text === 'shared to one'),
      secondBot.waitFor(({ message: said }) => said?.text === 'shared to two'),
    ]);
    expect([one.event.gateway.uri, one.event.account.id]).toEqual(['one', '111']);
    expect([two.event.gateway.uri, two.event.account.id]).toEqual(['two', '121']);
    expect((await deliver(`meta/${OTHER_APP.id}`, [message('13', '131', 'own')], { appId: OTHER_APP.id })).status).toBe(
      200,
    );
    await foreignBot.waitFor(({ message: said }) => said?.text === 'own');
    expect(texts(foreignBot)).not.toContain('shared to foreign');
    expect(texts(stage.bot)).not.toContain('shared to foreign');
  });

  it('at the app’s callback are signed with the secret of any gateway of that app and of no other', async () => {
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [message('12', '121', 'older')] });
    const signed = (secret: string) =>
      stage.sim.postWebhook(body, {
        target: `${stage.patchbay.url}/meta/${WORLD.appId}`,
        signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      });
    expect((await signed(OTHER_APP.secret)).status).toBe(401);
    expect((await signed('an-older-secret')).status).toBe(200);
    await secondBot.waitFor(({ message: said }) => said?.text === 'older');
  });

  it('for an unsubscribed number are kept in history, and not given to the bot, then or later', async () => {
    await command('one', 'whatsapp=unsubscribe&id=112');
    await deliver('chat/one', [message('11', '112', 'while inactive', '4915550003')]);
    const dialog = await eventually('the dialog', async () => {
      const { body } = await stage.patchbay.call<List>('GET', '/dialogs?gateway=one');
      return body.items.find((item) => JSON.stringify(item).includes('4915550003'));
    });
    const { text } = await stage.patchbay.call('GET', `/dialogs/${dialog.id}/messages`);
    expect(text).toContain('while inactive');
    await command('one', 'whatsapp=subscribe&id=112');
    await deliver('chat/one', [message('11', '112', 'active again', '4915550003')]);
    await stage.bot.waitFor(({ message: said }) => said?.text === 'active again');
    expect(texts(stage.bot)).not.toContain('while inactive');
  });

  it('of a disabled gateway are kept and answered 200; commands work, sends are refused', async () => {
    await stage.patchbay.call('PATCH', '/gateways/two', { body: { enabled: false } });
    expect((await deliver('chat/two', [message('12', '121', 'while disabled', '4915550004')])).status).toBe(200);
    const dialog = await eventually('the dialog', async () => {
      const { body } = await stage.patchbay.call<List>('GET', '/dialogs?gateway=two');
      return body.items.find((item) => JSON.stringify(item).includes('4915550004'));
    });
    expect((await stage.patchbay.call('GET', `/dialogs/${dialog.id}/messages`)).text).toContain('while disabled');
    expect(await command('two', 'whatsapp=search')).not.toEqual([]);
    expect(await command('two', 'whatsapp=subscribe&id=121')).toMatchObject([{ id: '12' }]);
    for (const [path, body] of [
      ['/messages', { gateway: 'two', account: '121', to: '+4915550004', content: { type: 'text', text: 'hi' } }],
      [`/dialogs/${dialog.id}/messages`, { content: { type: 'text', text: 'hi' } }],
    ] as const) {
      const { status, body: refused } = await stage.patchbay.call<Refused>('POST', path, { body });
      expect([path, status, refused.code]).toEqual([path, 409, 'gateway.disabled']);
    }
    await stage.patchbay.call('PATCH', '/gateways/two', { body: { enabled: true } });
    await deliver('chat/two', [message('12', '121', 'enabled again', '4915550004')]);
    await secondBot.waitFor(({ message: said }) => said?.text === 'enabled again');
    expect(texts(secondBot)).not.toContain('while disabled');
  });
});

describe('commands at the app’s callback', () => {
  it('are judged like all: who asks first, then that several gateways could be meant', async () => {
    const asked = askedOf(stage.sim);
    for (const query of ['whatsapp=setup', 'whatsapp=remove&ack=true', 'nonsense=1', '']) {
      const path = `/meta/${WORLD.appId}?${query}`;
      expect([query, (await get(path)).status]).toEqual([query, 401]);
      const { status, body } = await stage.patchbay.call<Refused>('GET', `/${path}`);
      expect([query, status, body.code]).toEqual([query, 400, 'callback.operation.unknown']);
    }
    const { body: reader } = await stage.patchbay.call<{ key: string }>('POST', '/keys', {
      body: { name: 'reader', permissions: ['gateways:read'] },
    });
    expect((await get(`/meta/${WORLD.appId}?whatsapp=setup`, reader.key)).status).toBe(403);
    expect(askedOf(stage.sim)).toBe(asked);
  });

  it('are carried out where one gateway has the app to itself', async () => {
    expect((await get(`/meta/${OTHER_APP.id}?whatsapp=search`)).status).toBe(401);
    const { status, body } = await stage.patchbay.call('GET', `//meta/${OTHER_APP.id}?whatsapp=search`);
    expect([status, body]).toEqual([200, await command('foreign', 'whatsapp=search')]);
  });
});

describe('the app-level webhook', () => {
  const posted = () =>
    stage.sim.requests.filter(({ method, path }) => method === 'POST' && path === `/${WORLD.appId}/subscriptions`);
  const register = async () => {
    const from = posted().length;
    const list = await command('one', 'whatsapp=subscribe&id=111');
    return { posts: posted().slice(from), warning: list[0]?.warning, error: list[0]?.error };
  };

  it('is registered with every field; that Meta cannot reach us is a warning', async () => {
    stage.sim.world.app(WORLD.appId).callback = undefined;
    const { posts, warning, error } = await register();
    expect(posts[0]?.body).toMatchObject({
      object: 'whatsapp_business_account',
      callback_url: `${PUBLIC_URL}/meta/${WORLD.appId}`,
      verify_token: 'verify-one',
    });
    const fields = String(posts[0]?.body['fields']).split(',');
    for (const field of [
      'messages',
      'account_update',
      'message_template_status_update',
      'phone_number_quality_update',
    ]) {
      expect(fields).toContain(field);
    }
    expect(posts[0]?.token).toBe(`${WORLD.appId}|${WORLD.appSecret}`);
    expect(warning).toMatch(/Callback verification failed/);
    expect(error).toBeUndefined();
  });

  it('is registered again when it is ours', async () => {
    const url = `${PUBLIC_URL}/meta/${WORLD.appId}`;
    stage.sim.world.app(WORLD.appId).callback = { url, verifyToken: 'x', fields: ['messages'] };
    expect((await register()).posts.length).toBeGreaterThan(0);
  });

  it('of another owner is left as it is, and named', async () => {
    const callback = { url: 'https://other.example/hook', verifyToken: 'x', fields: ['messages'] };
    stage.sim.world.app(WORLD.appId).callback = callback;
    const { posts, warning, error } = await register();
    expect([posts, error]).toEqual([[], undefined]);
    expect(warning).toContain('https://other.example/hook');
    expect(stage.sim.world.app(WORLD.appId).callback).toEqual(callback);
  });
});
