import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestRedis, describeWithRedis } from '../../support/redis.js';

describeWithRedis(
  'a Redis for tests',
  () => {
    let server: TestRedis;
    let client: Redis;

    beforeEach(async () => {
      server = await TestRedis.start();
      client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null, disconnectTimeout: 100 });
      client.on('error', () => {}); // it is killed on purpose; the client comes back by itself
    });

    afterEach(async () => {
      client.disconnect();
      await server.stop();
    });

    it('listens on loopback and never evicts', async () => {
      expect(server.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
      expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    });

    it('keeps what it was told over kill -9', async () => {
      await client.set('word', 'kept');
      await server.kill();
      await server.revive();
      expect(await client.get('word')).toBe('kept');
    });

    it('comes back on the same port after a restart', async () => {
      await client.set('word', 'kept');
      const { url } = server;
      await server.restart(50);
      expect(server.url).toBe(url);
      expect(await client.get('word')).toBe('kept');
    });

    it('is gone once stopped', async () => {
      await server.stop();
      const other = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null, disconnectTimeout: 100 });
      other.on('error', () => {});
      await expect(other.connect()).rejects.toThrow();
      other.disconnect();
    });
  },
  'own',
);
