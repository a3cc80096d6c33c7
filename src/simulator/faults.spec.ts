import { describe, expect, it } from '@jest/globals';
import type { FaultInput } from './simulator.js';
import { ANN, NUMBER, simulate, WABA } from './simulation.fixture.js';

const BEN = '16505559999';

describe('a fault of a call', () => {
  it('answers with an error in the shape of Meta', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ match: { path: '/messages' }, do: { error: { code: 131056, details: 'slow down' } } });
    expect(await send()).toMatchObject({
      status: 429,
      body: { error: { code: 131056, error_data: { details: 'slow down' }, fbtrace_id: expect.any(String) } },
    });
    expect(sim.sent).toHaveLength(0);
  });

  it('answers without a body', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ do: { status: 503, bodyless: true } });
    expect(await send()).toEqual({ status: 503, body: undefined });
  });

  it('cuts the connection before the message is accepted', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ do: { drop: 'before' } });
    await expect(send()).rejects.toThrow();
    expect(sim.sent).toHaveLength(0);
    expect(sim.requests.at(-1)?.status).toBe(0);
  });

  it('cuts the connection after the message was accepted', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    sim.faults.add({ do: { drop: 'after' } });
    await expect(send({ biz_opaque_callback_data: 'in doubt' })).rejects.toThrow();
    await sim.idle();
    expect(sim.sent).toHaveLength(1);
    expect(receiver.statuses.map((status) => status['biz_opaque_callback_data'])).toEqual(['in doubt', 'in doubt']);
  });

  it('answers late, after the message was accepted', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ do: { delayMs: 30 } });
    const startedAt = performance.now();
    const sending = send();
    await sim.until(() => sim.sent.length === 1);
    expect(sim.requests.at(-1)?.status).toBeUndefined();
    expect((await sending).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  it('fails the message after it was accepted', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    sim.faults.add({ do: { statusError: { code: 131026 } } });
    expect((await send()).status).toBe(200);
    await sim.idle();
    expect(receiver.statuses).toEqual([
      expect.objectContaining({ status: 'failed', errors: [expect.objectContaining({ code: 131026 })] }),
    ]);
  });

  it('withholds statuses until they are released, with their own time', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    const first = sim.faults.add({ do: { withholdStatuses: ['delivered'] } });
    await send();
    await sim.idle();
    expect(receiver.statuses.map(({ status }) => status)).toEqual(['sent']);
    const { timestamp } = receiver.statuses[0] as { timestamp?: string };
    first.remove();
    sim.faults.add({ do: { withholdStatuses: true } });
    await send();
    await sim.until(() => sim.counts.withheld === 3);
    sim.advance(60_000);
    expect(sim.releaseStatuses()).toBe(3);
    await sim.idle();
    expect(receiver.statuses).toHaveLength(4);
    const late = receiver.statuses.find(({ id, status }) => id === sim.sent[0]?.id && status === 'delivered');
    expect(Number(late?.['timestamp']) - Number(timestamp)).toBeLessThan(30);
  });

  it('delays the statuses', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ do: { delayStatusesMs: 30 } });
    await send();
    const startedAt = performance.now();
    await sim.idle();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(20);
  });

  it('reads without delivered', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    sim.faults.add({ do: { readWithoutDelivered: true } });
    await send();
    await sim.idle();
    expect(receiver.statuses.map(({ status, pricing }) => [status, pricing !== undefined])).toEqual([
      ['sent', true],
      ['read', true],
    ]);
  });

  it('lets the status overtake the answer', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    sim.faults.add({ do: { statusBeforeAnswer: true } });
    const sending = send();
    let answered = false;
    void sending.then(() => (answered = true));
    await sim.until(() => sim.webhooks.length === 1);
    expect([receiver.statuses[0]?.status, answered]).toEqual(['sent', false]);
    expect((await sending).body.messages[0].id).toBe(receiver.statuses[0]?.id);
    await sim.idle();
    expect(receiver.statuses.map(({ status }) => status)).toEqual(['sent', 'delivered']);
  });
});

