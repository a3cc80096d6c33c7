import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD } from './simulator.js';
import { ANN, NUMBER, simulate, WABA } from './simulation.fixture.js';
import type { Simulation } from './simulation.fixture.js';
import type { JsonObject } from './world.types.js';

const { businessId } = DEFAULT_WORLD;
const TEMPLATE: JsonObject = { type: 'template', template: { name: 'promo', language: { code: 'en_US' } } };
const person = (index: number): string => `+${16_500_000_000 + index}`;
const DAY_MS = 24 * 60 * 60 * 1000;

async function control({ sim }: Simulation, method: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return (await fetch(`${sim.url}/_sim${path}`, init)).json();
}

describe('the record of the limits', () => {
  it('holds what went out and came in, and is empty after a reset', async () => {
    const simulation = await simulate({ world: { wabas: [{ id: WABA, phoneNumbers: [{ id: NUMBER, mps: 2 }] }] } });
    const { sim, send } = simulation;
    sim.customer(ANN).write(NUMBER, 'hi');
    await send();
    await send();
    await send();
    expect(await control(simulation, 'GET', '/limits')).toMatchObject({
      mode: 'judge',
      numbers: { [NUMBER]: { mps: 2, burst: 1, sent: 3, inbound: 1, refused: 0 } },
      pair: { violations: 0 },
      portfolios: {},
    });
    expect(sim.limits.report().numbers[NUMBER]?.worst[1]).toMatchObject({ ms: 1000, count: 4, excess: 1 });
    await control(simulation, 'POST', '/reset');
    expect(await control(simulation, 'GET', '/limits')).toMatchObject({ numbers: {}, portfolios: {} });
  });

  it('does not count what was refused', async () => {
    const { sim, send } = await simulate();
    expect((await send()).body.error.code).toBe(131047);
    expect(sim.limits.report().numbers).toEqual({});
  });

  it.each([
    ['STANDARD', {}, 80],
    ['HIGH', {}, 1000],
    ['250', {}, 250],
    ['STANDARD', { is_on_biz_app: true }, 20],
  ])('knows the throughput of %s %j', async (level, extra, mps) => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.world.addPhoneNumber(WABA, { id: NUMBER, throughput: { level }, extra });
    await send();
    expect(sim.limits.report().numbers[NUMBER]).toMatchObject({ mps });
  });

  it('counts people outside a window once a day for the whole portfolio', async () => {
    const { sim, send, graph } = await simulate({
      world: {
        businesses: [{ id: businessId, messagingLimit: 2 }],
        wabas: [{ id: '55', phoneNumbers: [{ id: '66' }] }],
      },
    });
    sim.customer(ANN).write(NUMBER, 'hi');
    await send({ ...TEMPLATE, to: `+${ANN}` });
    await send({ ...TEMPLATE, to: person(1) });
    await send({ ...TEMPLATE, to: person(1) });
    await graph('POST', '/66/messages', { messaging_product: 'whatsapp', ...TEMPLATE, to: person(2) });
    const counts = (): unknown => sim.limits.report().portfolios[businessId];
    expect(counts()).toMatchObject({ limit: 2, unique: 2, worst: 2, excess: 0, violations: 0 });
    // The window is Ann's with the one number, not with the other.
    await graph('POST', '/66/messages', { messaging_product: 'whatsapp', ...TEMPLATE, to: `+${ANN}` });
    expect(counts()).toMatchObject({ unique: 3, excess: 1, violations: 1 });
    sim.advance(DAY_MS);
    expect(counts()).toMatchObject({ unique: 0, worst: 3 });
  });
});

describe('limits that are enforced', () => {
  it('refuse what is beyond the throughput with 130429', async () => {
    const { sim, send } = await simulate({ limits: 'enforce', window: 'open', now: () => 1_750_000_000_000 });
    sim.world.addPhoneNumber(WABA, { id: NUMBER, mps: 3 });
    const codes: unknown[] = [];
    for (let index = 0; index < 6; index += 1) {
      const { status, body } = await send({ to: person(index) });
      codes.push(status === 200 ? 200 : body.error.code);
    }
    expect(codes).toEqual([200, 200, 200, 200, 130429, 130429]);
    sim.advance(1000);
    expect((await send()).status).toBe(200);
    expect(sim.limits.report().numbers[NUMBER]).toMatchObject({ sent: 5, refused: 2 });
    expect(sim.limits.report().numbers[NUMBER]?.worst[1]?.excess).toBe(0);
  });

  it('refuse too many to the same person with 131056', async () => {
    const { sim, send } = await simulate({ limits: 'enforce', window: 'open', now: () => 1_750_000_000_000 });
    for (let index = 0; index < 45; index += 1) {
      expect((await send()).status).toBe(200);
    }
    expect((await send()).body.error.code).toBe(131056);
    expect((await send({ to: person(1) })).status).toBe(200);
    sim.advance(6000);
    expect((await send()).status).toBe(200);
    expect(sim.limits.report().pair).toMatchObject({ violations: 0, refused: 1 });
  });

  it('fail what is beyond the messaging limit, late or at once', async () => {
    const { sim, send, receiver } = await simulate({
      limits: 'enforce',
      world: { businesses: [{ id: businessId, messagingLimit: 1 }] },
    });
    await send({ ...TEMPLATE, to: person(1) });
    const { body } = await send({ ...TEMPLATE, to: person(2) });
    await sim.idle();
    const failed = receiver.statuses.find(({ id }) => id === body.messages[0].id);
    expect(failed).toMatchObject({ status: 'failed', errors: [{ code: 131048 }] });
    expect((await send({ ...TEMPLATE, to: person(1) })).status).toBe(200);
    Object.assign(sim.limits.settings, { tier: 'refuse', tierCode: 131049 });
    expect((await send({ ...TEMPLATE, to: person(3) })).body.error.code).toBe(131049);
    expect(sim.limits.report().portfolios[businessId]).toMatchObject({ unique: 1, refused: 2, violations: 0 });
    sim.customer(person(3)).write(NUMBER, 'hi');
    expect((await send({ ...TEMPLATE, to: person(3) })).status).toBe(200);
  });
});

