import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

type Body = Record<string, unknown>;

interface Item {
  readonly category: string;
  readonly type: string;
  readonly country: string;
  readonly messages: number;
  readonly charged: number;
  readonly cost?: { readonly currency: string; readonly amount: number };
  readonly unpriced?: number;
}

const DAY = 86_400_000;
const day = (offset: number): string => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);
const SPAN = `from=${day(-2)}&to=${day(2)}`;

describe('usage', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    const { world } = stage.sim;
    for (const category of ['MARKETING', 'UTILITY', 'AUTHENTICATION']) {
      world.addTemplate(WORLD.wabaId, { name: category.toLowerCase(), category });
    }
    await engage(stage);
    await stage.patchbay.call('POST', '/templates/sync', { body: {} });
  });

  afterAll(() => stage.close());

  async function usage(query: string): Promise<{ items: Item[]; total: Item; free: Body[] }> {
    const { status, body } = await stage.patchbay.call<never>('GET', `/usage?${SPAN}${query}`);
    expect(status).toBe(200);
    return body;
  }

  async function send(to: string, content: Body): Promise<string> {
    const body = { gateway: stage.uri, to, content };
    const { status, body: sent } = await stage.patchbay.call('POST', '/messages', { body });
    expect(status).toBe(202);
    return String(sent['id']);
  }

  const template = (name: string): Body => ({ type: 'template', name, language: 'en_US' });

  it('equals a recount of the messages, by what the network said of each', async () => {
    const phone = (() => {
      let last = 1_000;
      return (prefix: string) => `+${prefix}${(last += 1)}`;
    })();
    const ids = [
      ...(await Promise.all([1, 2, 3].map(() => send(phone('97150123'), template('marketing'))))),
      ...(await Promise.all([1, 2].map(() => send(phone('97150123'), template('utility'))))),
      await send(phone('1650555'), template('marketing')),
      await send(phone('38050123'), template('authentication')),
    ];
    const customer = stage.sim.customer('+16505559999');
    customer.write(WORLD.phoneNumberId, 'hi');
    await stage.bot.waitFor(({ type, message }) => type === 'message.received' && message?.text === 'hi');
    ids.push(await send('+16505559999', { type: 'text', text: 'hello' }));
    const settled = (id: string) =>
      eventually('the message to be settled', async () => {
        const { body } = await stage.patchbay.call<Body>('GET', `/messages/${id}`);
        return ['delivered', 'failed'].includes(String(body['status'])) && body;
      });
    const delivered = await Promise.all(ids.map(settled));
    // nothing else is on its way when the fault is to meet one message
    stage.sim.faults.add({ match: { path: '/messages', nth: 1 }, do: { statusError: { code: 131026 } } });
    const failing = await send(phone('97150123'), template('marketing'));
    const found = [...delivered, await settled(failing)];
    expect(found.filter(({ status }) => status === 'failed').map(({ id }) => id)).toEqual([failing]);
    const recount = new Map<string, number>();
    for (const { status, price } of found) {
      if (status !== 'delivered') continue;
      const { category, type } = price as { category: string; type: string };
      recount.set(`${category} ${type}`, (recount.get(`${category} ${type}`) ?? 0) + 1);
    }
    await eventually('all of them to be counted', async () => (await usage('')).total.messages === ids.length);
    const { items } = await usage('&groupBy=category,type');
    expect(new Map(items.map(({ category, type, messages }) => [`${category} ${type}`, messages]))).toEqual(recount);
    expect([...recount.keys()].toSorted()).toEqual([
      'authentication regular',
      'marketing regular',
      'service free_customer_service',
      'utility regular',
    ]);
    // what is told again changes nothing
    for (const message of stage.sim.sent) if (message.template === 'utility') stage.sim.emitStatus(message, 'read');
    await eventually('the messages to be read', async () => {
      const { body } = await stage.patchbay.call<Body>('GET', `/messages/${ids[3]}`);
      return body['status'] === 'read';
    });
    expect((await usage('')).total).toMatchObject({ messages: ids.length, charged: ids.length - 1 });
    const byCountry = (await usage('&groupBy=country')).items.map(({ country, messages }) => [country, messages]);
    expect(byCountry).toEqual([
      ['AE', 5],
      ['UA', 1],
      ['US', 2],
    ]);
  });

  it('shows what is left of the free messages, in the zone of the account', async () => {
    expect((await usage('')).free).toEqual([
      {
        account: WORLD.phoneNumberId,
        month: expect.stringMatching(/^\d{4}-\d{2}$/),
        timeZone: { name: 'America/Los_Angeles', known: true },
        category: 'service',
        used: 1,
        limit: 1000,
        left: 999,
      },
    ]);
  });

  it('costs what the rate card said on the day', async () => {
    expect((await usage('')).total).not.toHaveProperty('cost');
    const load = (body: string, key?: string) =>
      stage.patchbay.call<Body>('POST', '/rate-cards', {
        body,
        headers: { 'content-type': 'text/csv' },
        ...(key !== undefined && { key }),
      });
    const header = 'market,countries,currency,category,price,valid_from';
    expect(await load(`${header}\nUAE,AE,USD,marketing,x,2026-01-01`)).toMatchObject({
      status: 422,
      body: { code: 'rate_card.invalid', errors: [{ path: 'line 2.price' }] },
    });
    const lines = [
      'UAE,AE,USD,marketing,0.9,2020-01-01',
      `UAE,AE,USD,marketing,0.0499,${day(-10)}`,
      `UAE,AE,USD,marketing,7,${day(5)}`,
      'Rest,*,USD,marketing,0.5,2020-01-01',
      'UAE,AE,USD,utility,0.0157,2020-01-01',
    ];
    expect(await load([header, ...lines].join('\n'))).toMatchObject({ status: 200, body: { loaded: 5 } });
    const { items, total } = await usage('&groupBy=category');
    const cost = new Map(items.map((item) => [item.category, [item.cost?.amount, item.unpriced]]));
    expect(cost).toEqual(
      new Map([
        ['authentication', [undefined, 1]],
        ['marketing', [0.6497, undefined]],
        ['service', [undefined, undefined]],
        ['utility', [0.0314, undefined]],
      ]),
    );
    expect(total).toMatchObject({ cost: { currency: 'USD', amount: 0.6811 }, unpriced: 1 });
    const { body: page } = await stage.patchbay.call('GET', '/rate-cards?limit=2');
    expect(page).toMatchObject({ items: [{ market: 'UAE' }, { market: 'Rest' }], next: expect.any(String) });

    const key = await stage.patchbay.call<Body>('POST', '/keys', {
      body: { name: 'one', permissions: ['gateways:read', 'gateways:write'], gateways: [stage.uri] },
    });
    expect((await load(header, String(key.body['key']))).status).toBe(403);
  });

  it.each(['to=2026-11-01', 'from=2026-11-02&to=2026-11-01', 'from=2026-02-30&to=2026-03-01', `${SPAN}&groupBy=name`])(
    'refuses %s',
    async (query) => {
      expect((await stage.patchbay.call('GET', `/usage?${query}`)).status).toBe(400);
    },
  );
});
