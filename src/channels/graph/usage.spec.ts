import { describe, expect, it } from '@jest/globals';
import { graphClient } from './client.js';
import { answered, fakeGraph, gatewayCall } from './testing/fake-graph.js';
import { metered } from './usage.js';

const MINUTE_MS = 60_000;

async function restAfter(...answers: readonly Record<string, string>[]): Promise<number | undefined> {
  const graph = fakeGraph({ 'GET me': answers.map((headers) => answered(200, '{}', headers)) });
  const { call, restMs } = metered(gatewayCall(graph.http));
  for (const _ of answers) await graphClient(call).call({ path: 'me' });
  return restMs();
}

const business = (...usages: object[]) => ({ 'x-business-use-case-usage': JSON.stringify({ '102': usages }) });
const app = (usage: object) => ({ 'x-app-usage': JSON.stringify(usage) });

describe('how long calls that can wait should', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['no word of it', {}, undefined],
    ['little used', business({ call_count: 79, total_time: 3, total_cputime: 1 }), undefined],
    ['nearly used up by a business', business({ call_count: 80, total_time: 3, total_cputime: 1 }), 60 * MINUTE_MS],
    ['nearly used up by the app', app({ call_count: 1, total_time: 99, total_cputime: 1 }), 60 * MINUTE_MS],
    ['shut out', business({ call_count: 100, estimated_time_to_regain_access: 14 }), 14 * MINUTE_MS],
    ['one of several kinds', business({ call_count: 1 }, { call_count: 95 }), 60 * MINUTE_MS],
    ['numbers as texts', app({ call_count: '90' }), 60 * MINUTE_MS],
    ['nonsense', { 'x-business-use-case-usage': '<html>', 'x-app-usage': '[1]' }, undefined],
    ['other shapes', { 'x-business-use-case-usage': '{"102": 7}', 'x-app-usage': 'null' }, undefined],
  ])('%s', async (_what, headers, expected) => {
    expect(await restAfter(headers)).toBe(expected);
  });

  it('is what the worst of several answers says', async () => {
    const worst = business({ call_count: 100, estimated_time_to_regain_access: 90 });
    expect(await restAfter(app({ call_count: 85 }), worst, {})).toBe(90 * MINUTE_MS);
  });
});
