import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { InboundEvent, JsonObject, JsonValue } from '../../contract/index.js';
import { channel, contextOf, message, type } from './custom.fixture.js';

const ACCOUNT = { address: 'shops.acme', group: 'shops.acme' };

/** As they come from a webhook: cut into events, each read by the channel. */
const eventsOf = (body: JsonValue, settings: Record<string, string> = {}): readonly InboundEvent[] =>
  type.webhook.split(body).flatMap((piece) => ('channel' in piece ? channel.parse(piece, contextOf(settings)) : piece));

describe('a message that comes in', () => {
  it('has an author, a time, an id and a content', () => {
    expect(eventsOf(message({ replyTo: 'x7', referral: { source: 'ad' } }))).toEqual([
      {
        type: 'message',
        account: ACCOUNT,
        providerId: 'm1',
        sender: { userId: 'ann', name: 'Ann' },
        occurredAt: new Date('2026-11-26T11:59:58Z'),
        content: { type: 'text', text: 'hi' },
        opensWindow: true,
        replyTo: { providerId: 'x7' },
        referral: { source: 'ad' },
      },
    ]);
  });

  it('names its account where there are several', () => {
    const several = { accounts: 'shop=The shop, help' };
    expect(eventsOf(message({ account: 'help' }), several)).toMatchObject([{ account: { address: 'help' } }]);
    expect(eventsOf(message(), several)).toMatchObject([
      { code: 'item.broken', detail: expect.stringContaining('several') },
    ]);
    expect(eventsOf(message(), { accounts: 'shop' })).toMatchObject([{ account: { address: 'shop' } }]);
  });

  it.each([
    [
      { userId: 'ann', phone: '+1 (650) 555-1234', username: 'ann7' },
      { userId: 'ann', phone: '16505551234', username: 'ann7' },
    ],
    ['ann', { userId: 'ann' }],
    [7, { userId: '7' }],
    [{ phone: '16505551234' }, { phone: '16505551234' }],
  ])('is from %j', (from, sender) => {
    expect(eventsOf(message({ from }))).toMatchObject([{ type: 'message', sender }]);
  });

  it.each([
    [1_795_694_400, '2026-11-26T12:00:00.000Z'],
    [1_795_694_400_123, '2026-11-26T12:00:00.123Z'],
    ['2026-11-26T13:00:00+01:00', '2026-11-26T12:00:00.000Z'],
  ])('was said at %j', (at, expected) => {
    expect(eventsOf(message({ at }))).toMatchObject([{ occurredAt: new Date(expected) }]);
  });

  it.each([
    [{ id: undefined }, 'id must be'],
    [{ id: '' }, 'id must be'],
    [{ id: 'x'.repeat(257) }, 'id must be'],
    [{ id: 'a\u0000b' }, 'id must be'],
    [{ from: {} }, 'userId or a phone'],
    [{ from: { phone: 'ann' } }, 'digits'],
    [{ at: 'yesterday' }, 'at must be a time'],
    [{ at: '2026-11-26T12:00:00' }, 'at must be a time'],
    [{ at: 1e300 }, 'at must be a time'],
    [{ content: 'hi' }, 'content must be an object'],
    [{ content: { type: 'text' } }, 'content.text'],
    [{ content: { type: 'location', latitude: '1', longitude: 2 } }, 'content.latitude'],
    [{ content: { type: 'image', media: { id: 'ours' } } }, 'content.media.url'],
    [{ content: { type: 'image', media: { url: 'file:///etc/passwd' } } }, 'content.media.url'],
    [{ type: 'massage' }, 'the type massage is not known'],
    [{ type: 7 }, 'type is missing'],
  ])('is listed, with the reason, when it is broken: %j', (more, words) => {
    expect(eventsOf(message(more as JsonObject))).toMatchObject([
      { type: 'unhandled', detail: expect.stringContaining(words) },
    ]);
  });

  const FILE = { url: 'https://other.example/7', mimeType: 'image/png', filename: 'a.png', size: 3 };

  it.each([
    [
      {
        type: 'image',
        media: { ...FILE, id: '01a215d7-4a3b-7000-9005-237b067d79aa', state: 'ready' },
        caption: 'Look',
      },
      { type: 'image', media: { ...FILE, providerId: '01a215d7-4a3b-7000-9005-237b067d79aa' }, caption: 'Look' },
    ],
    [
      { type: 'audio', media: { url: FILE.url }, voice: true },
      { type: 'audio', media: { url: FILE.url }, voice: true },
    ],
    [
      { type: 'location', latitude: 1.5, longitude: -2, name: 'Here' },
      { type: 'location', latitude: 1.5, longitude: -2, name: 'Here' },
    ],
    [
      { type: 'contacts', contacts: [{ name: 'Bob' }] },
      { type: 'contacts', contacts: [{ name: 'Bob' }] },
    ],
    [
      { type: 'reaction', messageId: 'x', emoji: '' },
      { type: 'reaction', messageId: 'x', emoji: '' },
    ],
    [
      { type: 'choice', id: 'yes', title: 'Yes', of: 'list' },
      { type: 'choice', id: 'yes', title: 'Yes', of: 'list' },
    ],
    [
      { type: 'choice', title: 'Yes' },
      { type: 'choice', id: 'Yes', title: 'Yes', of: 'button' },
    ],
    [
      { type: 'form', data: { a: 1 } },
      { type: 'form', name: '', body: '', data: { a: 1 }, raw: '{"a":1}' },
    ],
    [
      { type: 'order', items: [1] },
      { type: 'order', items: [1] },
    ],
    [
      { type: 'edit', messageId: 'x', content: { type: 'text', text: 'new' } },
      { type: 'edit', messageId: 'x', content: { type: 'text', text: 'new' } },
    ],
    [
      { type: 'revoke', messageId: 'x' },
      { type: 'revoke', messageId: 'x' },
    ],
    [
      { type: 'system', event: 'joined', room: 3 },
      { type: 'system', event: 'joined', room: 3 },
    ],
    [
      { type: 'buttons', text: 'x' },
      { type: 'unsupported', providerType: 'buttons', raw: { type: 'buttons', text: 'x' } },
    ],
    [
      { type: 'unsupported', providerType: 'poll', raw: 7 },
      { type: 'unsupported', providerType: 'poll', raw: 7 },
    ],
  ])('says %j', (content, expected) => {
    expect(eventsOf(message({ content }))).toMatchObject([{ type: 'message', content: expected }]);
    const [event] = eventsOf(message({ content }));
    expect(event?.type === 'message' && event.content).toEqual(expected);
    expect(event).not.toHaveProperty('attention');
  });

  it('of a new type is passed on whole, and asks for attention', () => {
    const content = { type: 'poll', options: ['a'] };
    expect(eventsOf(message({ content }))).toMatchObject([
      { content: { type: 'unsupported', providerType: 'poll', raw: content }, attention: expect.any(String) },
    ]);
  });
});

