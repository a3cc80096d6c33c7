import { describe, expect, it } from '@jest/globals';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { isGone, subscribe, unsubscribe } from './subscribe.js';

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
) {
  const graph = fakeGraph(routes);
  const outcome = await subscribe('1', gatewayCall(graph.http, more));
  return { graph, outcome, body: graph.seen.find((request) => request.method === 'POST')?.body };
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
    const override = 'https://chat.example/chat/acme';
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
