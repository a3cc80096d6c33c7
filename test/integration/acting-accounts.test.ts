import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CallbackCommands } from '../../src/gateway/commands/callback-commands.js';
import { CredentialsWatch } from '../../src/gateway/credentials-watch.service.js';
import { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { AccountReader } from '../../src/gateway/readings/account-reader.service.js';
import { ADMIN_KEY, type ApiApp, startApi } from '../support/api-app.js';
import { ReadableNetwork } from '../support/readable-network.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const REVOKED = { status: 'refused', code: 'token.invalid', detail: 'It was revoked.', key: 'token' } as const;

const network = new ReadableNetwork();
let api: ApiApp;
let count = 0;
let uri: string;
let group: string;
let page: string;

beforeAll(async () => {
  api = await startApi([network.acting]);
});

beforeEach(async () => {
  count += 1;
  [uri, group, page] = [`acme${count}`, `g${count}`, `1${count}0`];
  network.groups = [];
  network.add(group, page);
  network.show(page, { credential: `token-of-${page}` });
  network.verdict = { status: 'ok' };
  const body = { name: 'Acme', uri, type: 'fake', metadata: { token: 'gateway-token' } };
  await request(api.app.getHttpServer())
    .post('/api/v1/gateways')
    .set('Authorization', `Bearer ${ADMIN_KEY}`)
    .send(body);
  await command('setup');
  network.reads.length = 0;
  network.asked.length = 0;
  api.clock.advance(HOUR_MS);
});

async function command(operation: string, on = uri): Promise<void> {
  const gateway = api.app.get(GatewayDirectory).byUri(on);
  if (!gateway) throw new Error(`there is no gateway ${on}`);
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const reply = await api.app
    .get(CallbackCommands)
    .handle([gateway], new URLSearchParams(`chat=${operation}`), { headers });
  if (reply.status !== 200) throw new Error(`${operation}: ${reply.body}`);
}

async function read(): Promise<void> {
  const rows = await api.database.query<{ id: string }>('SELECT id FROM account_group WHERE address = $1', [group]);
  api.clock.advance(HOUR_MS);
  await api.app.get(AccountReader).readGroup(rows[0]!.id);
}

async function get<T>(path: string): Promise<T> {
  const sent = request(api.app.getHttpServer()).get(`/api/v1/${path}`).set('Authorization', `Bearer ${ADMIN_KEY}`);
  return (await sent).body as T;
}

/** A minute later, as the watch looks once a minute. */
async function warnings(): Promise<string> {
  api.clock.advance(2 * MINUTE_MS);
  await api.app.get(CredentialsWatch).sweep();
  return (await get<{ warnings: string[] }>(`gateways/${uri}`)).warnings
    .filter((one) => !one.startsWith('app is'))
    .join();
}

const account = () => get<{ readAt?: string; credentialExpiresAt?: string }>(`accounts/${page}`);

describe('accounts that act as themselves', () => {
  it('are read as that, and their credentials asked about, once they are in use', async () => {
    await command('subscribe');
    network.asked.length = 0;
    await read();
    expect(network.reads).toEqual([`account ${page} as token-of-${page}`]);
    expect(network.asked).toEqual(['verify', 'verify']);
  });

  it('cost no call before, but the one about the gateway', async () => {
    const { readAt } = await account();
    network.verdict = REVOKED;
    await read();
    expect([network.reads, network.asked]).toEqual([[], ['verify']]);
    expect(await warnings()).toContain('the credentials of the gateway');
    expect(await warnings()).not.toContain(page);
    expect((await account()).readAt).toBe(readAt);
  });

  it('are warned of when their credentials are refused, and until they are given up', async () => {
    await command('subscribe');
    network.verdict = { ...REVOKED, advice: 'Run setup.' };
    await read();
    expect(await warnings()).toContain(`the credentials of the account ${page}: It was revoked. Run setup.`);
    await command('unsubscribe');
    expect(await warnings()).not.toContain(`account ${page}`);
  });

  it('are warned of when their credentials end soon, while they are in use', async () => {
    await command('subscribe');
    const expiresAt = new Date(api.clock.now().getTime() + 3 * DAY_MS);
    network.verdict = { status: 'ok', expiresAt };
    await read();
    expect((await account()).credentialExpiresAt).toBe(expiresAt.toISOString());
    expect(await warnings()).toContain(`The credentials of the account ${page} expire on`);
    await command('unsubscribe');
    expect(await warnings()).not.toContain(`account ${page}`);
  });

  it('are forgotten with what was said of them', async () => {
    await command('subscribe');
    network.verdict = REVOKED;
    await read();
    expect(await warnings()).toContain(`account ${page}`);
    await command(`remove&id=${group}`);
    expect(await warnings()).not.toContain(`account ${page}`);
  });
});
