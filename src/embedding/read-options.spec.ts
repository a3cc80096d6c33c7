import { describe, expect, test } from '@jest/globals';
import type { PatchbayOptions } from './options.js';
import { readOptions } from './read-options.js';

const KEY = Buffer.alloc(32, 1).toString('base64');
const given: PatchbayOptions = {
  publicUrl: 'https://app.example.com',
  dataSource: 'postgres://u:hunter2@db/app',
  encryptionKey: KEY,
  adminApiKey: 'an-admin-key-of-a-host',
};
const read = (more: Partial<PatchbayOptions> = {}) => readOptions({ ...given, ...more });

describe('the options of a host', () => {
  test('become a configuration whose URLs begin below the path', () => {
    const { config, path, standing } = read({ path: 'chat-in/here/', settings: { API_RATE_LIMIT: '7' } });
    expect(path).toBe('/chat-in/here');
    expect(config.publicUrl).toBe('https://app.example.com/chat-in/here');
    expect(config).toMatchObject({ apiRateLimit: 7, allowPrivateUrls: false, roles: new Set(['api', 'worker']) });
    expect(standing).toEqual({ database: 'postgres://u:hunter2@db/app' });
  });

  test('may leave to us what a newcomer does not have', () => {
    const { encryptionKey: _, ...rest } = given;
    const { config, path, standing } = readOptions({ ...rest, dataSource: 'embedded' });
    expect(path).toBe('/patchbay');
    expect(config).toMatchObject({ allowPrivateUrls: true });
    expect(config).not.toHaveProperty('databaseUrl');
    expect(standing).toEqual({});
  });

  test('say where queues and tables are', () => {
    const redis = { host: 'redis', db: 3 };
    expect(read({ schema: 'chat', queue: { redis, prefix: 'shop' } }).standing).toMatchObject({
      schema: 'chat',
      redis,
      queuePrefix: 'shop',
    });
    expect(read({ queue: { redis: 'redis://redis/3' } }).config.redisUrl).toBe('redis://redis/3');
  });

  test('need no key of ours where the host says who is asking, or where nobody asks', () => {
    const { adminApiKey: _, ...rest } = given;
    expect(readOptions({ ...rest, access: { identify: () => undefined } }).config).not.toHaveProperty('adminApiKey');
    expect(readOptions({ ...rest, roles: ['worker'] }).config.roles).toEqual(new Set(['worker']));
  });

  test.each<[string, object, RegExp]>([
    ['the root', { path: '/' }, /^path is not usable: given "\/", allowed is a path/],
    ['a path with a query', { path: '/a?b' }, /^path is not usable/],
    ['a URL without a scheme', { publicUrl: 'app.example.com' }, /^publicUrl is not usable: given "app.example.com"/],
    ['no database', { dataSource: undefined }, /^dataSource is not usable: given nothing/],
    ['another database', { dataSource: 'mysql://u:hunter2@db/app' }, /^dataSource is not usable: given/],
    ['no key', { encryptionKey: undefined }, /^encryptionKey is not usable: given nothing/],
    ['half a key', { encryptionKey: 'aHVudGVyMg==' }, /^encryptionKey is not usable: given/],
    ['nobody to ask', { adminApiKey: undefined }, /^adminApiKey is not usable: given nothing.*`access`/],
    ['a short key', { adminApiKey: 'hunter2' }, /^adminApiKey is not usable: given 7 characters/],
    ['a schema that is everybody’s', { schema: 'public' }, /^schema is not usable: given "public"/],
    ['a schema that is SQL', { schema: 'a; DROP' }, /^schema is not usable/],
    ['a role', { roles: ['cook'] }, /^roles is not usable: given "cook"/],
    ['a setting', { settings: { API_RATE_LIMIT: 'many' } }, /^settings.API_RATE_LIMIT is not usable: given "many"/],
    ['a prefix', { queue: { prefix: 'a b' } }, /^queue.prefix is not usable/],
  ])('are refused by name: %s', (_, more, message) => {
    const act = () => read(more as Partial<PatchbayOptions>);
    expect(act).toThrow(message);
    expect(act).not.toThrow(/hunter2/);
  });
});
