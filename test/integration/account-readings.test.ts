import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AccountNewsRepository } from '../../src/gateway/account-news.repository.js';
import { AccountSecretRepository } from '../../src/gateway/account-secret.repository.js';
import { SetupCommand } from '../../src/gateway/commands/setup.command.js';
import { CredentialsWatch } from '../../src/gateway/credentials-watch.service.js';
import { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { AccountReader } from '../../src/gateway/readings/account-reader.service.js';
import { AccountSyncRepository } from '../../src/gateway/readings/account-sync.repository.js';
import { SecretRotationService } from '../../src/gateway/secret-rotation.service.js';
import { ADMIN_KEY, type ApiApp, startApi } from '../support/api-app.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/patchbay.js';
import { ReadableNetwork } from '../support/readable-network.js';

const MINUTE_MS = 60_000;

const network = new ReadableNetwork();
let api: ApiApp;
let count = 0;
let uri: string;
/** addresses of this test's group and its two accounts */
let group: string;
let one: string;
let two: string;
let groupId: string;

beforeAll(async () => {
  api = await startApi([network.readable]);
});

async function call(method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object, on = api) {
  const sent = request(on.app.getHttpServer())[method](`/api/v1/${path}`).set('Authorization', `Bearer ${ADMIN_KEY}`);
  return body === undefined ? sent : sent.send(body);
}

async function makeGateway(on = api): Promise<void> {
  count += 1;
  uri = `acme${count}`;
  [group, one, two] = [`g${count}`, `1${count}0`, `1${count}1`];
  network.groups = [];
  network.add(group, one, two);
  await call(
    'post',
    'gateways',
    { name: 'Acme', uri, type: 'fake', metadata: { token: 'gateway-token' }, bot: BOT },
    on,
  );
  const gateway = on.app.get(GatewayDirectory).byUri(uri)!;
  const [channel] = gateway.type.channels;
  const command = { channel: 'chat', operation: 'setup', ids: [] };
  await on.app.get(SetupCommand).run({ gateway, channel, command } as never);
  const rows = await on.database.query<{ id: string }>('SELECT id FROM account_group WHERE address = $1', [group]);
  groupId = rows[0]!.id;
}

const BOT = { type: 'webhook', url: 'http://127.0.0.1:4000/bot', events: ['account.updated', 'gateway.updated'] };

beforeEach(async () => {
  network.reads.length = 0;
  network.outcome = undefined;
  network.restMs = undefined;
  network.pause = undefined;
  network.verdict = { status: 'ok' };
  await makeGateway();
  network.asked.length = 0;
  api.clock.advance(60 * MINUTE_MS);
});

const read = (): Promise<void> => api.app.get(AccountReader).readGroup(groupId);
const accountOf = async (address: string) => (await call('get', `accounts/${address}`)).body;
const dueIn = async (): Promise<number> => {
  const [row] = await api.database.query<{ due_at: Date }>('SELECT due_at FROM account_sync WHERE group_id = $1', [
    groupId,
  ]);
  return (row!.due_at.getTime() - api.clock.now().getTime()) / MINUTE_MS;
};
async function events(type: string): Promise<Record<string, unknown>[]> {
  const rows = await api.database.query<{ body: string | object }>(
    'SELECT body FROM event WHERE type = $1 ORDER BY id',
    [type],
  );
  const bodies = rows.map(({ body }) => (typeof body === 'string' ? JSON.parse(body) : body));
  return bodies.filter(({ gateway }) => gateway.uri === uri);
}

describe('a reading', () => {
  it('stores what has changed, and tells it once', async () => {
    await read();
    expect(await events('account.updated')).toEqual([]);
    network.show(one, { name: 'Renamed', details: { status: 'LIMITED' } });
    api.clock.advance(60 * MINUTE_MS);
    await read();
    expect(await accountOf(one)).toMatchObject({ name: 'Renamed', status: 'LIMITED', readAt: expect.any(String) });
    const [told, ...others] = await events('account.updated');
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      account: { id: one, name: 'Renamed', status: 'LIMITED' },
      changes: [
        { field: 'name', from: `Account ${one}`, to: 'Renamed' },
        { field: 'status', from: null, to: 'LIMITED' },
      ],
    });
    api.clock.advance(60 * MINUTE_MS);
    await read();
    expect(await events('account.updated')).toHaveLength(1);
    expect(network.reads).toEqual([1, 2, 3].map(() => `group ${group} as gateway-token`));
  });

  it('tells of the group when only that has changed', async () => {
    network.groups = network.groups.map((each) => ({ ...each, details: { ...each.details, country: 'PL' } }));
    const before = (await events('gateway.updated')).length;
    await read();
    expect(await events('account.updated')).toEqual([]);
    expect((await events('gateway.updated')).slice(before)).toMatchObject([
      { change: 'account_group', group: { id: group } },
    ]);
  });

  it('leaves alone what the network has told since it was begun', async () => {
    let end = (): void => undefined;
    network.pause = new Promise((resolve) => (end = resolve));
    network.show(one, { details: { status: 'OLD' } });
    const reading = read();
    const account = api.app.get(GatewayDirectory).byUri(uri)!.account('chat', one)!;
    const news = { accountId: account.id, details: { status: 'NEWER' }, at: api.clock.now() };
    await api.database.transaction((sql) => api.app.get(AccountNewsRepository).apply(sql, [news], api.clock.now()));
    end();
    await reading;
    expect(await accountOf(one)).toMatchObject({ status: 'NEWER' });
  });

  it('is one at a time, and is not made before its time', async () => {
    let end = (): void => undefined;
    network.pause = new Promise((resolve) => (end = resolve));
    const both = [read(), read()];
    await Promise.race(both);
    end();
    await Promise.all(both);
    await read();
    expect(network.reads).toHaveLength(1);
    expect(await dueIn()).toBeGreaterThan(26);
    expect(await dueIn()).toBeLessThan(34);
  });

  it('whose process died is made again', async () => {
    const syncs = api.app.get(AccountSyncRepository);
    await syncs.claim(groupId, api.clock.now(), new Date(api.clock.now().getTime() + 30 * MINUTE_MS));
    await read();
    expect(network.reads).toEqual([]);
    api.clock.advance(6 * MINUTE_MS);
    expect(await syncs.due(api.clock.now())).toContain(groupId);
    await read();
    expect(network.reads).toHaveLength(1);
  });

  it('that fails changes nothing, says why, and is tried again at growing intervals', async () => {
    const known = await accountOf(one);
    network.outcome = { status: 'unreachable', reason: 'no route' };
    await read();
    expect(await accountOf(one)).toEqual({ ...known, readError: 'no route' });
    expect(await dueIn()).toBeLessThan(34);
    for (const _ of [1, 2]) {
      api.clock.advance(24 * 60 * MINUTE_MS);
      await read();
    }
    expect(await dueIn()).toBeGreaterThan(100);
    network.outcome = undefined;
    api.clock.advance(24 * 60 * MINUTE_MS);
    await read();
    expect(await accountOf(one)).not.toHaveProperty('readError');
  });

  it('waits where the network’s hourly calls are used up', async () => {
    network.restMs = 90 * MINUTE_MS;
    await read();
    expect(await dueIn()).toBeCloseTo(90, 0);
  });

  it('is not needed by what a setup has just read', async () => {
    await makeGateway();
    await read();
    expect(network.reads).toEqual([]);
    expect(await dueIn()).toBeGreaterThan(26);
    expect(await accountOf(one)).toMatchObject({ readAt: api.clock.now().toISOString() });
  });

  it('of a group that no setup has read since there are readings is due at once', async () => {
    await api.database.query('DELETE FROM account_sync WHERE group_id = $1', [groupId]);
    await api.app.get(AccountSyncRepository).addNew(['chat'], api.clock.now());
    await read();
    expect(network.reads).toHaveLength(1);
  });

  it('that failed is wanted by whoever sets something, but not more than once a minute', async () => {
    network.outcome = { status: 'unreachable', reason: 'no route' };
    await read();
    await call('patch', `accounts/${one}`, { enabled: true });
    await eventually('the wish', async () => (await dueIn()) <= 1);
    expect(await dueIn()).toBeCloseTo(1, 1);
  });
});

