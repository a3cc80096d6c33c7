import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { WabaInput } from '../../src/simulator/simulator.js';
import type { Answer } from '../support/patchbay.js';
import { type Stage, WORLD, openStage } from '../support/stage.js';
import { ASKED, askedOf } from '../support/asked.js';

interface Item {
  readonly id: string;
  readonly phone_numbers: { readonly id: string; readonly active: boolean }[];
  readonly subscribed_fields?: string[];
  readonly warning?: string;
  readonly error?: { readonly code: number | string; readonly message: string };
}

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const OTHER_APP = { id: '77', secret: 'secret-of-the-other-app' };
/** Scopes that are granted without saying for what: no way but the edges shows the accounts. */
const UNTARGETED = ['whatsapp_business_management', 'whatsapp_business_messaging', 'business_management'].map(
  (scope) => ({ scope }),
);
const waba = (id: string, numbers: readonly string[]): WabaInput => ({
  id,
  name: `Account ${id}`,
  assignedTo: [],
  ownedBy: null,
  phoneNumbers: numbers.map((number) => ({ id: number })),
});

let stage: Stage;
let count = 0;

beforeAll(async () => {
  stage = await openStage({
    simulator: {
      world: {
        apps: [OTHER_APP],
        wabas: [
          waba('301', ['3011']),
          waba('302', ['3021']),
          waba('303', ['3031']),
          waba('304', ['3041']),
          waba('9', ['92', '91', '10']),
          waba('10', ['101']),
          ...Array.from({ length: 130 }, (_, n) => waba(`5${String(n).padStart(3, '0')}`, [])),
          waba(
            '600',
            Array.from({ length: 230 }, (_, n) => `6${String(n).padStart(3, '0')}`),
          ),
        ],
        businesses: [
          { id: '401', owned: ['303'], clients: ['304'] },
          { id: '402', owned: Array.from({ length: 130 }, (_, n) => `5${String(n).padStart(3, '0')}`) },
          { id: '403', clients: ['600'] },
        ],
        users: [
          { id: 'none' },
          { id: 'assigned', assigned: ['302'] },
          { id: 'business', businesses: ['401'] },
          { id: 'all', assigned: ['302', '303'], businesses: ['401'] },
          { id: 'many', businesses: ['402', '403'] },
          { id: 'two', assigned: ['9', '10'] },
        ],
        tokens: [
          {
            token: 'EAA-granular',
            userId: 'none',
            granularScopes: UNTARGETED.map(({ scope }) => ({
              scope,
              ...(scope !== 'business_management' && { target_ids: ['301'] }),
            })),
          },
          { token: 'EAA-assigned', userId: 'assigned', granularScopes: UNTARGETED },
          { token: 'EAA-business', userId: 'business', granularScopes: UNTARGETED },
          { token: 'EAA-all', userId: 'all', granularScopes: UNTARGETED },
          { token: 'EAA-many', userId: 'many', granularScopes: UNTARGETED },
          { token: 'EAA-two', userId: 'two' },
          { token: 'EAA-two-elsewhere', userId: 'two', appId: OTHER_APP.id },
          { token: 'EAA-nothing', userId: 'none', granularScopes: UNTARGETED },
        ],
      },
    },
  });
  disengage();
});

afterAll(() => stage.close());

/** Nothing is engaged any more, at Meta and here. */
afterEach(async () => {
  stage.sim.faults.clear();
  const { body } = await stage.patchbay.call<{ items: { id: string }[] }>('GET', '/gateways?limit=200');
  for (const { id } of body.items) await stage.patchbay.call('DELETE', `/gateways/${id}?force=true`);
  disengage();
});

function disengage(): void {
  for (const { subscribedApps } of stage.sim.world.wabas.values()) subscribedApps.clear();
}

const run = <T = Item[]>(uri: string, operation: string, key?: string | null): Promise<Answer<T>> =>
  stage.patchbay.command<T>(uri, `whatsapp=${operation}`, key === undefined ? {} : { key });

/** A gateway of its own for a test; its uri. */
async function gateway(token: string, metadata: object = {}): Promise<string> {
  count += 1;
  const uri = `g/${count}`;
  const made = await stage.patchbay.call('POST', '/gateways', {
    body: { name: uri, uri, type: 'messenger', metadata: { whatsapp_token: token, ...metadata } },
  });
  expect(made).toMatchObject({ status: 201, body: { status: 'ok' } });
  return uri;
}