describe('a status, and an end', () => {
  it('name what they are about', () => {
    const at = '2026-11-26T12:00:00Z';
    expect(
      eventsOf({
        events: [
          { type: 'status', id: 'x1', attempt: 'pb.1.a', status: 'delivered', at },
          {
            type: 'status',
            attempt: 'pb.1.b',
            status: 'failed',
            at,
            error: { code: 'recipient.blocked', message: 'no' },
          },
          { type: 'close', from: 'ann', at },
          { type: 'status', status: 'read', at },
        ],
      }),
    ).toMatchObject([
      {
        type: 'receipt',
        account: ACCOUNT,
        providerId: 'x1',
        attempt: 'pb.1.a',
        status: 'delivered',
        occurredAt: new Date(at),
      },
      { type: 'receipt', providerId: 'pb.1.b', error: { code: 'recipient.blocked', message: 'no' } },
      { type: 'closed', account: ACCOUNT, person: { userId: 'ann' }, occurredAt: new Date(at) },
      { type: 'unhandled', code: 'item.broken', path: 'events[3]' },
    ]);
  });
});

describe('reading', () => {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }).map((value) => value as JsonValue),
    fc.constantFrom<JsonValue>('message', 'text', '__proto__', '\u0000', '\ud800', -1, 1e300, ''),
  );
  const member = fc.constantFrom(
    'type',
    'id',
    'from',
    'at',
    'content',
    'account',
    'replyTo',
    'attempt',
    'status',
    'error',
  );
  const kinds = ['text', 'image', 'choice', 'edit', 'form', 'system', 'contacts', 'order', 'reaction', 'location'];
  const item = fc.oneof(
    odd,
    fc
      .tuple(fc.constantFrom('message', 'status', 'close'), fc.dictionary(member, odd), fc.constantFrom(...kinds), odd)
      .map(([kind, wounds, of, inner]) => {
        const content = { type: of, text: 'a', content: inner, media: inner, contacts: inner } as JsonObject;
        return { ...message({ content, status: 'read' }), type: kind, ...wounds };
      }),
  );

  it('is total, the same twice, and never costs a neighbour', () => {
    fc.assert(
      fc.property(item, (wounded) => {
        const events = eventsOf({ events: [message({ id: 'before' }), wounded, message({ id: 'after' })] });
        expect(events).toHaveLength(3);
        expect(events[0]).toMatchObject({ type: 'message', providerId: 'before' });
        expect(events[2]).toMatchObject({ type: 'message', providerId: 'after' });
        expect(eventsOf({ events: [wounded] })).toEqual(eventsOf({ events: [wounded] }));
      }),
    );
    fc.assert(
      fc.property(odd, (body) =>
        expect(eventsOf(body).length).toBeGreaterThanOrEqual(
          Array.isArray((body as { events?: unknown } | null)?.events) ? 0 : 1,
        ),
      ),
    );
  });

  it('survives what is nested deeper than anybody writes', () => {
    let content: JsonObject = { type: 'text', text: 'x' };
    for (let depth = 0; depth < 20_000; depth += 1) content = { type: 'edit', messageId: 'x', content };
    expect(eventsOf(message({ content }))).toMatchObject([{ type: 'message', content: { type: 'edit' } }]);
  });
});
