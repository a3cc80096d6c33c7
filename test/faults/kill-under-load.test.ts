import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultStage, Load, ROUNDS } from '../support/fault-stage.js';
import { TestRedis, hasOwnRedis } from '../support/redis.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };
const CUSTOMERS = 8;
const KILLS = 3 * ROUNDS;

describe.each(hasOwnRedis && ROUNDS > 1 ? ['postgresql', 'redis'] : ['postgresql'])(
  'kill -9 at random moments under load, queue on %s',
  (queue) => {
    let stage: FaultStage;
    let redis: TestRedis | undefined;

    beforeAll(async () => {
      if (queue === 'redis') redis = await TestRedis.start();
      stage = await FaultStage.open({
        metadata: { settle_seconds: '8' },
        ...(redis && { env: { REDIS_URL: redis.url } }),
      });
    });

    afterAll(async () => {
      await stage.close();
      await redis?.stop();
    });

    it(
      `loses and doubles nothing in ${KILLS} deaths`,
      async () => {
        const { ledger, bot } = stage;
        const phone = (worker: number): string => `1650559${String(worker).padStart(4, '0')}`;
        const customers = new Load(CUSTOMERS, 20, (worker) => ledger.writeInOrder(phone(worker)));
        const applications = new Load(4, 20, (worker) => ledger.send(() => stage.patchbay, phone(worker)));
        for (let kill = 0; kill < KILLS; kill += 1) {
          const heard = bot.calls.length;
          const after = 10 + Math.floor(Math.random() * 200);
          await bot.waitFor(() => bot.calls.length > heard + after, 60_000);
          await stage.patchbay.kill();
          await stage.start();
        }
        await customers.stop();
        await applications.stop();
        expect(await ledger.settled(() => stage.patchbay, 90_000)).toEqual(CLEAN);
      },
      120_000 + KILLS * 30_000,
    );
  },
);
