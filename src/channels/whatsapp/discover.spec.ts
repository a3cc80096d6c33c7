import { describe, expect, it } from '@jest/globals';
import { answered, failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { discover } from './discover.js';

const data = (...items: object[]) => ({ json: { data: items } });
const token = (granular: object[] = [], more = {}) => ({
  json: { data: { is_valid: true, app_id: '77', granular_scopes: granular, ...more } },
});
const number = (id: string) => ({ id, display_phone_number: '+1 555-078-3881', verified_name: `Name ${id}` });

/** A token for which every way is open and leads nowhere; tests replace what they are about. */
const NOTHING = {
  'GET debug_token': token(),
  'GET me': { json: { id: '9', name: 'Robot' } },
  'GET 9/assigned_whatsapp_business_accounts': data(),
  'GET me/businesses': data(),
};
const REFUSED = { 'GET debug_token': graphError(100), 'GET me': graphError(200), 'GET me/businesses': graphError(10) };

/** `GET /?ids=` for accounts with one number each. */
const details = (request: { query: URLSearchParams }) => {
  const ids = request.query.get('ids')?.split(',') ?? [];
  const nodes = ids.map((id) => [
    id,
    { id, name: `W${id}`, country: 'UA', phone_numbers: { data: [number(`${id}1`)] } },
  ]);
  return { json: Object.fromEntries(nodes) };
};

async function discovered(routes: Parameters<typeof fakeGraph>[0]) {
  const graph = fakeGraph(routes);
  const outcome = await discover(gatewayCall(graph.http));
  return { graph, outcome, ids: outcome.status === 'ok' ? outcome.value.map((group) => group.address) : [] };
}

describe('finding accounts', () => {
  it('merges what every way yields, each account once', async () => {
    const { graph, ids } = await discovered({
      'GET debug_token': token([
        { scope: 'whatsapp_business_messaging', target_ids: ['1', '2'] },
        { scope: 'whatsapp_business_management', target_ids: ['2', '3'] },
        { scope: 'business_management', target_ids: ['50'] },
      ]),
      'GET me': { json: { id: '9' } },
      'GET 9/assigned_whatsapp_business_accounts': data({ id: '3' }, { id: '4' }),
      'GET me/businesses': data({ id: '51' }),
      'GET 50/owned_whatsapp_business_accounts': data({ id: '5' }),
      'GET 50/client_whatsapp_business_accounts': data({ id: '6' }),
      'GET 51/owned_whatsapp_business_accounts': graphError(10),
      'GET 51/client_whatsapp_business_accounts': data({ id: '7' }),
      'GET ': details,
    });
    expect(ids).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(graph.unused()).toEqual([]);
  });

  it('follows every page of a way', async () => {
    const more = { paging: { cursors: { after: 'c' }, next: 'https://elsewhere.test/' } };
    const first = { json: { data: [{ id: '1' }], ...more } };
    const { ids } = await discovered({
      ...NOTHING,
      'GET 9/assigned_whatsapp_business_accounts': [first, data({ id: '2' })],
      'GET ': details,
    });
    expect(ids).toEqual(['1', '2']);
  });

  it.each([
    [
      'the token',
      { 'GET debug_token': token([{ scope: 'whatsapp_business_messaging', target_ids: ['1'] }]), 'GET ': details },
    ],
    [
      'the assignment',
      {
        'GET me': { json: { id: '9' } },
        'GET 9/assigned_whatsapp_business_accounts': data({ id: '1' }),
        'GET ': details,
      },
    ],
    [
      'the business',
      {
        'GET me/businesses': data({ id: '50' }),
        'GET 50/owned_whatsapp_business_accounts': data({ id: '1' }),
        'GET 50/client_whatsapp_business_accounts': graphError(200),
        'GET ': details,
      },
    ],
  ])('is enough by %s alone, the others being refused', async (_, way) => {
    expect((await discovered({ ...REFUSED, ...way })).ids).toEqual(['1']);
  });

  it('is empty when nothing is refused and nothing is there', async () => {
    expect((await discovered(NOTHING)).outcome).toEqual({ status: 'ok', value: [] });
  });

  it('is refused, with the token first, when every way is', async () => {
    expect((await discovered({ ...REFUSED, 'GET me/businesses': graphError(190) })).outcome).toMatchObject({
      status: 'refused',
      remote: { code: 190 },
    });
    expect((await discovered(REFUSED)).outcome).toMatchObject({ status: 'refused', remote: { code: 100 } });
    const invalid = { json: { data: { is_valid: false, error: { code: 190, message: 'Session has expired' } } } };
    const { outcome } = await discovered({ ...REFUSED, 'GET debug_token': invalid });
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 190, message: 'Session has expired' } });
  });

  it.each([
    ['GET debug_token', failed(false)],
    ['GET me', answered(502, '<html>')],
    ['GET me', graphError(4)],
    ['GET 9/assigned_whatsapp_business_accounts', failed(true)],
    ['GET me/businesses', graphError(2, 'down', {}, 500)],
    ['GET 50/owned_whatsapp_business_accounts', graphError(80007)],
    ['GET ', answered(500, '')],
    ['GET ', graphError(1)],
    ['GET 1/phone_numbers', failed(true)],
  ])('is unreachable as a whole when %s gets no answer', async (route, answer) => {
    const { outcome } = await discovered({
      ...NOTHING,
      'GET debug_token': token([{ scope: 'whatsapp_business_messaging', target_ids: ['1'] }]),
      'GET me/businesses': data({ id: '50' }),
      'GET 50/owned_whatsapp_business_accounts': data({ id: '2' }),
      'GET 50/client_whatsapp_business_accounts': data({ id: '3' }),
      'GET ': {
        json: { 1: { id: '1', name: 'A' }, 2: { phone_numbers: { data: [] } }, 3: { phone_numbers: { data: [] } } },
      },
      [route]: answer,
    });
    expect(outcome.status).toBe('unreachable');
  });
});

