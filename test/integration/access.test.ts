import { describe, expect, it } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import request from 'supertest';
import { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { SecretRotationService } from '../../src/gateway/secret-rotation.service.js';
import { ADMIN_KEY, type ApiApp, type ApiAppOptions, startApi } from '../support/api-app.js';
import { createDatabase } from '../support/database.js';
import { FakeNetwork } from '../support/fake-network.js';

const network = new FakeNetwork();
const start = (options: ApiAppOptions = {}): Promise<ApiApp> => startApi([network.type], options);

async function call(api: ApiApp, method: 'get' | 'post' | 'patch', path: string, body?: object, key = ADMIN_KEY) {
  const sent = request(api.app.getHttpServer())[method](`/api/v1/${path}`).set('Authorization', `Bearer ${key}`);
  return body ? sent.send(body) : sent;
}

const GATEWAY = {
  name: 'x',
  uri: 'x',
  type: 'fake',
  metadata: { token: 'secret-token-1234' },
  bot: { url: 'http://127.0.0.1:1/' },
};

describe('the rate limit', () => {
  it('counts per key over all routes, says when to come back, and spares the bootstrap key', async () => {
    const api = await start({ config: { apiRateLimit: 3 } });
    const make = async () => (await call(api, 'post', 'keys', { name: 'k', permissions: ['gateways:read'] })).body.key;
    const [one, two] = [await make(), await make()];
    for (const path of ['gateways', 'accounts', 'gateway-types'])
      expect((await call(api, 'get', path, undefined, one)).status).toBe(200);
    const limited = await call(api, 'get', 'gateways', undefined, one);
    expect(limited.body).toMatchObject({ status: 429, code: 'rate.limited' });
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call(api, 'get', 'gateways', undefined, two)).status).toBe(200);
    for (let n = 0; n < 6; n += 1) expect((await call(api, 'get', 'gateways')).status).toBe(200);
  });
});

describe('the bootstrap key', () => {
  it('is made, kept for its owner alone, and printed once', async () => {
    const api = await start();
    const { ensureAdminKey } = await import('../../src/access/admin-key.js');
    const { CONFIG } = await import('../../src/platform/platform.tokens.js');
    const { dataDir } = api.app.get(CONFIG);
    const printed: string[] = [];
    const log = { info: (_: object, message: string) => void printed.push(message) } as never;
    const keys = await Promise.all([1, 2, 3].map(() => ensureAdminKey({ dataDir }, log)));
    expect(new Set(keys).size).toBe(1);
    expect(printed.filter((text) => text.includes(keys[0]!))).toHaveLength(1);
    const file = join(dataDir, 'admin.key');
    expect((await readFile(file, 'utf8')).trim()).toBe(keys[0]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await ensureAdminKey({ dataDir }, log)).toBe(keys[0]);
  });
});

describe('stored secrets', () => {
  it('park their gateway when no key reads them, and are written again under a new key', async () => {
    const connectionString = await createDatabase();
    const [a, b, c] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte));
    const first = await start({ connectionString, keys: [a!] });
    const { body } = await call(first, 'post', 'gateways', GATEWAY);
    await first.close();

    const blind = await start({ connectionString, keys: [b!] });
    const parked = await call(blind, 'get', `gateways/${body.id}`);
    expect(parked.body).toMatchObject({ status: 'parked', metadata: { token: '••••' } });
    expect(parked.body.reason).toContain('ENCRYPTION_KEY');
    expect(blind.app.get(GatewayDirectory).byUri('x')!.status).toBe('parked');
    await blind.close();

    const rotating = await start({ connectionString, keys: [c!, a!] });
    await rotating.app.get(SecretRotationService).rotate();
    await rotating.close();

    const fresh = await start({ connectionString, keys: [c!] });
    const well = await call(fresh, 'get', `gateways/${body.id}`);
    expect(well.body).toMatchObject({ status: 'ok', metadata: { token: '••••1234' } });
    expect(fresh.app.get(GatewayDirectory).byUri('x')!.bot).toMatchObject({ secret: body.bot.secret });
  });
});

describe('a change', () => {
  it('is in force on another process within a second', async () => {
    const connectionString = await createDatabase();
    const [one, two] = [await start({ connectionString }), await start({ connectionString })];
    const { body } = await call(one, 'post', 'gateways', GATEWAY);
    const seen = async (check: () => boolean): Promise<boolean> => {
      for (let n = 0; n < 50 && !check(); n += 1) await new Promise((resolve) => setTimeout(resolve, 20));
      return check();
    };
    const directory = two.app.get(GatewayDirectory);
    expect(await seen(() => directory.byUri('x')?.id === body.id)).toBe(true);
    await call(one, 'patch', `gateways/${body.id}`, { enabled: false, metadata: { app: '5' } });
    expect(one.app.get(GatewayDirectory).byUri('x')!.enabled).toBe(false);
    expect(await seen(() => directory.byUri('x')?.enabled === false)).toBe(true);
    expect(directory.byAppKey('fake', '5').map(({ id }) => id)).toEqual([body.id]);
  });
});
