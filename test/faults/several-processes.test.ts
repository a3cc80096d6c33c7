import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { TestBot } from '../support/bot.js';
import { createEmptyDatabase } from '../support/database.js';
import { Load, report, FAST } from '../support/fault-stage.js';
import { Ledger } from '../support/ledger.js';
import { type Patchbay, eventually, freePort, startPatchbay } from '../support/patchbay.js';
import { TestRedis, hasOwnRedis } from '../support/redis.js';
import { WORLD, databaseEnvironment, engage } from '../support/stage.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };
const CUSTOMERS = 6;

describe.each(hasOwnRedis ? ['postgresql', 'redis'] : ['postgresql'])('several processes, queue on %s', (queue) => {
  let sim: Simulator;
  let bot: TestBot;
  let ledger: Ledger;
  let redis: TestRedis | undefined;
  /** only answers; does both; only works */
  let api: Patchbay;
  let both: Patchbay;
  let worker: Patchbay;

  beforeAll(async () => {
    if (queue === 'redis') redis = await TestRedis.start();
    const ports = [await freePort(), await freePort(), await freePort()];
    bot = await TestBot.start();
    sim = await startSimulator({
      seed: 1,
      webhookUrl: `http://127.0.0.1:${ports[0]}/chat/acme`,
      retry: { capMs: 500 },
    });
    sim.changeNumber(WORLD.phoneNumberId, FAST);
    ledger = new Ledger(sim, bot);
    const env = {
      ...databaseEnvironment(await createEmptyDatabase()),
      GRAPH_URL: sim.url,
      ...(redis && { REDIS_URL: redis.url }),
    };
    [api, both, worker] = (await Promise.all(
      ['api', 'api,worker', 'worker'].map((ROLES, index) =>
        startPatchbay({ port: ports[index] as number, env: { ...env, ROLES } }),
      ),
    )) as [Patchbay, Patchbay, Patchbay];
    await engage(
      { patchbay: api, sim, bot, uri: 'acme', close: async () => {} },
      { metadata: { settle_seconds: '2' }, bot: { events: ['message.received'] } },
    );
  });

  afterAll(async () => {
    for (const process of [api, both, worker]) await process?.dispose();
    await sim.close();
    await bot.close();
    await redis?.stop();
  });

  it('that start at the same moment migrate once', () => {
    const migrated = [api, both, worker].map(
      ({ logLines }) => logLines.filter((line) => line.includes('"msg":"migrated"')).length,
    );
    expect(migrated.filter((count) => count > 0)).toHaveLength(1);
  });

  it('take the same webhook at the same moment once', async () => {
    await eventually('the other process to know the gateway', async () => {
      const { status } = await both.call('GET', '//chat/acme?whatsapp=search');
      return status === 200;
    });
    const texts = Array.from({ length: 20 }, (_, index) => `same ${index}`);
    await Promise.all(
      texts.map(async (text, index) => {
        const from = `1650560${String(index).padStart(4, '0')}`;
        sim.windows.open(WORLD.phoneNumberId, from);
        const body = webhook(text, from);
        const answers = await Promise.all(
          [api, both].map(({ url }) => sim.postWebhook(body, { target: `${url}/chat/acme` })),
        );
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      }),
    );
    await Promise.all(texts.map((text) => bot.waitFor(({ message }) => message?.text === text)));
    await sim.until(() => sim.sent.filter(({ text }) => text?.startsWith('re: same')).length >= texts.length);
    await ledger.settled(() => api);
    const ids = new Set(bot.events.filter(({ message }) => message?.text?.startsWith('same')).map(({ id }) => id));
    expect(ids.size).toBe(texts.length);
    const replies = sim.sent.filter(({ text }) => text?.startsWith('re: same')).map(({ text }) => text);
    expect(new Set(replies).size).toBe(replies.length);
    expect(replies).toHaveLength(texts.length);
  });

  it('take over within 15 s from one that is killed, in order, with nothing lost or doubled', async () => {
    const phone = (customer: number): string => `1650561${String(customer).padStart(4, '0')}`;
    const last = new Map<number, string>();
    const customers = new Load(CUSTOMERS, 100, async (customer) => {
      last.set(customer, await ledger.writeInOrder(phone(customer)));
    });
    const applications = new Load(2, 100, (customer) => ledger.send(() => api, phone(customer)));
    const before = bot.calls.length;
    await bot.waitFor(() => bot.calls.length > before + 60);
    await both.kill();
    const diedAt = Date.now();
    const atDeath = [...last.values()];
    await Promise.all(atDeath.map((text) => bot.waitFor(({ message }) => message?.text === text, 15_000)));
    const takenOver = Date.now() - diedAt;
    await customers.stop();
    await applications.stop();
    expect(await ledger.settled(() => api)).toEqual(CLEAN);
    report(`one of several killed, queue on ${queue}`, ledger, { takenOver, settled: Date.now() - diedAt });
  });
});

function webhook(text: string, from: string): object & Record<string, never> {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: WORLD.wabaId,
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: WORLD.phoneNumberId },
              contacts: [{ profile: { name: 'Sheena' }, wa_id: from }],
              messages: [
                {
                  from,
                  id: `wamid.${Buffer.from(text).toString('base64')}`,
                  timestamp: String(Math.floor(Date.now() / 1_000)),
                  type: 'text',
                  text: { body: text },
                },
              ],
            },
          },
        ],
      },
    ],
  } as never;
}
