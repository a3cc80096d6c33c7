import { afterAll, beforeAll, describe } from '@jest/globals';
import { TestRedis, describeWithRedis } from './redis.js';

/**
 * The same suite with BullMQ on PostgreSQL and on a Redis of its own: what the product promises holds on both.
 *
 * @param suite gets what the environment of its processes must have; to be asked in a hook or a test
 */
export function describeOnBothQueues(
  name: string,
  suite: (environment: () => Readonly<Record<string, string>>) => void,
): void {
  describe(`${name}, with the queues on PostgreSQL`, () => suite(() => ({})));
  describeWithRedis(`${name}, with the queues on Redis`, () => {
    let redis: TestRedis;
    beforeAll(async () => {
      redis = await TestRedis.start();
    });
    suite(() => ({ REDIS_URL: redis.url }));
    afterAll(() => redis.stop());
  });
}
