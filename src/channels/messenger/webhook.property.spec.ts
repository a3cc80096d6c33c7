import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { InboundEvent, JsonValue } from '../../contract/index.js';
import { split } from './split.js';
import { WEBHOOK_FIELDS } from '../whatsapp/fields.js';
import { parse } from '../whatsapp/parse.js';

const FOLDER = new URL('../whatsapp/payloads/', import.meta.url);
const PAYLOADS: JsonValue[] = readdirSync(FOLDER).map(
  (name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')).body,
);

/** Values of every kind, and words that mean something to the parser. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as JsonValue),
  fc.constantFrom<JsonValue>(
    '',
    'messages',
    'system',
    '__proto__',
    'constructor',
    '1749416383',
    -1,
    1e300,
    '\u0000',
    '\ud800',
  ),
);

/** Members that mean something in some field. */
const MEMBERS = [
  ...['messages', 'statuses', 'contacts', 'errors', 'message_echoes', 'user_preferences', 'timestamp', 'type', 'event'],
  ...['control_taken', 'control_passed', 'sender', 'recipient', 'display_phone_number', 'phone_number', 'waba_info'],
  ...[
    'message_template_name',
    'message_template_language',
    'new_category',
    'correct_category',
    'alert_info',
    'entity_id',
  ],
  ...['username', 'status', 'decision', 'phone_number_settings', 'messaging_account_id', 'waac_id', 'current_limit'],
];

/** A real payload with values replaced or taken away in random places. */
const damaged = fc
  .tuple(fc.constantFrom(...PAYLOADS), fc.array(fc.tuple(fc.nat(), odd, fc.boolean()), { maxLength: 6 }))
  .map(([payload, wounds]) => {
    const body = structuredClone(payload);
    for (const [at, value, isTaken] of wounds) wound(body, at, value, isTaken);
    return body;
  });

function wound(root: JsonValue, at: number, value: JsonValue, isTaken: boolean): void {
  const places: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  const [node, key] = places[at % Math.max(places.length, 1)] ?? [];
  if (!node || key === undefined) return;
  if (isTaken && !Array.isArray(node)) delete node[key];
  else node[key] = structuredClone(value);
}

const eventsOf = (body: JsonValue): InboundEvent[] =>
  split(body).flatMap((piece) => ('channel' in piece ? parse(piece) : piece));

function expectWellFormed(event: InboundEvent): void {
  switch (event.type) {
    case 'message':
      expect(event.providerId).toEqual(expect.stringMatching(/./s));
      expect(event.sender.phone ?? event.sender.userId).toEqual(expect.stringMatching(/./s));
      if (event.sender.phone !== undefined) expect(event.sender.phone).toMatch(/^\d+$/);
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'echo':
      expect(event.providerId).toEqual(expect.stringMatching(/./s));
      expect(event.recipient.phone ?? event.recipient.userId).toEqual(expect.stringMatching(/./s));
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'unused':
      expect(event.kind).toMatch(/^[a-z_]+$/);
      expect(event.count).toBeGreaterThan(0);
      break;
    case 'receipts':
      throw new Error('WhatsApp names the messages of its receipts');
    case 'receipt':
      expect(event.providerId).toEqual(expect.stringMatching(/./s));
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'template':
      for (const word of [event.group, event.key, event.name, event.language]) expect(word).not.toBe('');
      expect(event.language).not.toContain('-');
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'account':
      for (const word of [event.group, event.key]) expect(word).not.toBe('');
      expect(event.details ?? event.limit ?? event.news).toBeDefined();
      expect(event.topic).not.toBe('');
      expect(event.limit?.limit ?? 1).toBeGreaterThan(0);
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'consent':
    case 'reach':
      expect(event.person.phone ?? event.person.userId).toEqual(expect.stringMatching(/./s));
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'closed':
      throw new Error('WhatsApp tells of no end of a conversation');
    case 'unhandled':
      expect(event.code).toMatch(/^[a-z]+\.[a-z]+$/);
      expect(event.detail).not.toBe('');
  }
}

describe('split and parse', () => {
  it('are total over damaged payloads', () => {
    fc.assert(
      fc.property(damaged, (body) => eventsOf(body).forEach(expectWellFormed)),
      { numRuns: 2000 },
    );
  });

  it('are total over any JSON, in any place', () => {
    const wraps: ((value: JsonValue) => JsonValue)[] = [
      (value) => value,
      (value) => ({ object: 'whatsapp_business_account', entry: value }),
      (value) => ({ object: 'whatsapp_business_account', entry: [{ id: value, changes: value }] }),
      (value) => ({
        object: 'whatsapp_business_account',
        entry: [{ id: '1', changes: [value, { field: 'messages', value }] }],
      }),
    ];
    const wrapped = fc.tuple(odd, fc.constantFrom(...wraps)).map(([value, wrap]) => wrap(value));
    fc.assert(
      fc.property(wrapped, (body) => eventsOf(body).forEach(expectWellFormed)),
      { numRuns: 1000 },
    );
  });

  it('read what stands beside garbage as if it were not there, in every field', () => {
    const good = (id: string): JsonValue => ({
      id,
      from: '1650',
      timestamp: '1749416383',
      type: 'text',
      text: { body: id },
    });
    const metadata = { phone_number_id: '1' };
    const change = (id: string): JsonValue => ({ field: 'messages', value: { metadata, messages: [good(id)] } });
    const field = fc.constantFrom(...WEBHOOK_FIELDS, 'business_username_update', 'holograms');
    const value = fc.oneof(
      odd,
      fc.dictionary(fc.constantFrom(...MEMBERS), odd).map((members) => ({ metadata, ...members })),
    );
    fc.assert(
      fc.property(field, value, odd, (name, garbage, item) => {
        const body = {
          object: 'whatsapp_business_account',
          entry: [
            { id: '2', changes: [change('before'), { field: name, value: garbage }, change('after')] },
            { id: '2', time: 1749416383, changes: [{ field: name, value: garbage }] },
            {
              id: '2',
              changes: [{ field: 'messages', value: { metadata, messages: [good('one'), item, good('two')] } }],
            },
          ],
        } as JsonValue;
        const events = eventsOf(body);
        events.forEach(expectWellFormed);
        const texts = events.flatMap((event) =>
          event.type === 'message' && event.content.type === 'text' ? [event.content.text] : [],
        );
        expect(texts).toEqual(expect.arrayContaining(['before', 'after', 'one', 'two']));
      }),
      { numRuns: 2000 },
    );
  });

  it('lose no item: every message of a body is an event', () => {
    fc.assert(
      fc.property(fc.array(odd, { minLength: 1, maxLength: 20 }), (messages) => {
        const value = { metadata: { phone_number_id: '1' }, messages };
        const body = {
          object: 'whatsapp_business_account',
          entry: [{ id: '2', changes: [{ field: 'messages', value }] }],
        };
        expect(eventsOf(body)).toHaveLength(messages.length);
      }),
    );
  });

  it('do not mind how deep it goes', () => {
    const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as JsonValue;
    const message = { id: 'w', from: '1650', timestamp: '1749416383', type: 'order', order: deep };
    const value = { metadata: { phone_number_id: '1' }, contacts: deep, messages: [message, deep] };
    const change = { field: 'messages', value };
    const body = { object: 'whatsapp_business_account', entry: [{ id: '2', changes: [change, deep] }, deep] };
    expect(eventsOf(body).map((event) => event.type)).toEqual(['message', 'unhandled', 'unhandled', 'unhandled']);
    expect(eventsOf(deep)).toMatchObject([{ code: 'body.invalid' }]);
  });
});
