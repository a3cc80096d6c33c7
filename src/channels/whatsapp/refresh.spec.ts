import { describe, expect, it } from '@jest/globals';
import { answered, failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { refresh } from './refresh.js';

const NUMBER = { id: '106', display_phone_number: '+1 555-078-3881', verified_name: 'Acme', status: 'CONNECTED' };
const WABA = { id: '102', name: 'Acme Ltd', owner_business_info: { id: '506' }, country: 'UA' };
const account = { address: '106', group: '102', name: 'Acme' };
const inside = { ...WABA, phone_numbers: { data: [NUMBER] } };

describe('a group read anew', () => {
  it('takes one call, and tells when calls become scarce', async () => {
    const usage = JSON.stringify({ '102': [{ call_count: 100, estimated_time_to_regain_access: 5 }] });
    const graph = fakeGraph({
      'GET ': answered(200, JSON.stringify({ 102: inside }), { 'x-business-use-case-usage': usage }),
    });
    expect(await refresh.group('102', gatewayCall(graph.http))).toEqual({
      status: 'ok',
      value: {
        found: {
          address: '102',
          name: 'Acme Ltd',
          portfolio: '506',
          details: WABA,
          accounts: [{ address: '106', name: 'Acme', phone: '15550783881', details: NUMBER }],
        },
        restMs: 5 * 60_000,
      },
    });
    expect(graph.calls()).toEqual(['GET ']);
    expect(graph.seen[0]?.query.get('fields')).toContain('health_status');
  });

  it.each([
    ['no answer', failed(false)],
    ['too many calls', graphError(80007)],
    ['a passing fault', graphError(2, 'busy', {}, 503)],
  ])('finds nothing out by %s', async (_what, answer) => {
    const graph = fakeGraph({ 'GET ': answer });
    expect(await refresh.group('102', gatewayCall(graph.http))).toMatchObject({ status: 'unreachable' });
  });

  it('is refused with a dead token, and where the group is out of sight', async () => {
    const dead = fakeGraph({ 'GET ': graphError(190) });
    expect(await refresh.group('102', gatewayCall(dead.http))).toMatchObject({ remote: { code: 190 } });
    const gone = fakeGraph({ 'GET ': graphError(100), 'GET 102': graphError(100, 'gone', { error_subcode: 33 }) });
    expect(await refresh.group('102', gatewayCall(gone.http))).toMatchObject({
      status: 'refused',
      remote: { code: 100, subcode: 33 },
    });
  });
});

describe('an account read anew', () => {
  const call = (graph: ReturnType<typeof fakeGraph>) => ({ ...gatewayCall(graph.http), account });

  it('is read in brief where Meta does not know every field', async () => {
    const graph = fakeGraph({ 'GET 106': [graphError(100, 'nonexisting field'), { json: NUMBER }] });
    expect(await refresh.account(call(graph))).toEqual({
      status: 'ok',
      value: { found: { address: '106', name: 'Acme', phone: '15550783881', details: NUMBER } },
    });
    const [first, second] = graph.seen.map(({ query }) => query.get('fields') ?? '');
    expect(first).toContain('health_status');
    expect(second).not.toContain('health_status');
  });

  it('is asked for once with a dead token', async () => {
    const graph = fakeGraph({ 'GET 106': [graphError(190)] });
    expect(await refresh.account(call(graph))).toMatchObject({ status: 'refused', remote: { code: 190 } });
  });
});
