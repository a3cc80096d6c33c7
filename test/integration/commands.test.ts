import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CallbackCommands } from '../../src/gateway/commands/callback-commands.js';
import { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { GatewayHooks } from '../../src/gateway/gateway-hooks.js';
import { ADMIN_KEY, type ApiApp, startApi } from '../support/api-app.js';
import { FakeNetwork } from '../support/fake-network.js';

const network = new FakeNetwork();
let api: ApiApp;
let count = 0;
/** the gateway of the test */
let gateway: { id: string; uri: string };

const REFUSED = { status: 'refused', remote: { code: 10, message: 'no permission' } } as const;
const UNREACHABLE = { status: 'unreachable', reason: 'no answer in time' } as const;

beforeAll(async () => {
  api = await startApi([network.type]);
});

beforeEach(async () => {
  await api.database.query('UPDATE account SET active = false');
  await api.database.query('UPDATE account_group SET subscribed = false');
  network.groups = [];
  network.answers.clear();
  network.discovery = undefined;
  network.sharedWarning = undefined;
  gateway = await create({ app: '7' });
  network.add('W2', 'P3');
  network.add('W1', 'P1', 'P2');
  network.asked.length = 0;
});

async function call(method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object, key = ADMIN_KEY) {
  const sent = request(api.app.getHttpServer())[method](`/api/v1/${path}`).set('Authorization', `Bearer ${key}`);
  return body ? sent.send(body) : sent;
}

async function create(metadata: object = {}): Promise<{ id: string; uri: string }> {
  count += 1;
  const uri = `gateway-${count}`;
  const { body } = await call('post', 'gateways', {
    name: uri,
    uri,
    type: 'fake',
    metadata: { token: 'secret-token-1234', ...metadata },
  });
  return { id: body.id, uri };
}

/** One command as its URI's query, with the admin key unless said otherwise. */
async function command(query: string, authorization: string | undefined = `Bearer ${ADMIN_KEY}`, on = gateway) {
  const loaded = api.app.get(GatewayDirectory).byUri(on.uri)!;
  const reply = await api.app.get(CallbackCommands).handle([loaded], new URLSearchParams(query), {
    headers: authorization === undefined ? {} : { authorization },
  });
  return { ...reply, list: JSON.parse(reply.body) };
}

const key = async (body: object): Promise<string> =>
  (await call('post', 'keys', { name: 'test', ...body })).body.key as string;

const activeNumbers = (list: { numbers: { id: string; active: boolean }[] }[]): string[] =>
  list.flatMap(({ numbers }) => numbers.filter(({ active }) => active).map(({ id }) => id));

describe('who asks is judged before what is asked', () => {
  it.each(['', 'chat=setup', 'chat=remove&ack=true', 'chat=nonsense', 'pages=setup', 'chat=setup&pages=remove'])(
    '?%s without a key is 401',
    async (query) => {
      const answer = await command(query, '');
      expect(answer.status).toBe(401);
      expect(answer.headers).toMatchObject({ 'WWW-Authenticate': 'Bearer', 'Cache-Control': 'no-store' });
      expect((await command(query, 'Bearer pb_wrong')).status).toBe(401);
      expect(network.asked).toEqual([]);
    },
  );

  it('search needs gateways:read, everything else gateways:write, and the key must be for this gateway', async () => {
    const reader = `Bearer ${await key({ permissions: ['gateways:read'] })}`;
    const writer = `Bearer ${await key({ permissions: ['gateways:write'] })}`;
    const other = `Bearer ${await key({ permissions: ['gateways:write'], gateways: [(await create()).uri] })}`;
    expect((await command('chat=', reader)).status).toBe(200);
    expect((await command('chat=setup', reader)).list).toMatchObject({ status: 403, code: 'permission.missing' });
    expect((await command('chat=nonsense', reader)).status).toBe(403);
    expect((await command('chat=search', writer)).status).toBe(403);
    expect((await command('chat=nonsense', writer)).status).toBe(400);
    expect((await command('chat=setup', other)).status).toBe(403);
  });

  it.each([
    '',
    'chat=Setup',
    'chat=setup&chat=remove',
    'pages=setup',
    'chat=setup&pages=',
    'chat=remove&ids=1',
    'chat=setup&flow=oauth',
  ])('?%s is no operation', async (query) => {
    const { status, list } = await command(query);
    expect([status, list.code]).toEqual([400, 'callback.operation.unknown']);
    expect(list.detail).toContain('?chat=setup|search|subscribe|unsubscribe|remove');
    expect(network.asked).toEqual([]);
  });
});

describe('a ticket', () => {
  it('stands in for a key for one setup, once', async () => {
    const { body } = await call('post', `gateways/${gateway.id}/tickets`);
    expect(body.url).toBe(`https://patchbay.example/chat/${gateway.uri}?chat=setup&ticket=${body.ticket}`);
    expect(new Date(body.expiresAt).getTime() - api.clock.now().getTime()).toBe(300_000);
    expect((await command(`chat=remove&ack=true&ticket=${body.ticket}`, undefined as never)).status).toBe(200);
    expect((await command(`chat=remove&ack=true&ticket=${body.ticket}`, '')).status).toBe(401);
    expect((await command(`chat=setup&ticket=${body.ticket}`, '', await create())).status).toBe(401);
    expect((await command(`chat=setup&ticket=${body.ticket}`, '')).status).toBe(200);
    expect((await command(`chat=setup&ticket=${body.ticket}`, '')).status).toBe(401);
  });

  it('lasts five minutes', async () => {
    const { body } = await call('post', `gateways/${gateway.id}/tickets`);
    api.clock.advance(300_001);
    expect((await command(`chat=setup&ticket=${body.ticket}`, '')).status).toBe(401);
  });
});

describe('setup and search', () => {
  it('setup adds what the network knows, sorted, inactive; search shows it without asking', async () => {
    const { status, headers, list } = await command('chat=setup');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
    expect(list.map(({ id }: { id: string }) => id)).toEqual(['W1', 'W2']);
    expect(list[0]).toEqual({
      id: 'W1',
      name: 'Group W1',
      numbers: [
        { id: 'P1', active: false },
        { id: 'P2', active: false },
      ],
    });
    network.asked.length = 0;
    expect((await command('chat=')).list).toEqual(list);
    expect((await command('chat=search&id=P3,nope&id=&id=P3')).list).toEqual([list[1]]);
    expect(network.asked).toEqual([]);
  });

  it('two setups at once leave one row per account', async () => {
    await Promise.all([command('chat=setup'), command('chat=setup'), command('chat=setup')]);
    const rows = await api.database.query('SELECT address FROM account WHERE gateway_id = $1', [gateway.id]);
    expect(rows).toHaveLength(3);
  });

  it('a failure of the network changes nothing', async () => {
    const before = (await command('chat=setup')).list;
    network.discovery = UNREACHABLE;
    expect((await command('chat=setup')).list).toMatchObject({ status: 502, code: 'provider.unreachable' });
    network.discovery = REFUSED;
    expect((await command('chat=setup')).list).toMatchObject({ status: 502, code: 'provider.refused' });
    expect((await command('chat=')).list).toEqual(before);
  });

  it('what a later setup no longer finds is kept and marked, and unmarked when found again', async () => {
    await command('chat=setup');
    await command('chat=subscribe&id=P3');
    network.groups = network.groups.filter(({ address }) => address !== 'W2');
    const gone = (await command('chat=setup')).list[1];
    expect(gone).toMatchObject({ id: 'W2', subscribed_fields: ['messages'], numbers: [{ id: 'P3', active: true }] });
    expect(gone.warning).toContain('Not found by setup since');
    expect((await call('get', `accounts/P3?gateway=${gateway.uri}`)).body.state).toBe('missing');
    network.add('W2', 'P3');
    expect((await command('chat=setup')).list[1]).not.toHaveProperty('warning');
  });

  it('what a network says that PostgreSQL cannot store is made storable', async () => {
    network.groups = [{ address: 'W9', name: 'a\0b', details: { 'x\0': '\ud800' }, accounts: [] }];
    expect((await command('chat=setup')).list[0].name).toBe('a\uFFFDb');
  });
});

describe('subscribe and unsubscribe', () => {
  beforeEach(async () => {
    await command('chat=setup');
    network.asked.length = 0;
  });

  it('activates everything, registers the shared callback once, and does it again when asked again', async () => {
    network.sharedWarning = 'left as it is';
    const { list } = await command('chat=subscribe');
    expect(activeNumbers(list)).toEqual(['P1', 'P2', 'P3']);
    expect(list[0]).toMatchObject({ subscribed_fields: ['messages'], warning: 'left as it is' });
    expect(network.asked).toEqual(['register', 'subscribe W1', 'subscribe W2']);
    expect(api.app.get(GatewayDirectory).byId(gateway.id)!.account('chat', 'P1')).toMatchObject({ active: true });
    await command('chat=subscribe&id=W1');
    expect(network.asked.slice(3)).toEqual(['register', 'subscribe W1']);
  });

  it('an unknown id is 404 and nothing is done', async () => {
    for (const operation of ['subscribe', 'unsubscribe', 'remove']) {
      const { list } = await command(`chat=${operation}&id=W1,nope`);
      expect(list).toMatchObject({ status: 404, code: 'accounts.unknown' });
      expect(list.detail).toContain('nope');
    }
    expect(network.asked).toEqual([]);
    expect(activeNumbers((await command('chat=')).list)).toEqual([]);
  });

  it('one number is activated and deactivated alone; the subscription goes with the last one', async () => {
    const one = await command('chat=subscribe&id=P1');
    expect(one.list).toHaveLength(1);
    expect(activeNumbers(one.list)).toEqual(['P1']);
    await command('chat=subscribe&id=P2');
    network.asked.length = 0;
    const still = await command('chat=unsubscribe&id=P1');
    expect(activeNumbers(still.list)).toEqual(['P2']);
    expect(still.list[0]).toHaveProperty('subscribed_fields');
    expect(network.asked).toEqual([]);
    const none = await command('chat=unsubscribe&id=P2');
    expect(none.list[0]).not.toHaveProperty('subscribed_fields');
    expect(network.asked).toEqual(['unsubscribe W1']);
  });

  it('what the network refuses carries its error and stays as it was; the rest goes on', async () => {
    network.answers.set('W1', REFUSED).set('W2', UNREACHABLE);
    const failed = await command('chat=subscribe');
    expect(failed.status).toBe(200);
    expect(failed.list[0].error).toEqual({ code: 10, message: 'no permission' });
    expect(failed.list[1].error.code).toBe('provider.unreachable');
    expect(activeNumbers(failed.list)).toEqual([]);
    network.answers.clear();
    await command('chat=subscribe');
    network.answers.set('W1', REFUSED);
    const half = await command('chat=unsubscribe');
    expect(activeNumbers(half.list)).toEqual(['P1', 'P2']);
    expect(half.list[0].error.code).toBe(10);
    network.answers.set('W1', { status: 'refused', remote: { code: 'gone', message: 'gone' } });
    expect(activeNumbers((await command('chat=unsubscribe')).list)).toEqual([]);
  });

  it('a number that is active in another gateway is that item’s error', async () => {
    const other = await create({ app: '7' });
    await command('chat=setup', undefined, other);
    await command('chat=subscribe&id=P1', undefined, other);
    network.asked.length = 0;
    const partly = await command('chat=subscribe');
    expect(activeNumbers(partly.list)).toEqual(['P2', 'P3']);
    expect(partly.list[0].error).toMatchObject({ code: 'account.active_elsewhere' });
    expect(partly.list[0].error.message).toContain(other.uri);
    const taken = await command('chat=subscribe&id=P1');
    expect(taken.list[0].error.code).toBe('account.active_elsewhere');
    network.asked.length = 0;
    // The other gateway, of the same app, still uses the subscription.
    await command('chat=unsubscribe&id=W1');
    expect(network.asked).toEqual([]);
    await command('chat=unsubscribe&id=P1', undefined, other);
    expect(network.asked).toEqual(['unsubscribe W1']);
  });

  it('a group that a gateway of another app uses is that item’s error', async () => {
    const other = await create({ app: '8' });
    await command('chat=setup', undefined, other);
    await command('chat=subscribe&id=W1', undefined, other);
    network.asked.length = 0;
    const { list } = await command('chat=subscribe');
    expect(list[0].error.code).toBe('account.engaged_elsewhere');
    expect(activeNumbers(list)).toEqual(['P3']);
    expect(network.asked).toEqual(['register', 'subscribe W2']);
  });

  it('of two gateways that activate a number at the same moment one wins', async () => {
    const other = await create({ app: '7' });
    await command('chat=setup', undefined, other);
    await Promise.all([command('chat=subscribe&id=P1'), command('chat=subscribe&id=P1', undefined, other)]);
    const rows = await api.database.query(`SELECT 1 FROM account WHERE address = 'P1' AND active`);
    expect(rows).toHaveLength(1);
  });
});

describe('remove', () => {
  beforeEach(async () => {
    await command('chat=setup');
    await command('chat=subscribe');
    network.asked.length = 0;
  });

  it('without an id needs ack=true', async () => {
    expect((await command('chat=remove')).list).toMatchObject({ status: 400, code: 'accounts.remove.unconfirmed' });
    expect((await command('chat=remove&id=')).list.code).toBe('accounts.remove.unconfirmed');
    const { list } = await command('chat=remove&ack=true');
    expect(list.map(({ id }: { id: string }) => id)).toEqual(['W1', 'W2']);
    expect(activeNumbers(list)).toEqual([]);
    expect((await command('chat=')).list).toEqual([]);
    expect(network.asked).toEqual(['unsubscribe W1', 'unsubscribe W2']);
  });

  it('keeps what the network refuses to release, unless it is gone or force is given', async () => {
    network.answers.set('W1', REFUSED);
    const kept = await command('chat=remove&id=W1');
    expect(kept.list[0]).toMatchObject({ id: 'W1', error: { code: 10 }, subscribed_fields: ['messages'] });
    expect(activeNumbers((await command('chat=&id=W1')).list)).toEqual(['P1', 'P2']);
    await command('chat=remove&id=W1&force=true');
    expect((await command('chat=&id=W1')).list).toEqual([]);
    network.answers.set('W2', { status: 'refused', remote: { code: 'gone', message: 'gone' } });
    expect((await command('chat=remove&id=W2')).list[0]).not.toHaveProperty('error');
  });

  it('what comes back with a later setup is inactive and has no bot', async () => {
    await call('patch', `accounts/P3?gateway=${gateway.uri}`, { bot: { url: 'http://127.0.0.1:1/' }, enabled: false });
    await command('chat=remove&id=W2');
    expect((await call('get', `accounts/P3?gateway=${gateway.uri}`)).status).toBe(404);
    const { list } = await command('chat=setup');
    expect(list[1]).toEqual({ id: 'W2', name: 'Group W2', numbers: [{ id: 'P3', active: false }] });
    const { body } = await call('get', `accounts/P3?gateway=${gateway.uri}`);
    expect(body).toMatchObject({ state: 'inactive', enabled: true });
    expect(body).not.toHaveProperty('bot');
  });

  it('one number is forgotten alone, the group with its last one', async () => {
    await command('chat=remove&id=P1');
    expect(network.asked).toEqual([]);
    expect((await command('chat=&id=W1')).list[0].numbers).toEqual([{ id: 'P2', active: true }]);
    await command('chat=remove&id=P2');
    expect(network.asked).toEqual(['unsubscribe W1']);
    expect((await command('chat=&id=W1')).list).toEqual([]);
  });
});

describe('accounts', () => {
  beforeEach(async () => {
    await command('chat=setup');
  });

  it('are shown, listed, and switched on and off', async () => {
    const { body } = await call('get', `accounts/P1?gateway=${gateway.uri}`);
    expect(body).toMatchObject({
      id: 'P1',
      gateway,
      channel: 'chat',
      group: { id: 'W1' },
      phone: '49P1',
      state: 'inactive',
    });
    const page = await call('get', `accounts?gateway=${gateway.id}&limit=2`);
    expect(page.body.items).toHaveLength(2);
    const rest = await call('get', `accounts?gateway=${gateway.id}&limit=2&cursor=${page.body.next}`);
    expect([rest.body.items.length, rest.body.next]).toEqual([1, null]);
    const off = await call('patch', `accounts/P1?gateway=${gateway.uri}`, { enabled: false });
    expect(off.body).toMatchObject({ enabled: false, state: 'disabled' });
    expect(api.app.get(GatewayDirectory).byId(gateway.id)!.account('chat', 'P1')!.enabled).toBe(false);
    const withBot = await call('patch', `accounts/P1?gateway=${gateway.uri}`, { bot: { url: 'http://127.0.0.1:1/' } });
    expect(withBot.body.bot.secret).toMatch(/^whsec_/);
    expect((await call('get', `accounts/P1?gateway=${gateway.uri}`)).body.bot.secret).toMatch(/^••••/);
    expect((await call('patch', `accounts/P1?gateway=${gateway.uri}`, { enabled: null as never })).status).toBe(400);
  });

  it('that two gateways know must be told apart', async () => {
    await command('chat=setup', undefined, await create());
    expect((await call('get', 'accounts/P1')).body).toMatchObject({ status: 409, code: 'account.ambiguous' });
    expect((await call('get', 'accounts/nope')).body.code).toBe('account.not_found');
    expect((await call('get', 'accounts/P1?gateway=nope')).body).toMatchObject({
      status: 422,
      code: 'gateway.unknown',
    });
    expect((await call('get', 'accounts/%00')).status).toBe(404);
  });
});

describe('a gateway in use', () => {
  it('is deleted only by force, which unsubscribes and cancels', async () => {
    await command('chat=setup');
    await command('chat=subscribe');
    const refused = await call('delete', `gateways/${gateway.id}`);
    expect(refused.body).toMatchObject({ status: 409, code: 'gateway.in_use' });
    const cancelled: string[] = [];
    api.app.get(GatewayHooks).registerQueue({
      queuedMessages: async () => 3,
      cancelQueued: async (id) => void cancelled.push(id),
    });
    network.asked.length = 0;
    expect((await call('delete', `gateways/${gateway.id}?force=true`)).status).toBe(204);
    expect(network.asked).toEqual(['unsubscribe W1', 'unsubscribe W2']);
    expect(cancelled).toContain(gateway.id);
    const { body } = await call('get', 'accounts');
    expect(body.items.map(({ gateway: of }: { gateway: { id: string } }) => of.id)).not.toContain(gateway.id);
    expect(await api.database.query(`SELECT 1 FROM account WHERE gateway_id = $1 AND active`, [gateway.id])).toEqual(
      [],
    );
  });
});

describe('keys', () => {
  it('are shown once, hashed at rest, and dead when deleted', async () => {
    const made = await call('post', 'keys', { name: 'shop', permissions: ['gateways:read'] });
    expect(made.status).toBe(201);
    expect(made.body.key).toMatch(/^pb_[\w-]{43}$/);
    const { body: listed } = await call('get', 'keys?limit=1');
    expect(listed.items[0]).toMatchObject({ id: made.body.id, gateways: null });
    expect(listed.items[0]).not.toHaveProperty('key');
    expect((await call('get', 'gateways', undefined, made.body.key)).status).toBe(200);
    expect((await call('delete', `keys/${made.body.id}`)).status).toBe(204);
    const answer = await call('get', 'gateways', undefined, made.body.key);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect((await call('delete', `keys/${made.body.id}`)).status).toBe(404);
  });

  it('that are limited to gateways see nothing else', async () => {
    const other = await create();
    const limited = await key({
      permissions: ['gateways:read', 'gateways:write', 'keys:write'],
      gateways: [gateway.uri],
    });
    const list = await call('get', 'gateways', undefined, limited);
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([gateway.id]);
    expect((await call('get', `gateways/${other.id}`, undefined, limited)).status).toBe(404);
    expect((await call('delete', `gateways/${other.id}`, undefined, limited)).status).toBe(404);
    const more = { name: 'x', uri: 'more', type: 'fake', metadata: { token: 't' } };
    expect((await call('post', 'gateways', more, limited)).status).toBe(403);
    const everywhere = await call('post', 'keys', { name: 'x', permissions: ['gateways:read'] }, limited);
    expect(everywhere.status).toBe(403);
    const beyond = await call(
      'post',
      'keys',
      { name: 'x', permissions: ['gateways:read'], gateways: [other.uri] },
      limited,
    );
    expect(beyond.body.code).toBe('gateway.unknown');
    const excess = await call(
      'post',
      'keys',
      { name: 'x', permissions: ['messages:send'], gateways: [gateway.uri] },
      limited,
    );
    expect(excess.body).toMatchObject({ status: 403, code: 'permission.missing' });
    const own = await call(
      'post',
      'keys',
      { name: 'x', permissions: ['gateways:read'], gateways: [gateway.uri] },
      limited,
    );
    expect(own.status).toBe(201);
    const keys = await call('get', 'keys', undefined, limited);
    expect(keys.body.items.every(({ gateways }: { gateways: string[] }) => gateways?.join() === gateway.id)).toBe(true);
  });

  it.each([
    [{ permissions: ['everything'] }, 'permissions'],
    [{ permissions: 'gateways:read' }, 'permissions'],
    [{ permissions: [], gateways: [] }, 'gateways'],
  ])('that make no sense are refused: %j', async (body, path) => {
    const answer = await call('post', 'keys', { name: 'x', ...body });
    expect(answer.body).toMatchObject({
      status: 400,
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  it('with an unknown gateway are refused', async () => {
    const answer = await call('post', 'keys', { name: 'x', permissions: [], gateways: ['nope'] });
    expect(answer.body).toMatchObject({ status: 422, code: 'gateway.unknown', errors: [{ path: 'gateways[0]' }] });
  });
});
