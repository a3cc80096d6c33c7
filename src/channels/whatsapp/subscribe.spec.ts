import { describe, expect, it } from '@jest/globals';
import type { GatewayCall } from '../../contract/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { isGone, leave, subscribe, unsubscribe } from './subscribe.js';

const GET = 'GET 1/subscribed_apps';
const POST = 'POST 1/subscribed_apps';
const SUCCESS = { json: { success: true } };
const app = (id: string, override?: string) => ({
  whatsapp_business_api_data: { id, name: 'App', link: 'https://x.test' },
  ...(override && { override_callback_uri: override }),
});
const apps = (...list: object[]) => ({ json: { data: list } });
const settings = { client_id: '77', verify_token: 'v' };

async function subscribed(
  routes: Parameters<typeof fakeGraph>[0],
  more: Record<string, string | undefined> = settings,
  { publicUrl = 'http://chat.example', isShared = false, own = {} as Partial<GatewayCall> } = {},
) {
  const graph = fakeGraph(routes);
  const outcome = await subscribe('1', { ...gatewayCall(graph.http, more, publicUrl), ...own }, isShared);
  const bodies = graph.seen.flatMap(({ method, body }) =>
    method === 'POST' ? [body && JSON.parse(String(body))] : [],
  );
  return { graph, outcome, bodies, body: graph.seen.find((request) => request.method === 'POST')?.body };
}

describe('subscribing', () => {
  it.each([
    ['nobody has', apps()],
    ['we have already', apps(app('77'))],
    ['another app has an override', apps(app('77'), app('88', 'https://other.test/x'))],
    ['we may not look', graphError(10)],
  ])('posts without a body when %s', async (_, listed) => {
    const { outcome, body } = await subscribed({ [GET]: listed, [POST]: SUCCESS });
    expect(outcome).toEqual({ status: 'ok', value: {} });
    expect(body).toBeUndefined();
  });

  it("leaves another owner's override of our app as it is, and says so", async () => {
    const { graph, outcome } = await subscribed({ [GET]: apps(app('77', 'https://chat.example.evil.test/x')) });
    expect(outcome).toMatchObject({
      status: 'ok',
      value: { warning: expect.stringContaining('https://chat.example.evil.test/x') },
    });
    expect(graph.calls()).toEqual([GET]);
  });

  it('sets our own override again', async () => {
    const override = 'http://chat.example/chat/acme';
    const { body } = await subscribed({ [GET]: apps(app('77', override)), [POST]: SUCCESS });
    expect(JSON.parse(String(body))).toEqual({ override_callback_uri: override, verify_token: 'v' });
  });

  it('asks which app it is when nobody has said so', async () => {
    const facts = { json: { data: { app_id: 77, is_valid: true } } };
    const routes = { [GET]: apps(app('77', 'https://other.test/x')), 'GET debug_token': facts };
    expect((await subscribed(routes, {})).outcome).toMatchObject({
      status: 'ok',
      value: { warning: expect.any(String) },
    });
  });

  it('risks no override while it cannot know whose it is', async () => {
    const routes = { [GET]: apps(app('77', 'https://other.test/x')), 'GET debug_token': graphError(100) };
    expect((await subscribed(routes, {})).outcome).toMatchObject({ status: 'refused', remote: { code: 100 } });
  });

  it.each([
    ['no success', { [GET]: apps(), [POST]: { json: { success: false } } }, 'refused'],
    ['a refusal', { [GET]: apps(), [POST]: graphError(200) }, 'refused'],
    ['no answer', { [GET]: apps(), [POST]: failed(true) }, 'unreachable'],
    ['no list', { [GET]: failed(false) }, 'unreachable'],
  ])('with %s', async (_, routes, status) => {
    expect((await subscribed(routes)).outcome.status).toBe(status);
  });
});