describe('a fault of a webhook', () => {
  it('duplicates', async () => {
    const { sim, receiver } = await simulate();
    sim.faults.add({ match: { update: 'message' }, do: { duplicate: 2 } });
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(3);
    expect(new Set(receiver.webhooks.map(({ bytes }) => bytes.toString())).size).toBe(1);
  });

  it('reorders', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    sim.faults.add({ match: { update: 'status' }, do: { reorder: true } });
    await send();
    await sim.idle();
    expect(receiver.statuses.map(({ status }) => status)).toEqual(['delivered', 'sent']);
  });

  it('batches over numbers and WABAs into one POST', async () => {
    const { sim, receiver } = await simulate();
    sim.world.addWaba({ id: '55', phoneNumbers: [{ id: '66' }] });
    sim.world.subscribe('55', '1234567890');
    sim.world.addPhoneNumber(WABA, { id: '67' });
    sim.faults.add({ do: { batch: 5 } });
    sim.customer(ANN, { name: 'Ann' }).write(NUMBER, 'one');
    sim.customer(BEN, { name: 'Ben' }).write(NUMBER, 'two');
    sim.customer(ANN).write('67', 'another number');
    sim.customer(ANN).write('66', 'three');
    sim.emit('account_update', WABA, { event: 'x' });
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(1);
    const { entry } = receiver.webhooks[0]!.json;
    expect(entry.map(({ id, changes }) => [id, changes.map(({ field }) => field)])).toEqual([
      [WABA, ['messages', 'messages', 'account_update']],
      ['55', ['messages']],
    ]);
    expect(entry[0]?.changes[0]?.value).toMatchObject({
      contacts: [{ profile: { name: 'Ann' } }, { profile: { name: 'Ben' } }],
      messages: [{ text: { body: 'one' } }, { text: { body: 'two' } }],
    });
  });

  it('does not wait for ever for a batch to fill', async () => {
    const { sim, receiver } = await simulate();
    sim.faults.add({ do: { batch: 1000, withinMs: 5 } });
    sim.customer(ANN).write(NUMBER, 'one');
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(1);
  });
});

describe('what a fault meets', () => {
  const hit = { error: { code: 131000 } };

  it.each<[string, FaultInput['match'], boolean[]]>([
    ['the n-th', { nth: 2 }, [false, true, false, false]],
    ['every n-th', { every: 2 }, [false, true, false, true]],
    ['at most so many', { times: 1 }, [true, false, false, false]],
    ['every n-th, at most so many', { every: 2, times: 1 }, [false, true, false, false]],
    ['never, by probability', { probability: 0 }, [false, false, false, false]],
    ['always, by probability', { probability: 1 }, [true, true, true, true]],
    ['another path', { path: '/subscribed_apps' }, [false, false, false, false]],
    ['the whole path', { path: `/${NUMBER}/messages` }, [true, true, true, true]],
    ['a pattern', { path: /^\/\d+\/MESSAGES$/i }, [true, true, true, true]],
    ['a pattern as text', { pathPattern: 'messages$' }, [true, true, true, true]],
    ['another method', { method: 'GET' }, [false, false, false, false]],
    ['one customer', { to: '+1 650 555 9999' }, [false, false, false, true]],
  ])('%s', async (_name, match, expected) => {
    const { sim, send } = await simulate({ window: 'open' });
    const fault = sim.faults.add({ ...(match === undefined ? {} : { match }), do: hit });
    const struck: boolean[] = [];
    for (const to of [ANN, ANN, ANN, BEN]) {
      struck.push((await send({ to })).status !== 200);
    }
    expect(struck).toEqual(expected);
    expect(fault.hits).toBe(expected.filter(Boolean).length);
  });

  it('is decided by seeded dice', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const { sim, send } = await simulate({ window: 'open', seed });
      sim.faults.add({ match: { probability: 0.5 }, do: hit });
      const statuses: number[] = [];
      for (let index = 0; index < 30; index += 1) {
        statuses.push((await send()).status);
      }
      return statuses;
    };
    const [one, again, other] = [await run(7), await run(7), await run(8)];
    expect(one.filter((status) => status === 200).length).toBeGreaterThan(5);
    expect(one.filter((status) => status !== 200).length).toBeGreaterThan(5);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('may be a status of one kind', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    sim.faults.add({ match: { status: 'delivered' }, do: { duplicate: 1 } });
    await send();
    await sim.idle();
    expect(receiver.statuses.map(({ status }) => status)).toEqual(['sent', 'delivered', 'delivered']);
  });

  it('lets the first fault win where two say the same thing', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ do: { error: { code: 130429 } } });
    sim.faults.add({ do: hit });
    expect((await send()).body.error.code).toBe(130429);
    sim.faults.clear();
    expect((await send()).status).toBe(200);
  });

  it.each([
    [{ do: {} }, /does one or more of/],
    [{ do: { delay: 5 } }, /not delay/],
    [{ do: { duplicate: 1, delayMs: 5 } }, /not delayMs/],
    [{ match: { field: 'messages' }, do: { delayMs: 5 } }, /a fault of a call cannot match by field/],
    [{ match: { path: '/x' }, do: { duplicate: 1 } }, /a fault of a webhook cannot match by path/],
    [{ match: { nht: 2 }, do: { delayMs: 5 } }, /cannot match by nht/],
  ])('must exist: refuses %j', async (fault, sentence) => {
    const { sim } = await simulate();
    expect(() => sim.faults.add(fault as unknown as FaultInput)).toThrow(sentence);
  });
});