/** The default world's accounts, found and not yet engaged. */
async function ready(token = 'EAA-two', metadata: object = { client_id: WORLD.appId }): Promise<string> {
  const uri = await gateway(token, metadata);
  expect((await run(uri, 'setup')).status).toBe(200);
  return uri;
}

const active = (list: readonly Item[]): string[] =>
  list.flatMap(({ phone_numbers: numbers }) => numbers.filter((number) => number.active).map(({ id }) => id));
const subscribedAt = (id: string): string[] => [...stage.sim.world.waba(id).subscribedApps.keys()];
const posts = (): number => stage.sim.requests.filter(({ method }) => method !== 'GET').length;

describe('setup', () => {
  it('answers the list as the contract has it, and activates nothing', async () => {
    const uri = await gateway(WORLD.token);
    const answer = await run(uri, 'setup');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const list = [
      {
        id: WORLD.wabaId,
        name: 'Acme',
        country: 'US',
        account_review_status: 'APPROVED',
        business_verification_status: 'verified',
        ownership_type: 'SELF',
        phone_numbers: [
          {
            id: WORLD.phoneNumberId,
            display_phone_number: WORLD.displayPhoneNumber,
            verified_name: 'Acme',
            status: 'CONNECTED',
            quality_rating: 'GREEN',
            messaging_limit: 'TIER_2K',
            throughput: 'STANDARD',
            account_mode: 'LIVE',
            name_status: 'APPROVED',
            active: false,
          },
        ],
      },
    ];
    expect(answer.body).toEqual(list);
    expect(subscribedAt(WORLD.wabaId)).toEqual([]);

    const asked = askedOf(stage.sim);
    for (const operation of ['', 'search', `search&id=${WORLD.wabaId}`, `&id=${WORLD.phoneNumberId}`]) {
      const found = await run(uri, operation);
      expect([operation, found.body]).toEqual([operation, list]);
      expect(found.headers.get('cache-control')).toBe('no-store');
    }
    expect((await run(uri, 'search&id=404')).body).toEqual([]);
    expect(askedOf(stage.sim)).toBe(asked);
  });

  it.each([
    ['the granular scopes of the token', 'EAA-granular', ['301']],
    ['what is assigned to its user', 'EAA-assigned', ['302']],
    ['what the businesses own and what clients share with them', 'EAA-business', ['303', '304']],
    ['all of these together, each account once', 'EAA-all', ['302', '303', '304']],
    ['nothing, when there is nothing', 'EAA-nothing', []],
  ])('finds %s', async (_what, token, ids) => {
    const uri = await gateway(token);
    const { status, body } = await run(uri, 'setup');
    expect([status, body.map(({ id }) => id)]).toEqual([200, ids]);
    expect(body.every(({ phone_numbers: numbers }) => numbers.length === 1)).toBe(true);
  });

  it('follows every page: 131 accounts, one with 230 numbers', async () => {
    const uri = await gateway('EAA-many');
    const { body } = await run(uri, 'setup');
    expect(body).toHaveLength(131);
    const large = body.find(({ id }) => id === '600');
    expect(new Set(large?.phone_numbers.map(({ id }) => id)).size).toBe(230);
    expect(body.map(({ id }) => id)).toEqual(body.map(({ id }) => id).toSorted());
    expect((await run(uri, 'search')).body).toEqual(body);
  });

  it('sorts by id as strings, numbers too', async () => {
    const { body } = await run(await gateway('EAA-two'), 'setup');
    expect(body.map(({ id, phone_numbers: numbers }) => [id, numbers.map((number) => number.id)])).toEqual([
      ['10', ['101']],
      ['9', ['10', '91', '92']],
    ]);
  });

  it('refreshes what is known and keeps what is engaged', async () => {
    const uri = await ready();
    await run(uri, 'subscribe&id=101');
    stage.sim.world.addPhoneNumber('10', { id: '101', quality_rating: 'RED' });
    try {
      const { body } = await run(uri, 'setup');
      expect(body[0]).toMatchObject({
        id: '10',
        subscribed_fields: ['messages'],
        phone_numbers: [{ id: '101', quality_rating: 'RED', active: true }],
      });
    } finally {
      stage.sim.world.addPhoneNumber('10', { id: '101', quality_rating: 'GREEN' });
    }
  });

  it('several at once leave one row per account', async () => {
    const uri = await gateway('EAA-two');
    const answers = await Promise.all(Array.from({ length: 5 }, () => run(uri, 'setup')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { body } = await stage.patchbay.call<{ items: { id: string }[] }>('GET', `/accounts?gateway=${uri}`);
    expect(body.items.map(({ id }) => id).toSorted()).toEqual(['10', '101', '91', '92']);
    expect(answers.at(-1)?.body).toEqual((await run(uri, 'search')).body);
  });

  it('that fails at any of its calls leaves what was there, and answers 502', async () => {
    const uri = await ready('EAA-business', {});
    const before = (await run(uri, 'search')).body;
    const start = askedOf(stage.sim);
    await run(uri, 'setup');
    const calls = askedOf(stage.sim) - start;
    expect(calls).toBeGreaterThan(5);
    stage.sim.world.business('401').owned.add('302');
    try {
      for (const fault of [{ status: 500 }, { status: 503, bodyless: true }, { drop: 'before' }] as const) {
        for (let nth = 1; nth <= calls; nth += 1) {
          // From the nth call on Meta is away, so that asking once more does not help.
          let seen = 0;
          stage.sim.faults.clear();
          const from = askedOf(stage.sim);
          for (let at = nth; at <= calls + 10; at += 1)
            stage.sim.faults.add({ match: { path: ASKED, nth: at }, do: fault });
          const { status, body } = await run<Refused>(uri, 'setup');
          seen = askedOf(stage.sim) - from;
          expect([fault, nth, status, body.code, seen >= nth]).toEqual([fault, nth, 502, 'provider.unreachable', true]);
        }
      }
      stage.sim.faults.clear();
      expect((await run(uri, 'search')).body).toEqual(before);
      expect((await run(uri, 'setup')).body.map(({ id }) => id)).toEqual(['302', '303', '304']);
    } finally {
      stage.sim.world.business('401').owned.delete('302');
    }
  });

  it('that no longer finds an account keeps and marks it, engaged as it was', async () => {
    const uri = await ready();
    await run(uri, 'subscribe&id=101');
    stage.sim.world.user('two').assigned.delete('10');
    try {
      const { body } = await run(uri, 'setup');
      expect(body.map(({ id, warning }) => [id, warning])).toEqual([
        ['10', expect.stringMatching(/Not found by setup since \d{4}-/)],
        ['9', undefined],
      ]);
      expect(active(body)).toEqual(['101']);
      expect((await run(uri, 'search&id=10')).body[0]?.warning).toBeDefined();
    } finally {
      stage.sim.world.user('two').assigned.add('10');
    }
    expect((await run(uri, 'setup')).body.map(({ warning }) => warning)).toEqual([undefined, undefined]);
  });
});

describe('subscribe and unsubscribe', () => {
  it('activate and deactivate everything, at Meta and here, as often as they are asked', async () => {
    const uri = await ready();
    for (let round = 0; round < 2; round += 1) {
      const from = posts();
      const { status, body } = await run(uri, 'subscribe');
      expect([status, body.map((item) => item.subscribed_fields)]).toEqual([200, [['messages'], ['messages']]]);
      expect(active(body)).toEqual(['101', '10', '91', '92']);
      expect([subscribedAt('9'), subscribedAt('10')]).toEqual([[WORLD.appId], [WORLD.appId]]);
      expect(posts() - from).toBe(2);
      expect((await run(uri, 'search')).body).toEqual(body);
    }
    // Lost at Meta, believed here: asking again repairs it.
    stage.sim.world.waba('9').subscribedApps.clear();
    await run(uri, 'subscribe&id=9');
    expect(subscribedAt('9')).toEqual([WORLD.appId]);

    const { status, body } = await run(uri, 'unsubscribe');
    expect([status, active(body)]).toEqual([200, []]);
    expect(body.every((item) => !('subscribed_fields' in item))).toBe(true);
    expect([subscribedAt('9'), subscribedAt('10')]).toEqual([[], []]);
  });

  it('take ids of accounts and numbers, repeated and with commas', async () => {
    const uri = await ready();
    const some = await run(uri, 'subscribe&id=91,%2092&id=&id=91&id=101');
    expect([some.status, active(some.body)]).toEqual([200, ['101', '91', '92']]);
    const one = await run(uri, 'subscribe&id=10');
    expect(one.body.map(({ id }) => id)).toEqual(['10', '9']);
    const searched = await run(uri, 'search&id=92,404&id=nonsense');
    expect(searched.body.map(({ id }) => id)).toEqual(['9']);
  });

  it.each(['subscribe', 'unsubscribe', 'remove'])(
    '%s of an unknown id is 404 with its name; nothing is done',
    async (operation) => {
      const uri = await ready();
      await run(uri, 'subscribe&id=91');
      const [before, from] = [(await run(uri, 'search')).body, askedOf(stage.sim)];
      const { status, body } = await run<Refused>(uri, `${operation}&id=9,no-such&id=${WORLD.wabaId}`);
      expect([status, body.code]).toEqual([404, 'accounts.unknown']);
      expect(body.detail).toContain('no-such');
      expect(body.detail).toContain(WORLD.wabaId);
      expect((await run(uri, 'search')).body).toEqual(before);
      expect(askedOf(stage.sim)).toBe(from);
    },
  );

  it('of one number concern that number; Meta’s subscription goes with the last', async () => {
    const uri = await ready();
    expect(active((await run(uri, 'subscribe&id=91')).body)).toEqual(['91']);
    expect(active((await run(uri, 'subscribe&id=92')).body)).toEqual(['91', '92']);
    const first = await run(uri, 'unsubscribe&id=91');
    expect([active(first.body), first.body[0]?.subscribed_fields, subscribedAt('9')]).toEqual([
      ['92'],
      ['messages'],
      [WORLD.appId],
    ]);
    const second = await run(uri, 'unsubscribe&id=92');
    expect([active(second.body), second.body[0]?.subscribed_fields, subscribedAt('9')]).toEqual([[], undefined, []]);
  });

  it('of two gateways of one app: the subscription stays while the other uses it', async () => {
    const [one, two] = [await ready(), await ready()];
    await run(one, 'subscribe&id=91');
    await run(two, 'subscribe&id=92');
    await run(one, 'unsubscribe&id=91');
    expect(subscribedAt('9')).toEqual([WORLD.appId]);
    expect(active((await run(two, 'search')).body)).toEqual(['92']);
    await run(two, 'unsubscribe&id=9');
    expect(subscribedAt('9')).toEqual([]);
  });

  it('a number that is active in another gateway is that item’s error; the others go on', async () => {
    const [one, two] = [await ready(), await ready()];
    await run(one, 'subscribe&id=91');
    const { status, body } = await run(two, 'subscribe');
    expect(status).toBe(200);
    expect(body.map(({ id, error }) => [id, error?.code])).toEqual([
      ['10', undefined],
      ['9', 'account.active_elsewhere'],
    ]);
    expect(body[1]?.error?.message).toMatch(new RegExp(`91.*${one}`));
    expect(active(body)).toEqual(['101', '10', '92']);
    expect(active((await run(one, 'search')).body)).toEqual(['91']);
  });

  it('an account that a gateway of another app has engaged is that item’s error', async () => {
    const one = await ready();
    const other = await ready('EAA-two-elsewhere', { client_id: OTHER_APP.id });
    await run(one, 'subscribe&id=91');
    const { status, body } = await run(other, 'subscribe&id=92,101');
    expect(status).toBe(200);
    expect(body.map(({ id, error }) => [id, error?.code])).toEqual([
      ['10', undefined],
      ['9', 'account.engaged_elsewhere'],
    ]);
    expect(active(body)).toEqual(['101']);
    expect(subscribedAt('9')).toEqual([WORLD.appId]);
  });

  it('what Meta refuses carries Meta’s error and stays as it was; the rest goes on', async () => {
    const uri = await ready();
    stage.sim.faults.add({
      match: { method: 'POST', path: '/9/subscribed_apps' },
      do: { status: 403, error: { code: 200, message: '(#200) No permission' } },
    });
    const { status, body } = await run(uri, 'subscribe');
    expect(status).toBe(200);
    expect(active(body)).toEqual(['101']);
    expect(body[1]).toMatchObject({
      id: '9',
      error: {
        code: 200,
        message: '(#200) No permission',
        type: 'OAuthException',
        fbtrace_id: expect.stringMatching(/./),
      },
    });
    expect(body[1]).not.toHaveProperty('subscribed_fields');
    expect((await run(uri, 'search')).body[1]).not.toHaveProperty('error');
    stage.sim.faults.clear();
    await run(uri, 'subscribe');
    stage.sim.faults.add({ match: { method: 'DELETE', path: '/9/subscribed_apps' }, do: { status: 500 } });
    const off = await run(uri, 'unsubscribe');
    expect([off.body[1]?.error !== undefined, active(off.body)]).toEqual([true, ['10', '91', '92']]);
  });

  it('keep an override of another owner and say so; set our own again', async () => {
    const uri = await ready();
    stage.sim.world.subscribe('9', WORLD.appId, 'https://other.example/hook');
    const { body } = await run(uri, 'subscribe&id=9');
    expect(body[0]?.warning).toContain('https://other.example/hook');
    expect(stage.sim.world.waba('9').subscribedApps.get(WORLD.appId)?.override_callback_uri).toBe(
      'https://other.example/hook',
    );
    const token = 'our-own-verify-token';
    await stage.patchbay.call('PATCH', `/gateways/${encodeURIComponent(uri)}`, {
      body: { metadata: { verify_token: token } },
    });
    const ours = `${stage.patchbay.url}/chat/${uri}`;
    stage.sim.world.subscribe('9', WORLD.appId, ours);
    const again = await run(uri, 'subscribe&id=9');
    expect([again.body[0]?.warning, again.body[0]?.error]).toEqual([undefined, undefined]);
    expect(stage.sim.world.waba('9').subscribedApps.get(WORLD.appId)?.override_callback_uri).toBe(ours);
  });

  it('registers no app-level webhook without https', async () => {
    const uri = await ready('EAA-two', { client_id: WORLD.appId, client_secret: WORLD.appSecret });
    await run(uri, 'subscribe');
    expect(stage.sim.requests.filter(({ path }) => path.endsWith('/subscriptions'))).toEqual([]);
  });
});

describe('remove', () => {
  it('of everything must be meant', async () => {
    const uri = await ready();
    await run(uri, 'subscribe');
    for (const query of ['remove', 'remove&ack=1', 'remove&ack=', 'remove&id=', 'remove&force=true', 'remove&id=,']) {
      const { status, body } = await run<Refused>(uri, query);
      expect([query, status, body.code]).toEqual([query, 400, 'accounts.remove.unconfirmed']);
    }
    expect((await run(uri, 'search')).body).toHaveLength(2);
    const { status, body } = await run(uri, 'remove&ack=true');
    expect([status, active(body), body.map(({ id }) => id)]).toEqual([200, [], ['10', '9']]);
    expect((await run(uri, 'search')).body).toEqual([]);
    expect([subscribedAt('9'), subscribedAt('10')]).toEqual([[], []]);
  });

  it('keeps what Meta refuses to release, unless it is gone there or forced', async () => {
    const uri = await ready();
    await run(uri, 'subscribe');
    const refusing = (error: { code: number; subcode?: number; message: string }): void => {
      stage.sim.faults.clear();
      stage.sim.faults.add({ match: { method: 'DELETE', path: '/9/subscribed_apps' }, do: { status: 400, error } });
    };
    refusing({ code: 10, message: '(#10) No permission' });
    const kept = await run(uri, 'remove&id=9,10');
    expect(kept.body.map(({ id, error }) => [id, error?.code])).toEqual([
      ['10', undefined],
      ['9', 10],
    ]);
    expect((await run(uri, 'search')).body.map(({ id }) => id)).toEqual(['9']);
    expect(active((await run(uri, 'search')).body)).toEqual(['10', '91', '92']);

    refusing({ code: 100, subcode: 33, message: "Unsupported delete request. Object with ID '9' does not exist" });
    expect((await run(uri, 'remove&id=9')).body[0]).not.toHaveProperty('error');
    expect((await run(uri, 'search')).body).toEqual([]);

    await run(uri, 'setup');
    await run(uri, 'subscribe&id=9');
    refusing({ code: 10, message: '(#10) No permission' });
    expect((await run(uri, 'remove&id=9&force=true')).status).toBe(200);
    expect((await run(uri, 'search')).body.map(({ id }) => id)).toEqual(['10']);
  });
});

describe('who may', () => {
  const key = async (permissions: string[], gateways?: string[]): Promise<string> => {
    const { body } = await stage.patchbay.call<{ key: string }>('POST', '/keys', {
      body: { name: 'test', permissions, ...(gateways && { gateways }) },
    });
    return body.key;
  };

  it('is judged before what is asked: no combination of parameters gets around it', async () => {
    const uri = await ready();
    await run(uri, 'subscribe');
    const [before, from] = [(await run(uri, 'search')).body, askedOf(stage.sim)];
    const reader = await key(['gateways:read']);
    const elsewhere = await key(['gateways:write', 'gateways:read'], [await gateway('EAA-nothing')]);
    const asked = askedOf(stage.sim);
    const mutating = [
      'whatsapp=setup',
      'whatsapp=subscribe',
      'whatsapp=unsubscribe',
      'whatsapp=remove&ack=true',
      'whatsapp=remove&ack=true&force=true',
      'pages=setup&whatsapp=remove&ack=true',
      'whatsapp=search&whatsapp=remove&ack=true',
      'whatsapp=remove&whatsapp=search&ack=true',
      'whatsapp=&whatsapp=remove&ack=true',
      'WHATSAPP=remove&ack=true',
      'whatsapp=REMOVE&ack=true',
      'whatsapp[]=remove&ack=true',
      'whatsapp=remove&ack=true&ticket=',
      'whatsapp=remove&ack=true&ticket=nonsense',
      'ticket=x&whatsapp=remove&ack=true',
      'whatsapp=setup&flow=oauth',
      'pages=setup',
      'instagram=subscribe',
      'facebook=',
      'nonsense=1',
      '',
    ];
    for (const query of mutating) {
      for (const [who, status] of [
        [null, 401],
        ['pb_wrong', 401],
        [reader, 403],
        [elsewhere, 403],
      ] as const) {
        const answer = await stage.patchbay.command<Refused>(uri, query, { key: who });
        expect([query, who, answer.status]).toEqual([query, who, status]);
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      }
    }
    expect((await run(uri, 'search', null)).status).toBe(401);
    expect((await run(uri, 'search', reader)).status).toBe(200);
    expect((await run(uri, 'search', elsewhere)).status).toBe(403);
    expect(askedOf(stage.sim)).toBe(asked);
    expect(asked - from).toBeGreaterThan(0);
    expect((await run(uri, 'search')).body).toEqual(before);
  });

  it.each([
    '',
    'nonsense=1',
    'whatsapp=Setup',
    'whatsapp=setup%20',
    'whatsapp=setup&whatsapp=remove&ack=true',
    'whatsapp=setup&flow=saml',
    'whatsapp=remove&ids=9',
    'facebook=setup',
    'instagram=Search',
    'pages=setup&whatsapp=remove&ack=true',
  ])('?%s is no operation, whoever asks', async (query) => {
    const uri = await ready();
    const from = askedOf(stage.sim);
    const { status, body } = await stage.patchbay.command<Refused>(uri, query);
    expect([status, body.code]).toEqual([400, 'callback.operation.unknown']);
    expect(body.detail).toMatch(/setup.*search.*subscribe.*unsubscribe.*remove/);
    expect(askedOf(stage.sim)).toBe(from);
    expect((await run(uri, 'search')).body).toHaveLength(2);
  });

  it('a ticket stands in for one setup of its gateway, once, for five minutes', async () => {
    const [uri, other] = [await gateway('EAA-two'), await gateway('EAA-two')];
    const ticketOf = async (): Promise<{ ticket: string; url: string; expiresAt: string }> => {
      const made = await stage.patchbay.call<{ ticket: string; url: string; expiresAt: string }>(
        'POST',
        `/gateways/${encodeURIComponent(uri)}/tickets`,
      );
      expect(made.status).toBe(201);
      return made.body;
    };
    const { ticket, url, expiresAt } = await ticketOf();
    const life = Date.parse(expiresAt) - Date.now();
    expect(life).toBeGreaterThan(285_000);
    expect(life).toBeLessThanOrEqual(300_000);
    expect(url).toBe(`${stage.patchbay.url}/chat/${uri}?whatsapp=setup&ticket=${ticket}`);
    const withTicket = (on: string, operation: string, given = ticket) =>
      run<Refused>(on, `${operation}&ticket=${given}`, null);
    for (const operation of ['search', '', 'subscribe', 'unsubscribe', 'remove&ack=true']) {
      expect([operation, (await withTicket(uri, operation)).status]).toEqual([operation, 401]);
    }
    expect((await withTicket(other, 'setup')).status).toBe(401);
    expect((await withTicket(uri, 'setup', `${ticket}x`)).status).toBe(401);
    const answers = await Promise.all(Array.from({ length: 5 }, () => withTicket(uri, 'setup')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401]);
    expect((await withTicket(uri, 'setup')).status).toBe(401);
    const { body } = await run(uri, 'search');
    expect(body).toHaveLength(2);
    const second = await ticketOf();
    const popup = await fetch(second.url);
    expect(popup.status).toBe(200);
  });
});
