import { describe, expect, it } from '@jest/globals';
import { graphClient } from './client.js';
import { readIds } from './read-ids.js';
import { failed, fakeGraph, gatewayCall, graphError, type Seen } from './testing/fake-graph.js';

const idsOf = (request: Seen): string[] => request.query.get('ids')?.split(',') ?? [];
const nodes = (request: Seen) => ({ json: Object.fromEntries(idsOf(request).map((id) => [id, { id }])) });
const read = (graph: ReturnType<typeof fakeGraph>, ids: string[]) =>
  readIds(graphClient(gatewayCall(graph.http)), ids, 'id');

describe('reading many ids', () => {
  it('asks for fifty at a time', async () => {
    const graph = fakeGraph({ 'GET ': nodes });
    const ids = Array.from({ length: 120 }, (_, index) => String(1000 + index));
    const outcome = await read(graph, ids);
    expect(graph.seen.map((request) => idsOf(request).length)).toEqual([50, 50, 20]);
    expect(outcome.status === 'ok' && [...outcome.value.nodes.keys()]).toEqual(ids);
  });

  it('reads one by one when a chunk is refused, and says which ones may not be read', async () => {
    const graph = fakeGraph({
      'GET ': graphError(100),
      'GET 1': { json: { id: '1' } },
      'GET 2': graphError(100),
      'GET 3': { json: { id: '3' } },
    });
    const outcome = await read(graph, ['1', '2', '3']);
    if (outcome.status !== 'ok') throw new Error(outcome.status);
    expect([...outcome.value.nodes.keys()]).toEqual(['1', '3']);
    expect([...outcome.value.refused.keys()]).toEqual(['2']);
  });

  it('reads alone what is missing in the answer, prototype or not', async () => {
    const graph = fakeGraph({
      'GET ': { json: { 1: { id: '1' } } },
      'GET 2': { json: { id: '2' } },
      'GET constructor': graphError(100),
    });
    const outcome = await read(graph, ['1', '2', 'constructor']);
    expect(outcome.status === 'ok' && outcome.value.nodes.size).toBe(2);
  });

  it.each([
    ['a dead token', graphError(190), 'refused'],
    ['a call limit', graphError(80007), 'refused'],
    ['no connection', failed(true), 'unreachable'],
  ])('ends at once on %s', async (_, answer, status) => {
    const graph = fakeGraph({ 'GET ': answer });
    expect((await read(graph, ['1', '2'])).status).toBe(status);
    expect(graph.calls()).toHaveLength(1);
  });
});
