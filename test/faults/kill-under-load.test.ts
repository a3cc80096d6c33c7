import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultStage, Load, ROUNDS, report } from '../support/fault-stage.js';
import { TestRedis, hasOwnRedis } from '../support/redis.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };
const CUSTOMERS = 8;

/** Every test has people of its own: what one was sent counts for minutes. */
let people = 0;
const KILLS = 1 + ROUNDS;

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
        const from = (people += 100);
        const customers = new Load(CUSTOMERS, 150, (worker) => ledger.writeInOrder(phone(from + worker)));
        const applications = new Load(4, 150, (worker) => ledger.send(() => stage.patchbay, phone(from + worker)));
        let slowest = 0;
        for (let kill = 0; kill < KILLS; kill += 1) {
          const heard = bot.calls.length;
          const after = 10 + Math.floor(Math.random() * 200);
          await bot.waitFor(() => bot.calls.length > heard + after, 60_000);
          await stage.patchbay.kill();
          const diedAt = Date.now();
          const atDeath = bot.calls.length;
          await stage.start();
          await bot.waitFor(() => bot.calls.length > atDeath, 60_000);
          slowest = Math.max(slowest, Date.now() - diedAt);
        }
        const stopping = Date.now();
        await customers.stop();
        await applications.stop();
        expect(await ledger.settled(() => stage.patchbay, 90_000)).toEqual(CLEAN);
        report(`kill -9, ${KILLS} deaths, queue on ${queue}`, stage.ledger, {
          'death to next bot call at most': slowest,
          'settled after the load': Date.now() - stopping,
        });
      },
      120_000 + KILLS * 30_000,
    );
  },
);
