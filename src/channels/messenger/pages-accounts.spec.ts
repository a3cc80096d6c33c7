import { describe, expect, it } from '@jest/globals';
import { facebook } from '../facebook/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { instagram } from '../instagram/index.js';
import { PAGE_FIELDS } from '../page/index.js';

const list = (...data: object[]) => ({ json: { data } });
const granted = (targets: string[]) => ({
  json: {
    data: {
      is_valid: true,
      app_id: '1234567890',
      granular_scopes: [{ scope: 'pages_messaging', target_ids: targets }],
    },
  },
});
const page = (id: string, more: object = {}) => ({ id, name: `Page ${id}`, access_token: `EAApage${id}`, ...more });
const NOBODY = { 'GET me/accounts': list(), 'GET me/businesses': list() };
const byIds = (...nodes: { readonly id: string }[]) => ({
  json: Object.fromEntries(nodes.map((node) => [node.id, node])),
});

describe('setup', () => {
  it('merges the pages of the token, of its user and of the businesses, as the owner', async () => {
    const graph = fakeGraph({
      'GET debug_token': granted(['1']),
      'GET me/accounts': list({ id: '2' }),
      'GET me/businesses': list({ id: 'b' }),
      'GET b/owned_pages': list({ id: '3' }, { id: '1' }),
      'GET b/client_pages': graphError(200),
      'GET ': byIds(page('1', { category: 'Shop' }), page('2'), page('3')),
    });
    const outcome = await facebook.accounts.discover(gatewayCall(graph.http, { facebook_token: 'EAAowner' }));
    expect(outcome).toEqual({
      status: 'ok',
      value: ['1', '2', '3'].map((id) => {
        const details = { id, name: `Page ${id}`, ...(id === '1' && { category: 'Shop' }) };
        const account = { address: id, name: `Page ${id}`, details, credential: `EAApage${id}` };
        return { address: id, name: `Page ${id}`, details, accounts: [account] };
      }),
    });
    for (const request of graph.seen) expect(request.headers?.['authorization']).toBe('Bearer EAAowner');
    expect(graph.unused()).toEqual([]);
  });

  it('finds the Instagram accounts of pages, and leaves out pages without one', async () => {
    const linked = { instagram_business_account: { id: '1784', username: 'acme.shop', name: 'Acme' } };
    const graph = fakeGraph({
      ...NOBODY,
      'GET debug_token': granted(['1', '2']),
      'GET ': byIds(page('1', linked), page('2')),
    });
    const outcome = await instagram.accounts.discover(gatewayCall(graph.http));
    expect(outcome).toEqual({
      status: 'ok',
      value: [
        {
          address: '1',
          name: 'Page 1',
          details: { id: '1', name: 'Page 1' },
          accounts: [
            { address: '1784', name: 'acme.shop', details: linked.instagram_business_account, credential: 'EAApage1' },
          ],
        },
      ],
    });
  });

  it.each([
    ['no answer', failed(true), 'unreachable'],
    ['a passing fault', graphError(2), 'unreachable'],
  ])('ends with %s: part of the pages would make the others look gone', async (_, reply, status) => {
    const graph = fakeGraph({ ...NOBODY, 'GET debug_token': granted(['1']), 'GET me/accounts': reply });
    expect(await facebook.accounts.discover(gatewayCall(graph.http))).toMatchObject({ status });
  });
});

describe('the one subscription of a page', () => {
  const PATH = '111/subscribed_apps';
  const OK = { json: { success: true } };
  const SETTINGS = { page_token: 'EAApage', client_id: '1234567890' };
  const app = (...fields: string[]) =>
    list({ id: '999', subscribed_fields: ['feed'] }, { id: '1234567890', subscribed_fields: fields });
  const fieldsIn = (body: unknown) => new URLSearchParams(String(body)).get('subscribed_fields')?.split(',');
  const ALL = [...PAGE_FIELDS];

  it.each([
    ['a page', facebook, app(), ALL],
    ['a page whose Instagram account is in use', facebook, app('messages', 'name'), [...ALL, 'name']],
    ['an Instagram account', instagram, app(), ['messages', 'name']],
    ['an Instagram account whose page is in use', instagram, app(...ALL), ['messages', 'name', ...ALL.slice(1)]],
  ])('is made for %s', async (_, channel, standing, expected) => {
    const graph = fakeGraph({ [`GET ${PATH}`]: standing, [`POST ${PATH}`]: OK });
    expect(await channel.accounts.subscribe('111', gatewayCall(graph.http, SETTINGS))).toEqual({
      status: 'ok',
      value: {},
    });
    expect(fieldsIn(graph.seen[1]?.body)).toEqual(expected);
    for (const request of graph.seen) expect(request.headers?.['authorization']).toBe('Bearer EAApage');
  });

  it.each([
    ['a page', facebook, app(...ALL), undefined],
    ['a page whose Instagram account stays', facebook, app(...ALL, 'name'), ['messages', 'name']],
    ['an Instagram account', instagram, app('messages', 'name'), undefined],
    ['an Instagram account whose page stays', instagram, app(...ALL, 'name'), ALL],
  ])('ends for %s', async (_, channel, standing, left) => {
    const graph = fakeGraph({ [`GET ${PATH}`]: standing, [left ? `POST ${PATH}` : `DELETE ${PATH}`]: OK });
    const outcome = await channel.accounts.unsubscribe('111', gatewayCall(graph.http, SETTINGS));
    expect(outcome).toEqual({ status: 'ok', value: undefined });
    if (left) expect(fieldsIn(graph.seen[1]?.body)).toEqual(left);
    expect(graph.unused()).toEqual([]);
  });

  it('needs the token of the page', async () => {
    const outcome = await facebook.accounts.subscribe('111', gatewayCall(fakeGraph({}).http));
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 'token.missing' } });
  });
});

describe('the list of a command', () => {
  it('shows pages and Instagram accounts, and never a token', () => {
    const accounts = [{ address: '9', name: 'acme', details: { username: 'acme', name: 'Acme' }, active: true }];
    const group = { address: '1', name: 'Page', details: { category: 'Shop' }, subscribed: true, accounts };
    expect(facebook.accounts.present([group])).toEqual([
      { id: '1', name: 'Page', category: 'Shop', active: true, subscribed_fields: [...PAGE_FIELDS] },
    ]);
    expect(instagram.accounts.present([{ ...group, subscribed: false, warning: 'w' }])).toEqual([
      { id: '1', name: 'Page', instagram: { id: '9', username: 'acme', name: 'Acme' }, active: true, warning: 'w' },
    ]);
  });
});

describe('who a person is', () => {
  it('is asked as the page', async () => {
    const graph = fakeGraph({ 'GET 244': { json: { first_name: 'Ann', last_name: 'Bo', id: '244' } } });
    const call = {
      ...gatewayCall(graph.http, { page_token: 'EAApage' }),
      account: { address: '1', group: '1', name: 'Page' },
    };
    expect(await facebook.dialog.profile?.('244', call)).toEqual({ status: 'ok', value: { name: 'Ann Bo' } });
  });
});