describe('credentials', () => {
  it('are looked at once for a gateway, and their end is told', async () => {
    network.add(`${group}b`, `9${count}`);
    network.asked.length = 0;
    const expiresAt = new Date(api.clock.now().getTime() + 3 * 24 * 60 * MINUTE_MS);
    network.verdict = { status: 'ok', expiresAt };
    await read();
    expect(network.asked).toEqual(['verify']);
    // Every process, this one too, reads it back when it hears of the commit.
    await eventually('that its end is shown', async () => {
      const { credentialExpiresAt } = await accountOf(one);
      return credentialExpiresAt === expiresAt.toISOString();
    });
    expect((await events('gateway.updated')).at(-1)).toMatchObject({
      change: 'credentials',
      credentialsExpireAt: expiresAt.toISOString(),
    });
  });

  it('that are refused are a warning until they work again, and park nobody', async () => {
    network.verdict = { status: 'refused', code: 'token.invalid', detail: 'It was revoked.', key: 'token' };
    await read();
    const warned = await call('get', `gateways/${uri}`);
    expect(warned.body).toMatchObject({
      status: 'ok',
      warnings: expect.arrayContaining([expect.stringContaining('It was revoked.')]),
    });
    network.verdict = { status: 'ok' };
    api.clock.advance(60 * MINUTE_MS);
    await read();
    expect((await call('get', `gateways/${uri}`)).body.warnings.join()).not.toContain('revoked');
  });

  it('of an account are used for it alone, and their end is warned of', async () => {
    const expiresAt = new Date(api.clock.now().getTime() + 2 * 24 * 60 * MINUTE_MS);
    network.verdict = { status: 'ok', expiresAt };
    const set = await call('patch', `accounts/${one}`, { credential: 'own-token-of-one' });
    expect(set.body).toMatchObject({ credential: '••••-one', credentialExpiresAt: expiresAt.toISOString() });
    network.verdict = { status: 'ok' };
    network.show(one, { details: { status: 'ONE' } });
    await read();
    expect(network.reads).toEqual([`group ${group} as gateway-token`, `account ${one} as own-token-of-one`]);
    expect(await accountOf(one)).toMatchObject({ status: 'ONE' });
    expect(await accountOf(one)).not.toHaveProperty('credentialExpiresAt');
    expect((await events('account.updated')).at(-1)).toMatchObject({
      changes: [{ field: 'credentialExpiresAt', from: expiresAt.toISOString(), to: null }],
    });
    await call('patch', `accounts/${one}`, { credential: null });
    expect(await accountOf(one)).not.toHaveProperty('credential');
  });

  it('of an account that end soon are named with it', async () => {
    network.verdict = { status: 'ok', expiresAt: new Date(api.clock.now().getTime() + 60 * MINUTE_MS) };
    await call('patch', `accounts/${one}`, { credential: 'own-token-of-one' });
    await api.app.get(CredentialsWatch).sweep();
    const { body } = await call('get', `gateways/${uri}`);
    expect(body.warnings).toContainEqual(expect.stringMatching(new RegExp(`account ${one} expire`)));
  });

  it.each([
    ['a network that refuses them', { status: 'refused', code: 'token.invalid', detail: 'No.', key: 'token' }, 422],
    ['a network that is silent', { status: 'unreachable', reason: 'timeout' }, 200],
  ] as const)('are stored or not: %s', async (_what, verdict, status) => {
    network.verdict = verdict;
    const answer = await call('patch', `accounts/${one}`, { credential: 'own-token-of-one' });
    expect(answer.status).toBe(status);
    expect((await accountOf(one)).credential).toBe(status === 200 ? '••••-one' : undefined);
  });
});

