import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayContext, JsonValue, WebhookRequest } from '../../contract/index.js';
import { loopback } from './index.js';

const context = { settings: { secret: 'knock' } } as unknown as GatewayContext;
const [channel] = loopback.channels;
const request = (headers: WebhookRequest['headers']): WebhookRequest => ({
  method: 'POST',
  query: new URLSearchParams(),
  headers,
  body: Buffer.alloc(0),
});
const eventsOf = (body: JsonValue) =>
  loopback.webhook
    .split(body)
    .flatMap((piece) => ('channel' in piece ? (channel?.parse(piece, context) ?? []) : piece));

describe('loopback', () => {
  it.each([
    [{ 'x-loopback-secret': 'knock' }, { ok: true }],
    [{ 'x-loopback-secret': 'wrong' }, { ok: false, why: 'forged' }],
    [{}, { ok: false, why: 'unsigned' }],
  ])('judges %j', (headers, verdict) => {
    expect(loopback.webhook.verify(request(headers), context)).toEqual(verdict);
  });

  it('reads messages, beside a broken one', () => {
    const events = eventsOf({ messages: [{ id: '1', from: 'ann', text: 'hi' }, { id: '2' }] });
    expect(events).toMatchObject([
      { type: 'message', providerId: '1', sender: { userId: 'ann' }, content: { type: 'text', text: 'hi' } },
      { type: 'unhandled', code: 'item.broken', path: 'messages[1]' },
    ]);
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expect(eventsOf({ messages: [value as JsonValue] })).toHaveLength(1)),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => void eventsOf(value as JsonValue)));
  });

  it('accepts at once what it can send, and says what it cannot', async () => {
    const outbound = channel!.outbound;
    expect(outbound.check({ type: 'text', text: 'hi' }, context)).toEqual([]);
    expect(outbound.check({ type: 'order' }, context)).toMatchObject([{ code: 'content.unsupported' }]);
    expect(outbound.check({ type: 'text', text: 'a'.repeat(4097) }, context)).toMatchObject([
      { code: 'content.too_long' },
    ]);
    const outcome = await outbound.send({ payload: {} }, 'att_1', {} as never);
    expect(outcome).toEqual({ status: 'accepted', providerId: 'loopback.att_1' });
  });
});