describe("the account's own callback, where we are called by https", () => {
  const https = { publicUrl: 'https://chat.example' };
  const OURS = 'https://chat.example/chat/acme';
  const SHARED = 'https://chat.example/meta/1234567890';
  const set = (url: string) => ({ override_callback_uri: url, verify_token: 'v' });

  it.each([
    ['nobody has one', apps(), false, OURS],
    ['we may not look', graphError(10), false, OURS],
    ['another app has one', apps(app('88', 'https://other.test/x')), false, OURS],
    ['it is ours', apps(app('77', OURS)), false, OURS],
    ["it is another gateway's of ours that has left", apps(app('77', 'https://chat.example/chat/old')), false, OURS],
    ['other gateways use the account too', apps(app('77', OURS)), true, SHARED],
  ])('is set when %s', async (_, listed, isShared, url) => {
    const { outcome, bodies } = await subscribed({ [GET]: listed, [POST]: SUCCESS }, settings, { ...https, isShared });
    expect(outcome).toEqual({ status: 'ok', value: {} });
    expect(bodies).toEqual([set(url)]);
  });

  it("is another owner's, and left", async () => {
    const routes = { [GET]: apps(app('77', 'https://chat.example.evil.test/x')) };
    const { graph, outcome } = await subscribed(routes, settings, https);
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.stringContaining('evil.test/x') } });
    expect(graph.calls()).toEqual([GET]);
  });

  it('is done without when Meta does not take it', async () => {
    const routes = { [GET]: apps(), [POST]: [graphError(2200, 'handshake failed'), SUCCESS] };
    const { outcome, bodies } = await subscribed(routes, settings, https);
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.stringContaining('handshake failed') } });
    expect(bodies).toEqual([set(OURS), undefined]);
  });

  it('does not make up for a refusal that has nothing to do with it', async () => {
    const routes = { [GET]: apps(), [POST]: [graphError(200), graphError(200)] };
    expect((await subscribed(routes, settings, https)).outcome.status).toBe('refused');
  });

  it('stays when it was ours and Meta does not reach us just now', async () => {
    const routes = { [GET]: apps(app('77', OURS)), [POST]: graphError(2200) };
    const { outcome, bodies } = await subscribed(routes, settings, https);
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.stringContaining('stays as it was') } });
    expect(bodies).toHaveLength(1);
  });

  it.each([
    ['is done without when it is too long', { callbackUrl: `https://chat.example/chat/${'x'.repeat(200)}` }, false],
    ['is done without where gateways share an account and no callback', { sharedCallbackUrl: undefined }, true],
  ])('%s', async (_, own, isShared) => {
    const how = { ...https, isShared, own: own as Partial<GatewayCall> };
    const { outcome, bodies } = await subscribed({ [GET]: apps(), [POST]: SUCCESS }, settings, how);
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.any(String) } });
    expect(bodies).toEqual([undefined]);
  });

  it('is left to the other gateway that has it, when there is none in common', async () => {
    const theirs = 'https://chat.example/chat/first';
    const how = { ...https, isShared: true, own: { sharedCallbackUrl: undefined } as unknown as Partial<GatewayCall> };
    const { outcome, bodies } = await subscribed({ [GET]: apps(app('77', theirs)) }, settings, how);
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.stringContaining(theirs) } });
    expect(bodies).toEqual([]);
  });

  it.each([
    ['goes with a gateway that leaves the account to others', OURS, [GET, POST]],
    ['stays where the others share it', SHARED, [GET]],
    ["stays where it is somebody else's", 'https://other.test/x', [GET]],
  ])('%s', async (_, override, calls) => {
    const graph = fakeGraph({ [GET]: apps(app('77', override)), [POST]: SUCCESS });
    expect(await leave('1', gatewayCall(graph.http, settings))).toEqual({ status: 'ok', value: undefined });
    expect(graph.calls()).toEqual(calls);
    expect(graph.seen[1]?.body).toBeUndefined();
  });

  it('is not looked at where there can be none of ours', async () => {
    const graph = fakeGraph({});
    expect((await leave('1', gatewayCall(graph.http, settings, 'http://chat.example'))).status).toBe('ok');
    expect(graph.seen).toEqual([]);
  });
});

describe('unsubscribing', () => {
  it.each([
    [SUCCESS, 'ok'],
    [{ json: true }, 'ok'],
    [{ json: {} }, 'refused'],
    [graphError(190), 'refused'],
    [failed(true), 'unreachable'],
  ])('answered %j', async (answer, status) => {
    const graph = fakeGraph({ 'DELETE 1/subscribed_apps': answer });
    expect((await unsubscribe('1', gatewayCall(graph.http))).status).toBe(status);
  });

  it.each([
    [{ code: 100, subcode: 33, message: 'Unsupported' }, true],
    [{ code: 803, message: 'Some of the aliases' }, true],
    [{ code: 100, message: "Object with ID '1' does not exist" }, true],
    [{ code: 100, message: 'Invalid parameter' }, false],
    [{ code: 190, message: 'The application does not exist' }, false],
    [{ code: 10, message: 'Permission denied' }, false],
  ])('finds the account gone on %j: %s', (remote, gone) => {
    expect(isGone(remote)).toBe(gone);
  });
});