describe('secrets of accounts', () => {
  it('are encrypted, written again under a new key, and forgotten with the gateway', async () => {
    const connectionString = await createDatabase();
    const [a, b] = [1, 2].map((byte) => Buffer.alloc(32, byte));
    const first = await startApi([network.readable], { connectionString, keys: [a!] });
    await makeGateway(first);
    await call('patch', `accounts/${one}`, { credential: 'own-token-of-one' }, first);
    const { id } = first.app.get(GatewayDirectory).byUri(uri)!.account('chat', one)!;
    await first.app.get(AccountSecretRepository).savePin(id, '246810');
    const stored = async (on: ApiApp): Promise<string> =>
      JSON.stringify(await on.database.query('SELECT * FROM account'));
    expect(await stored(first)).not.toMatch(/own-token|246810/);
    expect((await call('get', `accounts/${one}`, undefined, first)).body).toMatchObject({ pin: '••••' });
    await first.close();

    const rotating = await startApi([network.readable], { connectionString, keys: [b!, a!] });
    await rotating.app.get(SecretRotationService).rotate();
    await rotating.close();

    const fresh = await startApi([network.readable], { connectionString, keys: [b!] });
    expect(fresh.app.get(GatewayDirectory).byUri(uri)!.account('chat', one)!.credential).toBe('own-token-of-one');
    expect(await fresh.app.get(AccountSecretRepository).pinOf(id)).toBe('246810');
    await call('delete', `gateways/${uri}?force=true`, undefined, fresh);
    const rows = await fresh.database.query('SELECT FROM account WHERE credential IS NOT NULL OR pin IS NOT NULL');
    expect(rows).toEqual([]);
  });

  it('that no key reads are not replaced by the gateway’s', async () => {
    const connectionString = await createDatabase();
    const [a, b] = [1, 2].map((byte) => Buffer.alloc(32, byte));
    const first = await startApi([network.readable], { connectionString, keys: [a!] });
    await makeGateway(first);
    await call('patch', `accounts/${one}`, { credential: 'own-token-of-one' }, first);
    await first.close();
    const blind = await startApi([network.readable], { connectionString, keys: [b!] });
    const gateway = blind.app.get(GatewayDirectory).byUri(uri)!;
    expect(gateway.accountCall(gateway.account('chat', one)!).settings['token']).toBe('');
    expect((await call('get', `accounts/${one}`, undefined, blind)).body).toMatchObject({ credential: '••••' });
  });
});
