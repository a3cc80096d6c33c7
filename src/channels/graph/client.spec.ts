import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { graphClient } from './client.js';
import { answered, failed, fakeGraph, gatewayCall, graphError } from './testing/fake-graph.js';

const proofOf = (token: string, secret: string): string => createHmac('sha256', secret).update(token).digest('hex');

describe('the Graph client', () => {
  it('builds the URL from the settings and carries the token in a header only', async () => {
    const graph = fakeGraph({ 'GET me': { json: { id: '1' } } });
    const call = gatewayCall(graph.http, { graph_url: 'https://graph.test///', version: 'v25.0' });
    await graphClient(call).call({ path: 'me', query: { fields: 'id,name' } });
    expect(graph.seen[0]?.url).toBe('https://graph.test/v25.0/me?fields=id%2Cname');
    expect(graph.seen[0]?.headers?.['authorization']).toBe('Bearer EAAGtoken');
  });

  it.each([
    ['GET', undefined],
    ['POST', { json: { a: 1 } }],
    ['DELETE', undefined],
  ] as const)('proves every %s with the app secret, for the token that is used', async (method, body) => {
    const graph = fakeGraph({ [`${method} x`]: { json: {} } });
    const call = gatewayCall(graph.http, { client_secret: 's3cret' });
    await graphClient(call).call({ method, path: 'x', ...body });
    await graphClient(call, '12|s3cret').call({ method, path: 'x', ...body });
    expect(graph.seen.map(({ query }) => query.get('appsecret_proof'))).toEqual([
      proofOf('EAAGtoken', 's3cret'),
      proofOf('12|s3cret', 's3cret'),
    ]);
  });

  it('sends no proof without a secret', async () => {
    const graph = fakeGraph({ 'GET me': { json: {} } });
    await graphClient(gatewayCall(graph.http)).call({ path: 'me' });
    expect(graph.seen[0]?.query.has('appsecret_proof')).toBe(false);
  });

  it.each([
    [{ details: 'why' }, 'why'],
    ['why', 'why'],
    [undefined, undefined],
    [[1], undefined],
  ])('reads error_data %j', async (error_data, details) => {
    const error = { error_data, error_subcode: 33, is_transient: false };
    const graph = fakeGraph({ 'GET me': graphError(100, 'no', error) });
    const outcome = await graphClient(gatewayCall(graph.http)).call({ path: 'me' });
    const remote = { code: 100, message: 'no', subcode: 33, type: 'OAuthException', traceId: 'Az8', httpStatus: 400 };
    expect(outcome).toEqual({ status: 'refused', remote: { ...remote, ...(details && { details }) } });
  });

  it.each([
    ['a page of a proxy', answered(502, '<html>Bad gateway</html>'), 'unreachable'],
    ['nothing', answered(500, ''), 'unreachable'],
    ['no JSON with 200', answered(200, 'ok'), 'unreachable'],
    ["an error that is not Graph's", answered(503, '{"error":"down"}'), 'unreachable'],
    ['a 4xx without words', answered(404, 'not here'), 'refused'],
    ['no connection', failed(false), 'unreachable'],
    ['an error with 200', answered(200, '{"error":{"code":1,"message":"x"}}'), 'refused'],
  ])('calls %s by its name', async (_, answer, status) => {
    const graph = fakeGraph({ 'GET me': answer });
    expect((await graphClient(gatewayCall(graph.http)).call({ path: 'me' })).status).toBe(status);
  });

  it('lets no secret out, though Meta repeats a malformed token', async () => {
    const settings = { client_secret: 's3cret-of-app', verify_token: 'verify-me' };
    const message = 'Malformed access token EAAGtoken of s3cret-of-app and verify-me';
    const graph = fakeGraph({
      'GET me': graphError(190, message, { error_data: 'EAAGtoken' }),
      'GET x': failed(true, 'at EAAGtoken'),
    });
    const client = graphClient(gatewayCall(graph.http, settings));
    const outcomes = JSON.stringify([await client.call({ path: 'me' }), await client.call({ path: 'x' })]);
    for (const secret of ['EAAGtoken', 's3cret-of-app', 'verify-me']) expect(outcomes).not.toContain(secret);
    expect(outcomes).toContain('Malformed access token ••••');
  });
});
