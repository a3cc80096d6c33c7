import { describe, expect, it } from '@jest/globals';
import { graphClient } from './client.js';
import { readAll, readRest } from './pages.js';
import { fakeGraph, gatewayCall, graphError } from './testing/fake-graph.js';

const QUERY = { fields: 'id', limit: '2' };
const page = (ids: string[], paging?: object) => ({
  json: { data: ids.map((id) => ({ id })), ...(paging && { paging }) },
});
const client = (graph: ReturnType<typeof fakeGraph>) => graphClient(gatewayCall(graph.http));

describe('paging', () => {
  it('follows cursors on our own base URL, wherever next points', async () => {
    const next = 'http://169.254.169.254/latest?access_token=EAAGtoken&after=evil';
    const graph = fakeGraph({
      'GET me/businesses': [
        page(['1', '2'], { cursors: { before: 'b', after: 'c2' }, next }),
        page(['3'], { cursors: { after: 'c3' } }),
      ],
    });
    const all = await readAll(client(graph), 'me/businesses', QUERY);
    expect(all).toEqual({ status: 'ok', value: [{ id: '1' }, { id: '2' }, { id: '3' }] });
    expect(graph.seen[1]?.url).toBe('https://graph.test/v26.0/me/businesses?fields=id&limit=2&after=c2');
  });

  it('takes the query of next where there is no cursor, but neither token nor fields', async () => {
    const next = 'https://graph.facebook.com/v1.0/x?access_token=T&fields=secret&limit=9&offset=2&appsecret_proof=p';
    const graph = fakeGraph({ 'GET x': [page(['1'], { next }), page(['2'])] });
    await readAll(client(graph), 'x', QUERY);
    expect(Object.fromEntries(graph.seen[1]?.query ?? [])).toEqual({ ...QUERY, offset: '2' });
  });

  it.each([
    ['the same cursor', () => 'same'],
    ['an endless row of cursors', (call: number) => `c${call}`],
  ])('gives up on %s', async (_, cursor) => {
    let calls = 0;
    const graph = fakeGraph({
      'GET x': () => page(['1'], { cursors: { after: cursor(++calls) }, next: 'https://graph.test/x' }),
    });
    expect((await readAll(client(graph), 'x', QUERY)).status).toBe('unreachable');
    expect(calls).toBeLessThanOrEqual(1000);
  });

  it('is refused as a whole when a later page is', async () => {
    const graph = fakeGraph({
      'GET x': [page(['1'], { cursors: { after: 'c' }, next: 'https://n/' }), graphError(10)],
    });
    expect((await readAll(client(graph), 'x', QUERY)).status).toBe('refused');
  });

  it('reads on after a first page that came inside another answer', async () => {
    const graph = fakeGraph({ 'GET x': page(['3']) });
    const first = { data: [{ id: '1' }, { id: '2' }, 7], paging: { cursors: { after: 'c2' }, next: 'https://n/' } };
    const all = await readRest(client(graph), 'x', QUERY, first);
    expect(all).toEqual({ status: 'ok', value: [{ id: '1' }, { id: '2' }, { id: '3' }] });
    expect(graph.seen[0]?.query.get('after')).toBe('c2');
  });

  it('asks nothing when that page was the last', async () => {
    const graph = fakeGraph({});
    const all = await readRest(client(graph), 'x', QUERY, { data: [{ id: '1' }], paging: { cursors: { after: 'c' } } });
    expect(all).toEqual({ status: 'ok', value: [{ id: '1' }] });
  });
});
