import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD, startSimulator } from './simulator.js';
import { ANN, NUMBER, simulate, TEXT, WABA } from './simulation.fixture.js';

describe('the seed', () => {
  const run = async (seed: number): Promise<string> => {
    const { sim, send, receiver } = await simulate({ window: 'open', seed, now: () => 1_750_000_000_000 });
    sim.faults.add({ match: { probability: 0.5 }, do: { error: { code: 131000 } } });
    sim.faults.add({ match: { update: 'status' }, do: { reorder: 4 } });
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.idle();
    const replies: unknown[] = [];
    for (let index = 0; index < 12; index += 1) {
      replies.push((await send()).body);
      await sim.idle();
    }
    return JSON.stringify([replies, receiver.values]);
  };

  it('makes the same ids, errors and webhooks again, and others with another', async () => {
    const [one, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  it('is a fresh one unless it is given', async () => {
    const [one, other] = [await startSimulator(), await startSimulator()];
    expect(one.seed).not.toBe(other.seed);
    await Promise.all([one.close(), other.close()]);
  });
});

describe('the records', () => {
  it('hold every call with its answer', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    const { body } = await send();
    expect(sim.requests).toEqual([
      {
        at: expect.any(Number),
        method: 'POST',
        path: `/${NUMBER}/messages`,
        version: 'v26.0',
        query: {},
        body: TEXT,
        token: DEFAULT_WORLD.token,
        isBatchPart: false,
        status: 200,
        answer: body,
      },
    ]);
  });

  it('forget the oldest beyond their limit, and count all', async () => {
    const { sim, send } = await simulate({ window: 'open', record: 4 });
    for (let index = 0; index < 50; index += 1) {
      await send({ text: { body: String(index) } });
    }
    await sim.idle();
    expect(sim.sent.at(-1)?.text).toBe('49');
    expect(sim.sent.length).toBeLessThanOrEqual(20);
    expect(sim.counts).toMatchObject({ sent: 50, requests: 50, webhooks: 100, delivered: 100 });
  });

  it('can be left out', async () => {
    const { sim, send } = await simulate({ window: 'open', record: false });
    await send();
    await sim.idle();
    expect([sim.requests.length, sim.sent.length, sim.webhooks.length]).toEqual([0, 0, 0]);
    expect(sim.counts).toMatchObject({ sent: 1, requests: 1, webhooks: 2 });
  });
});

describe('emitStatus', () => {
  it('says what never happened', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open', statuses: false });
    const { body } = await send();
    sim.emitStatus(body.messages[0].id, 'failed', { code: 131049 });
    sim.emitStatus({ ...sim.sent[0]!, id: 'wamid.of-somebody-else' }, 'played');
    await sim.idle();
    expect(receiver.statuses.map(({ id, status }) => [id, status])).toEqual(
      expect.arrayContaining([
        [body.messages[0].id, 'failed'],
        ['wamid.of-somebody-else', 'played'],
      ]),
    );
    expect(() => sim.emitStatus('wamid.none', 'read')).toThrow(/no message wamid.none/);
  });
});

describe('idle', () => {
  it('waits for what is scheduled and for what is not acknowledged', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open', statuses: { sentMs: 10, deliveredMs: 10 } });
    receiver.answers = [500, 500];
    await send();
    await sim.idle();
    expect(receiver.statuses.map(({ status }) => status).sort()).toEqual(expect.arrayContaining(['delivered', 'sent']));
    expect(sim.counts).toMatchObject({ pending: 0, delivered: 2 });
  });

  it('says what it still waits for when the time is over', async () => {
    const { sim } = await simulate();
    sim.world.app(DEFAULT_WORLD.appId).callback!.url = 'http://127.0.0.1:9/';
    sim.customer(ANN).write(NUMBER, 'hi');
    await expect(sim.idle(5)).rejects.toThrow(/still busy with 1/);
  });
});

describe('reset', () => {
  it('brings the configured world back and forgets everything else', async () => {
    const { sim, send } = await simulate({ statuses: { sentMs: 60_000 } });
    sim.customer(ANN).write(NUMBER, 'hi');
    sim.world.addWaba({ id: '55' });
    sim.world.phoneNumber(NUMBER).status = 'BANNED';
    sim.faults.add({ do: { delayMs: 60_000 } });
    sim.reset();
    expect([...sim.world.wabas.keys()]).toEqual([WABA]);
    expect(sim.world.phoneNumber(NUMBER).status).toBe('CONNECTED');
    expect((await send()).body.error.code).toBe(131047);
    expect(sim.counts).toMatchObject({ sent: 0, pending: 0 });
  });
});

describe('close', () => {
  it('ends retries, delays, batches and waits at once', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open', retry: { firstMs: 60_000 } });
    receiver.answers = [500];
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.until(() => sim.webhooks.length === 1);
    sim.faults.add({ match: { path: '/messages' }, do: { delayMs: 60_000, delayStatusesMs: 60_000 } });
    sim.faults.add({ do: { batch: 10, withinMs: 60_000 } });
    sim.customer(ANN).write(NUMBER, 'again');
    const sending = send().then(
      () => 'answered',
      () => 'cut',
    );
    await sim.until(() => sim.sent.length === 1);
    const idle = sim.idle().catch((error: Error) => error.message);
    await sim.close();
    expect(await idle).toMatch(/closed/);
    expect(await sending).toBe('cut');
    expect(sim.counts.pending).toBe(0);
  });
});
