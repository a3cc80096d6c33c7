import { describe, expect, it } from '@jest/globals';
import type { Settings } from '../../contract/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { presence } from './presence.js';

const WRITTEN = { providerId: 'm_1', from: { userId: '244' } };
const PAGE = { page_token: 'EAAGpage4711', client_secret: 'shh' };
const account = { address: '1784', group: '110', name: 'acme.shop' };

const callOf = (http: ReturnType<typeof fakeGraph>['http'], settings: Settings = PAGE) => ({
  ...gatewayCall(http, settings),
  account,
});
const SIGNS = [
  ['mark_seen', (call: ReturnType<typeof callOf>) => presence.markRead?.(WRITTEN, call)],
  ['typing_on', (call: ReturnType<typeof callOf>) => presence.typing(WRITTEN, call)],
] as const;

describe.each(SIGNS)('%s', (action, show) => {
  it('is one call as the page, about the person and nothing else', async () => {
    const graph = fakeGraph({ 'POST 110/messages': { json: { recipient_id: '244' } } });
    expect(await show(callOf(graph.http))).toEqual({ status: 'ok', value: undefined });
    expect(graph.seen).toHaveLength(1);
    const [{ body, headers, query } = { body: '', query: new URLSearchParams() }] = graph.seen;
    expect(JSON.parse(String(body))).toEqual({ recipient: { id: '244' }, sender_action: action });
    expect(headers).toMatchObject({ authorization: 'Bearer EAAGpage4711' });
    expect(query.get('appsecret_proof')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says what Meta refuses, and when it is silent', async () => {
    const closed = fakeGraph({ 'POST 110/messages': graphError(10, '(#10) Outside', { error_subcode: 2018278 }) });
    expect(await show(callOf(closed.http))).toMatchObject({
      status: 'refused',
      remote: { code: 10, subcode: 2018278 },
    });
    const silent = fakeGraph({ 'POST 110/messages': failed(true, 'reset with EAAGpage4711') });
    expect(await show(callOf(silent.http))).toEqual({ status: 'unreachable', reason: 'reset with ••••' });
  });

  it('is asked of nobody without a token of the page', async () => {
    const graph = fakeGraph({});
    expect(await show(callOf(graph.http, {}))).toMatchObject({ status: 'refused', remote: { code: 'token.missing' } });
    expect(graph.seen).toEqual([]);
  });
});