describe('another system on the same number', () => {
  it('has statuses of its own and uses up the same limits', async () => {
    const simulation = await simulate();
    const { sim, receiver } = simulation;
    await control(simulation, 'POST', '/foreign', { number: NUMBER, to: ANN, category: 'marketing', count: 3 });
    await sim.idle();
    const of = (recipient: number): string[] =>
      receiver.statuses.filter((one) => one['recipient_id'] === String(recipient)).map(({ status }) => status);
    expect([0, 1, 2].map((index) => of(Number(ANN) + index))).toEqual([0, 1, 2].map(() => ['sent', 'delivered']));
    expect(receiver.statuses[0]).toMatchObject({ pricing: { category: 'marketing' } });
    expect(receiver.statuses[0]).not.toHaveProperty('biz_opaque_callback_data');
    expect([sim.sent.length, sim.customer(ANN).received.length]).toEqual([0, 0]);
    expect(sim.limits.report()).toMatchObject({
      numbers: { [NUMBER]: { sent: 0, foreign: 3 } },
      portfolios: { [businessId]: { unique: 3 } },
    });
  });

  it('keeps a pace when it is given one', async () => {
    const { sim } = await simulate();
    const began = performance.now();
    sim.foreign({ to: ANN, category: 'service', count: 21, perSecond: 200 });
    await sim.idle();
    expect(performance.now() - began).toBeGreaterThan(95);
    expect(sim.limits.report().numbers[NUMBER]).toMatchObject({ foreign: 21 });
  });
});

describe('a number that changes', () => {
  it('shows it in Graph and says so in webhooks', async () => {
    const simulation = await simulate();
    const { sim, graph, receiver } = simulation;
    await control(simulation, 'POST', `/numbers/${NUMBER}`, {
      throughput: 'HIGH',
      quality: 'RED',
      messagingLimit: 10_000,
      announce: true,
    });
    await sim.idle();
    const fields = 'throughput,quality_rating,whatsapp_business_manager_messaging_limit,messaging_limit_tier';
    expect((await graph('GET', `/${NUMBER}?fields=${fields}`)).body).toEqual({
      id: NUMBER,
      throughput: { level: 'HIGH' },
      quality_rating: 'RED',
      whatsapp_business_manager_messaging_limit: 'TIER_10K',
      messaging_limit_tier: 'TIER_10K',
    });
    const changes = receiver.webhooks.flatMap(({ json }) => json.entry.flatMap((entry) => entry.changes));
    expect(changes).toEqual(
      expect.arrayContaining([
        {
          field: 'phone_number_quality_update',
          value: {
            display_phone_number: '15550783881',
            event: 'THROUGHPUT_UPGRADE',
            max_daily_conversations_per_business: 'TIER_10K',
          },
        },
        { field: 'phone_number_quality_update', value: expect.objectContaining({ event: 'FLAGGED' }) },
        {
          field: 'business_capability_update',
          value: { max_daily_conversations_per_business: 'TIER_10K', max_phone_numbers_per_business: 20 },
        },
      ]),
    );
    expect(changes).toHaveLength(3);
  });

  it('says nothing unless it is told to', async () => {
    const { sim, receiver } = await simulate();
    sim.changeNumber(NUMBER, { throughput: 'HIGH', messagingLimit: 'unlimited' });
    await sim.idle();
    expect(receiver.webhooks).toEqual([]);
  });
});

describe('statuses in batches', () => {
  it('share POSTs of all sizes, none is lost and none is double', async () => {
    const { sim, send, receiver } = await simulate({
      window: 'open',
      statusBatch: 50,
      statuses: { sentMs: 0, deliveredMs: 0, readMs: 0 },
    });
    const replies = await Promise.all(Array.from({ length: 200 }, (_, index) => send({ to: person(index) })));
    await sim.idle();
    const seen = receiver.statuses.map(({ id, status }) => `${id} ${status}`);
    expect(new Set(seen).size).toBe(600);
    expect(seen).toHaveLength(600);
    for (const { body } of replies) {
      expect(seen).toContain(`${body.messages[0].id} read`);
    }
    const sizes = receiver.webhooks.map(({ json }) => {
      const value = json.entry[0]?.changes[0]?.value ?? {};
      expect((value['contacts'] as unknown[]).length).toBeLessThanOrEqual((value['statuses'] as unknown[]).length);
      return (value['statuses'] as unknown[]).length;
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    expect(Math.max(...sizes)).toBeGreaterThan(10);
    expect(receiver.webhooks.length).toBeLessThan(200);
  });
});

describe('a storm', () => {
  it('is over after its time', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.faults.add({ match: { path: '/messages', forMs: 60_000 }, do: { status: 503, bodyless: true } });
    expect((await send()).status).toBe(503);
    sim.advance(60_000);
    expect((await send()).status).toBe(200);
  });
});
