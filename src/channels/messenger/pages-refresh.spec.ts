import { describe, expect, it } from '@jest/globals';
import { facebook } from '../facebook/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { instagram } from '../instagram/index.js';

const SETTINGS = { facebook_token: 'EAAGowner4711', page_token: 'EAAGpage4711' };
const PAGE = { id: '110', name: 'Acme', category: 'Shop' };
const LINKED = { id: '1784', username: 'acme.shop', name: 'Acme' };
const ACCOUNTS = {
  facebook: { address: '110', group: '110', name: 'Acme' },
  instagram: { address: '1784', group: '110', name: 'acme.shop' },
};

const graphOf = (reply: Parameters<typeof fakeGraph>[0][string]) => fakeGraph({ 'GET 110': reply });
const callOf = (
  graph: ReturnType<typeof fakeGraph>,
  channel: 'facebook' | 'instagram',
  settings: object = SETTINGS,
) => ({
  ...gatewayCall(graph.http, settings as Record<string, string>),
  account: ACCOUNTS[channel],
});

describe('a page that is read anew', () => {
  it('is asked as itself, in one call, and tells no token', async () => {
    const graph = graphOf({ json: PAGE });
    const outcome = await facebook.accounts.refresh?.account(callOf(graph, 'facebook'));
    expect(outcome).toEqual({ status: 'ok', value: { found: { address: '110', name: 'Acme', details: PAGE } } });
    expect(graph.seen).toHaveLength(1);
    expect(graph.seen[0]?.headers).toMatchObject({ authorization: 'Bearer EAAGpage4711' });
    expect(graph.seen[0]?.query.get('fields')).toBe('id,name,category,link,username');
  });

  it('shows its Instagram account, without the link to a picture, which changes by itself', async () => {
    const graph = graphOf({ json: { ...PAGE, instagram_business_account: LINKED } });
    const outcome = await instagram.accounts.refresh?.account(callOf(graph, 'instagram'));
    expect(outcome).toEqual({
      status: 'ok',
      value: { found: { address: '1784', name: 'acme.shop', details: LINKED } },
    });
    expect(graph.seen[0]?.query.get('fields')).not.toContain('picture');
  });

  it.each([
    ['none', PAGE],
    ['another', { ...PAGE, instagram_business_account: { ...LINKED, id: '1785' } }],
  ])('says that the account is not the page’s any more, which has %s', async (_, json) => {
    const outcome = await instagram.accounts.refresh?.account(callOf(graphOf({ json }), 'instagram'));
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 'account.unlinked' } });
  });

  it('is asked as the owner where it is read as a group', async () => {
    const graph = graphOf({ json: PAGE });
    const outcome = await facebook.accounts.refresh?.group('110', gatewayCall(graph.http, SETTINGS));
    expect(outcome).toMatchObject({
      status: 'ok',
      value: { found: { address: '110', accounts: [{ address: '110' }] } },
    });
    expect(graph.seen[0]?.headers).toMatchObject({ authorization: 'Bearer EAAGowner4711' });
  });

  it('is left alone for as long as Meta wants', async () => {
    const usage = { '110': [{ type: 'pages', call_count: 99, estimated_time_to_regain_access: 7 }] };
    const headers = { 'x-business-use-case-usage': JSON.stringify(usage) };
    const graph = graphOf({ status: 'answered', httpStatus: 200, text: JSON.stringify(PAGE), headers });
    const outcome = await facebook.accounts.refresh?.account(callOf(graph, 'facebook'));
    expect(outcome).toMatchObject({ status: 'ok', value: { restMs: 7 * 60_000 } });
  });

  it.each([
    ['a dead token', graphError(190), 'refused'],
    ['a page that is gone', graphError(100, 'gone', { error_subcode: 33 }), 'refused'],
    ['too many calls', graphError(32), 'unreachable'],
    ['silence', failed(true), 'unreachable'],
  ])('says what it came to: %s', async (_, reply, status) => {
    expect(await facebook.accounts.refresh?.account(callOf(graphOf(reply), 'facebook'))).toMatchObject({ status });
  });

  it('is not asked without a token', async () => {
    const graph = fakeGraph({});
    const outcome = await facebook.accounts.refresh?.account(callOf(graph, 'facebook', {}));
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 'token.missing' } });
  });
});
