import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { FaultStage, Load, ROUNDS, report } from '../support/fault-stage.js';
import { TestRedis, describeWithRedis } from '../support/redis.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };
const CUSTOMERS = 6;

/** Every test has people of its own: what one was sent counts for minutes. */
let people = 0;
const DOWN_MS = ROUNDS > 1 ? 30_000 : 10_000;

describeWithRedis(
  'Redis away, empty or back without its data, under load',
  () => {
    let redis: TestRedis;
    let stage: FaultStage;
    const phone = (worker: number): string => `1650558${String(worker).padStart(4, '0')}`;

    beforeAll(async () => {
      // Nothing on disk: whoever is killed comes back empty.
      redis = await TestRedis.start(['--appendonly', 'no']);
      stage = await FaultStage.open({ env: { REDIS_URL: redis.url }, metadata: { settle_seconds: '20' } });
    });

    afterAll(async () => {
      await stage.close();
      await redis.stop();
    });

    const underLoad = async (what: string, fault: () => Promise<void>): Promise<void> => {
      const { ledger, patchbay, bot } = stage;
      const from = (people += 100);
      const customers = new Load(CUSTOMERS, 150, (worker) => ledger.writeInOrder(phone(from + worker)));
      const applications = new Load(2, 150, (worker) => ledger.send(() => stage.patchbay, phone(from + worker)));
      const before = bot.calls.length;
      await bot.waitFor(() => bot.calls.length > before + 20);
      await fault();
      const back = Date.now();
      await patchbay.waitUntilReady(15_000);
      const ready = Date.now() - back;
      const heard = bot.calls.length;
      await bot.waitFor(() => bot.calls.length > heard + 20, 20_000);
      const resumed = Date.now() - back;
      await customers.stop();
      await applications.stop();
      expect(await ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
      report(`Redis ${what}`, stage.ledger, { ready, resumed, settled: Date.now() - back });
      expect(await Promise.race([patchbay.exited, Promise.resolve('it still runs')])).toBe('it still runs');
    };

    it('down for a while: ready says so, and everything goes on when it is back', async () => {
      await underLoad('down for a while', async () => {
        const failing = stage.untilFailing('queue');
        await Promise.all([redis.restart(DOWN_MS), failing]);
      });
    });

    it('killed and back without its data', async () => {
      await underLoad('killed and back without its data', async () => {
        await redis.kill();
        await redis.revive();
      });
    });

    it('emptied by FLUSHALL', async () => {
      const client = new Redis(redis.url);
      await underLoad('emptied', async () => {
        for (let round = 0; round < 5; round += 1) await client.flushall();
      });
      client.disconnect();
    });
  },
  'own',
);
