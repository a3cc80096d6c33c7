import { describe, expect, it } from '@jest/globals';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { WEBHOOK_FIELDS } from '../whatsapp/fields.js';
import { register } from './register.js';

const GET = 'GET 1234567890/subscriptions';
const POST = 'POST 1234567890/subscriptions';
const SETTINGS = { client_id: '1234567890', client_secret: 's3cret-of-app', verify_token: 'v3rify' };
const list = (...data: object[]) => ({ json: { data } });
const ours = {
  object: 'whatsapp_business_account',
  callback_url: 'https://chat.example/meta/1234567890',
  active: true,
};
const theirs = { ...ours, callback_url: 'https://chat.example.evil.test/hook' };

async function registered(
  routes: Parameters<typeof fakeGraph>[0],
  settings: object = SETTINGS,
  publicUrl?: string,
  channel = 'whatsapp',
) {
  const graph = fakeGraph(routes);
  const outcome = await register(gatewayCall(graph.http, { ...settings }, publicUrl), channel);
  return { graph, outcome };
}

describe("the app's own webhook", () => {
  it.each([
    ['there is none', list()],
    ['it is ours', list(ours)],
    ['another object has one', list({ object: 'page', callback_url: 'https://other.test' })],
  ])('is registered when %s', async (_, listed) => {
    const { graph, outcome } = await registered({ [GET]: listed, [POST]: { json: { success: true } } });
    expect(outcome).toEqual({ status: 'ok', value: {} });
    const form = Object.fromEntries(new URLSearchParams(String(graph.seen[1]?.body)));
    expect(form).toEqual({
      object: 'whatsapp_business_account',
      callback_url: 'https://chat.example/meta/1234567890',
      verify_token: 'v3rify',
      fields: [...WEBHOOK_FIELDS, 'consumer_profile'].join(','),
    });
    for (const request of graph.seen)
      expect(request.headers?.['authorization']).toBe('Bearer 1234567890|s3cret-of-app');
  });

  it.each([
    ['facebook', 'page', 'messaging_postbacks'],
    ['instagram', 'instagram', 'messaging_seen'],
  ])('is registered for %s as well, beside what others have', async (channel, object, field) => {
    const routes = { [GET]: list(theirs), [POST]: { json: { success: true } } };
    const { graph, outcome } = await registered(routes, SETTINGS, undefined, channel);
    expect(outcome).toEqual({ status: 'ok', value: {} });
    const form = new URLSearchParams(String(graph.seen[1]?.body));
    expect(form.get('object')).toBe(object);
    expect(form.get('fields')?.split(',')).toContain(field);
  });

  it('is left to another owner, who is named', async () => {
    const { graph, outcome } = await registered({ [GET]: list(theirs) });
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.stringContaining(theirs.callback_url) } });
    expect(graph.calls()).toEqual([GET]);
  });

  it.each([
    ['the public URL is not https', SETTINGS, 'http://localhost:3000'],
    ['there is no secret', { ...SETTINGS, client_secret: undefined }, undefined],
    ['there is no app id', { ...SETTINGS, client_id: undefined }, undefined],
  ])('asks Meta nothing when %s', async (_, settings, publicUrl) => {
    const { graph, outcome } = await registered({}, settings, publicUrl);
    expect(outcome).toEqual({ status: 'ok', value: {} });
    expect(graph.seen).toEqual([]);
  });

  it('goes without the field that an app is not offered', async () => {
    const { graph, outcome } = await registered({
      [GET]: list(),
      [POST]: [graphError(100), { json: { success: true } }],
    });
    expect(outcome).toEqual({ status: 'ok', value: {} });
    expect(new URLSearchParams(String(graph.seen[2]?.body)).get('fields')).toBe(WEBHOOK_FIELDS.join(','));
  });

  it.each([
    ['refuses to list', { [GET]: graphError(190, 'no app s3cret-of-app') }, 'no app ••••'],
    ['cannot be reached', { [GET]: failed(false, 'refused') }, 'refused'],
    [
      'refuses to register',
      { [GET]: list(), [POST]: graphError(2200, 'Callback verification failed') },
      'Callback verification failed',
    ],
  ])('is a warning, no failure, when Meta %s', async (_, routes, words) => {
    const { outcome } = await registered(routes);
    expect(outcome).toMatchObject({ status: 'ok', value: { warning: expect.stringContaining(words) } });
  });
});
