import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { InboundEvent, JsonObject, JsonValue } from '../../contract/index.js';
import { parse } from './parse.js';
import { splitPages } from './split.js';

const FOLDER = new URL('payloads/', import.meta.url);
const PAYLOADS: JsonObject[] = readdirSync(FOLDER).map(
  (name) => (JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { body: JsonObject }).body,
);
const TEXT = PAYLOADS.find((body) => JSON.stringify(body).includes('Do you ship to Lviv?')) as JsonObject;

/** Values of every kind, and words that mean something to the parser. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as JsonValue),
  fc.constantFrom<JsonValue>('', 'message', 'system', '__proto__', 'constructor', -1, 1e300, '\u0000', '\ud800'),
);

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

const eventsOf = (body: JsonObject, channel = 'facebook'): InboundEvent[] =>
  splitPages(body, channel).flatMap((piece) => ('channel' in piece ? parse(piece) : piece));

function expectWellFormed(event: InboundEvent): void {
  switch (event.type) {
    case 'message':
      expect(event.providerId).toEqual(expect.stringMatching(/./s));
      expect(event.sender.userId).toEqual(expect.stringMatching(/./s));
      expect(Number.isNaN(event.occurredAt.getTime())).toBe(false);
      break;
    case 'echo':
      expect(event.recipient.userId).toEqual(expect.stringMatching(/./s));
      break;
    case 'receipts':
      expect(Number.isNaN(event.upTo.getTime())).toBe(false);
      break;
    case 'receipt':
      expect(event.providerId).toEqual(expect.stringMatching(/./s));
      break;
    default:
      expect(['unhandled', 'unused']).toContain(event.type);
  }
}

describe('whatever comes', () => {
  it('as a damaged payload is read without an exception, into events that are whole', () => {
    fc.assert(
      fc.property(damaged, fc.constantFrom('facebook', 'instagram'), (body, channel) => {
        for (const event of eventsOf(body, channel)) expectWellFormed(event);
      }),
      { numRuns: 1_500 },
    );
  });

  it('as an item hides none of its neighbours', () => {
    fc.assert(
      fc.property(odd, fc.nat(2), (item, place) => {
        const body = structuredClone(TEXT) as unknown as { entry: [{ messaging: JsonValue[] }] };
        const { messaging } = body.entry[0];
        const [own] = messaging as [JsonObject];
        const other = { ...own, message: { mid: 'm_other', text: 'after' } };
        messaging.push(other);
        messaging.splice(place, 0, item);
        const texts = eventsOf(body as unknown as JsonObject).flatMap((event) =>
          event.type === 'message' && event.content.type === 'text' ? [event.content.text] : [],
        );
        expect(texts).toEqual(expect.arrayContaining(['Do you ship to Lviv?', 'after']));
      }),
    );
  });
});