describe('reading accounts', () => {
  const one = token([{ scope: 'whatsapp_business_messaging', target_ids: ['1'] }]);

  it('describes group and number, and keeps their fields', async () => {
    const node = {
      id: '1',
      name: 'Acme',
      country: 'UA',
      owner_business_info: { id: '50', name: 'Acme Inc' },
      phone_numbers: { data: [number('11')] },
    };
    const { outcome } = await discovered({ ...NOTHING, 'GET debug_token': one, 'GET ': { json: { 1: node } } });
    const { phone_numbers: _, ...rest } = node;
    const accounts = [{ address: '11', name: 'Name 11', phone: '15550783881', details: number('11') }];
    expect(outcome).toEqual({
      status: 'ok',
      value: [{ address: '1', name: 'Acme', portfolio: '50', details: rest, accounts }],
    });
  });

  it('follows the pages of the numbers', async () => {
    const inside = { data: [number('11')], paging: { cursors: { after: 'c' }, next: 'https://elsewhere.test/x' } };
    const { graph, outcome } = await discovered({
      ...NOTHING,
      'GET debug_token': one,
      'GET ': { json: { 1: { id: '1', phone_numbers: inside } } },
      'GET 1/phone_numbers': data(number('12')),
    });
    expect(outcome).toMatchObject({ value: [{ accounts: [{ address: '11' }, { address: '12' }] }] });
    expect(graph.seen.at(-1)?.query.get('after')).toBe('c');
  });

  it('asks for the numbers when the answer has none of them, and in brief when it must', async () => {
    const { outcome, graph } = await discovered({
      ...NOTHING,
      'GET debug_token': one,
      'GET ': { json: { 1: { id: '1', name: 'A' } } },
      'GET 1/phone_numbers': [graphError(100, '(#100) Tried accessing nonexisting field'), data(number('12'))],
    });
    expect(outcome).toMatchObject({ value: [{ name: 'A', accounts: [{ address: '12' }] }] });
    expect(graph.seen.at(-1)?.query.get('fields')).not.toContain('health_status');
  });

  it('still asks for what limits a number when not all of its fields may be read', async () => {
    const { outcome, graph } = await discovered({
      ...NOTHING,
      'GET debug_token': one,
      'GET ': [graphError(100), { json: { 1: { id: '1', name: 'A', owner_business_info: { id: '50' } } } }],
      'GET 1': graphError(100),
      'GET 1/phone_numbers': [
        graphError(100),
        graphError(100),
        data({ ...number('12'), messaging_limit_tier: 'TIER_1K' }),
      ],
    });
    expect(outcome).toMatchObject({
      value: [{ portfolio: '50', accounts: [{ details: { messaging_limit_tier: 'TIER_1K' } }] }],
    });
    const asked = graph.seen
      .filter(({ path }) => path.endsWith('phone_numbers'))
      .map(({ query }) => query.get('fields'));
    expect(asked[1]).toContain('throughput,whatsapp_business_manager_messaging_limit');
    expect(asked[2]).toContain('throughput,messaging_limit_tier');
  });

  it('reads in brief what may not be read in full, and leaves out what may not be read at all', async () => {
    const { ids } = await discovered({
      ...NOTHING,
      'GET debug_token': token([{ scope: 'whatsapp_business_messaging', target_ids: ['1', '2'] }]),
      'GET ': graphError(100),
      'GET 1': [graphError(100), { json: { id: '1', name: 'A' } }],
      'GET 2': graphError(100, 'gone', { error_subcode: 33 }),
      'GET 1/phone_numbers': data(number('11')),
    });
    expect(ids).toEqual(['1']);
  });

  it('is refused when nothing that was found may be read', async () => {
    const routes = { ...NOTHING, 'GET debug_token': one, 'GET ': graphError(10), 'GET 1': graphError(10) };
    expect((await discovered(routes)).outcome).toMatchObject({ status: 'refused', remote: { code: 10 } });
  });
});
