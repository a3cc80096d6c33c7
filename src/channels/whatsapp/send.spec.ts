import { describe, expect, it } from '@jest/globals';
import type { ProviderAnswer } from '../../contract/index.js';
import { answered, failed, fakeGraph, gatewayCall } from '../graph/testing/fake-graph.js';
import { send } from './send.js';
import { graphTransport } from './transport.js';

const account = { address: '106540352242922', group: '102290129340398', name: 'Acme' };
const ROUTE = 'POST 106540352242922/messages';
const part = { payload: { messaging_product: 'whatsapp', to: '+1650', type: 'text', text: { body: 'hi' } } };

async function sent(answer: ProviderAnswer) {
  const graph = fakeGraph({ [ROUTE]: answer });
  const outcome = await send(graphTransport, part, 'pb1:att_1', {
    ...gatewayCall(graph.http, { client_secret: 's' }),
    account,
  });
  return { outcome, request: graph.seen[0] };
}

const error = (code: number, http: number, headers = {}) =>
  answered(
    http,
    JSON.stringify({ error: { code, message: 'no', type: 'OAuthException', error_data: 'why' } }),
    headers,
  );

describe('sending', () => {
  it('lets the attempt travel with the message', async () => {
    const { request } = await sent(answered(200, '{}'));
    expect(JSON.parse(String(request?.body))).toEqual({ ...part.payload, biz_opaque_callback_data: 'pb1:att_1' });
    expect(request?.headers?.['content-type']).toBe('application/json');
    expect(request?.query.has('appsecret_proof')).toBe(true);
  });

  it.each([
    [
      { messages: [{ id: 'wamid.1' }], contacts: [{ input: '+55 11', wa_id: '551187654321' }] },
      { phone: '551187654321' },
    ],
    [{ messages: [{ id: 'wamid.1' }], contacts: [{ input: 'US.1', user_id: 'US.1' }] }, { userId: 'US.1' }],
    [{ messages: [{ id: 'wamid.1', message_status: 'held_for_quality_assessment' }] }, undefined],
  ])('is accepted with an id: %j', async (body, recipient) => {
    const { outcome } = await sent(answered(200, JSON.stringify(body)));
    expect(outcome).toEqual({ status: 'accepted', providerId: 'wamid.1', ...(recipient && { recipient }) });
  });

  it.each<[string, ProviderAnswer, object]>([
    [
      'an error of Meta',
      error(131047, 400),
      { status: 'refused', remote: { code: 131047, details: 'why', httpStatus: 400 } },
    ],
    ['an error of Meta with 500', error(131000, 500), { status: 'refused', remote: { code: 131000, httpStatus: 500 } }],
    ['an error of Meta with 200', error(1, 200), { status: 'refused', remote: { code: 1 } }],
    ['a wait that Meta asks for', error(130429, 429, { 'retry-after': '7' }), { status: 'refused', afterMs: 7000 }],
    ['a page with 500', answered(500, '<html>'), { status: 'unknown' }],
    ['nothing with 503', answered(503, ''), { status: 'unknown' }],
    ['JSON that is not an error of Meta, with 502', answered(502, '{"error":"bad gateway"}'), { status: 'unknown' }],
    ['200 without an id', answered(200, '{"messages":[]}'), { status: 'unknown' }],
    ['200 without JSON', answered(200, 'ok'), { status: 'unknown' }],
    ['a page with 404', answered(404, '<html>'), { status: 'refused', remote: { code: 'http.404' } }],
    ['a redirect', answered(302, ''), { status: 'refused', remote: { code: 'http.302' } }],
    ['a connection that broke', failed(true), { status: 'unknown' }],
    ['a connection that never was', failed(false), { status: 'unsent' }],
    [
      'a call that was not made',
      { status: 'failed', sent: false, reason: 'circuit open', afterMs: 4_000 },
      { status: 'unsent', afterMs: 4_000 },
    ],
  ])('after %s', async (_, answer, outcome) => {
    expect((await sent(answer)).outcome).toMatchObject(outcome);
  });
});
