import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { TestBot } from '../support/bot.js';
import { createDatabase } from '../support/database.js';
import { type Patchbay, freePort, startPatchbay } from '../support/patchbay.js';
import { TestRedis, hasOwnRedis } from '../support/redis.js';
import { WORLD, engage } from '../support/stage.js';

/** More than is sent while the test looks, at 80 a second. */
const BACKLOG = 2_500;

/** What was admitted before a death has left by then. */
const LEFT_MS = 1_000;

/**
 * The sweepers look every second, and act when an account has not moved between two looks. BullMQ alone notices a dead process
 * after 6 to 9 s; a busy machine gets what lies between.
 */
const RESUMES_WITHIN_MS = 5_000;

const START_MS = 200_000;

describe.each(hasOwnRedis ? ['postgresql', 'redis'] : ['postgresql'])('a worker dies, queue on %s', (queue) => {
  let sim: Simulator;
  let bot: TestBot;
  let redis: TestRedis | undefined;
  let api: Patchbay;
  let workers: Patchbay[] = [];

  beforeAll(async () => {
    if (queue === 'redis') redis = await TestRedis.start();
    const port = await freePort();
    bot = await TestBot.start();
    sim = await startSimulator({ seed: 1, webhookUrl: `http://127.0.0.1:${port}/chat/acme` });
    sim.world.merge({
      wabas: [{ id: WORLD.wabaId, templates: [{ name: 'notice', components: [{ type: 'BODY', text: 'It is so' }] }] }],
    });
    sim.changeNumber(WORLD.phoneNumberId, { messagingLimit: 'unlimited' });
    const env = {
      DATABASE_URL: await createDatabase(),
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      ALLOW_PRIVATE_URLS: 'true',
      GRAPH_URL: sim.url,
      ...(redis && { REDIS_URL: redis.url }),
    };
    [api, ...workers] = (await Promise.all(
      ['api', 'worker', 'worker', 'worker'].map(async (ROLES) => {
        const patchbay = await startPatchbay({
          ...(ROLES === 'api' && { port }),
          env: { ...env, ROLES },
          waitUntilReady: false,
        });
        await patchbay.waitUntilReady(START_MS);
        return patchbay;
      }),
    )) as [Patchbay, ...Patchbay[]];
    await engage({ patchbay: api, sim, bot, uri: 'acme', close: async () => {} });
  }, START_MS);

  afterAll(async () => {
    for (const process of [api, ...workers]) await process?.dispose();
    await sim.close();
    await bot.close();
    await redis?.stop();
  });

  it(`its account goes on within ${RESUMES_WITHIN_MS / 1_000} s, and nothing is sent twice`, async () => {
    const messages = Array.from({ length: BACKLOG }, (_, index) => ({
      gateway: 'acme',
      to: `+1650558${String(index).padStart(4, '0')}`,
      content: { type: 'template', name: 'notice', language: 'en_US' },
    }));
    const [admits, ...others] = workers as [Patchbay, ...Patchbay[]];
    // While the others stand still one begins with the account, and stays with it as long as there is something to give out.
    for (const { pid } of others) process.kill(pid, 'SIGSTOP');
    const { status, text } = await api.call('POST', '/messages/batch', { body: { messages } });
    expect([status, text.includes('"error"')]).toEqual([202, false]);
    await sim.until(() => sim.sent.length > 20, 60_000);
    for (const { pid } of others) process.kill(pid, 'SIGCONT');
    const before = sim.sent.length;
    await sim.until(() => sim.sent.length > before + 160, 60_000);
    await admits.kill();
    const diedAt = Date.now();
    const resumed = () => sim.sent.find(({ at }) => at > diedAt + LEFT_MS);
    await sim.until(() => resumed() !== undefined, 60_000);
    const gap = (resumed()?.at ?? Infinity) - diedAt;
    process.stderr.write(`faults: admission taken over after ${gap} ms, queue on ${queue}\n`);
    expect(gap).toBeLessThan(RESUMES_WITHIN_MS);
    const after = sim.sent.length;
    await sim.until(() => sim.sent.length > after + 400, 60_000);
    expect(new Set(sim.sent.map(({ phone }) => phone)).size).toBe(sim.sent.length);
  }, 240_000);
});
