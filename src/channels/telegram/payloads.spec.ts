import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { InboundEvent, JsonValue } from '../../contract/index.js';
import { UNUSED_UPDATES, WANTED_UPDATES } from './fields.js';
import { parse } from './parse.js';
import { EXPECTED, LEFT_OUT } from './payloads.fixture.js';
import { split } from './webhook.js';

const FOLDER = new URL('payloads/', import.meta.url);
const NAMES = readdirSync(FOLDER).map((name) => name.replace('.json', ''));
const SETTINGS = { settings: { token: '7012345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw' } };
const RECEIVED_AT = new Date('2026-11-26T00:05:00.400Z');

function bodyOf(name: string): Record<string, JsonValue> {
  const file = readFileSync(new URL(`${name}.json`, FOLDER), 'utf8');
  return (JSON.parse(file) as { body: Record<string, JsonValue> }).body;
}

/** As the core does it. */
function eventsOf(body: JsonValue): readonly InboundEvent[] {
  return split(body).flatMap((piece) =>
    'channel' in piece ? parse({ ...piece, receivedAt: RECEIVED_AT }, SETTINGS) : piece,
  );
}

interface Leaf {
  /** without the places in lists: `message.chat.id` */
  readonly path: string;
  readonly value: unknown;
}

function leavesOf(node: unknown, path = ''): Leaf[] {
  if (node instanceof Date) return [{ path, value: node.getTime() / 1_000 }];
  if (Array.isArray(node)) return node.flatMap((item) => leavesOf(item, path));
  if (typeof node !== 'object' || node === null) return [{ path, value: node }];
  return Object.entries(node).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

/** Whole, or as a part of an id: `5000000001:77`. */
function isTold({ value }: Leaf, told: readonly Leaf[]): boolean {
  return told.some(
    (leaf) => String(leaf.value) === String(value) || String(leaf.value).split(':').includes(String(value)),
  );
}

const leaves = (name: string): Leaf[] => {
  const { update_id: _, ...update } = bodyOf(name);
  return leavesOf(update);
};

const isLeftOut = (name: string, { path }: Leaf): boolean =>
  LEFT_OUT.some(([where]) => where.test(path) || where.test(`${name}/${path}`));

describe('the payload files', () => {
  it('are all in the table', () => {
    expect(Object.keys(EXPECTED).toSorted()).toEqual(NAMES.toSorted());
  });

  it('show every kind of update', () => {
    const shown = new Set(NAMES.flatMap((name) => Object.keys(bodyOf(name))));
    expect([...WANTED_UPDATES, ...UNUSED_UPDATES].filter((kind) => !shown.has(kind))).toEqual([]);
  });
});

describe('each payload', () => {
  it.each(Object.entries(EXPECTED))('%s is read', (name, expected) => {
    const events = eventsOf(bodyOf(name));
    expect(events).toMatchObject(expected as object[]);
    expect(events).toHaveLength(expected.length);
  });

  it.each(NAMES)('%s: every leaf is in an event, or left out for a reason', (name) => {
    const told = leavesOf(eventsOf(bodyOf(name)));
    const lost = leaves(name).filter((leaf) => !isTold(leaf, told) && !isLeftOut(name, leaf));
    expect(lost).toEqual([]);
  });

  it('is the reason for everything on the list of what is left out', () => {
    const paths = NAMES.flatMap((name) => leaves(name).flatMap(({ path }) => [path, `${name}/${path}`]));
    expect(LEFT_OUT.filter(([where]) => !paths.some((path) => where.test(path)))).toEqual([]);
  });

  it('has the same key however often it comes', () => {
    for (const name of NAMES) {
      const keys = () => eventsOf(bodyOf(name)).map((event) => ('providerId' in event ? event.providerId : event.type));
      expect(keys()).toEqual(keys());
    }
  });
});

describe('what cannot be used', () => {
  const message = {
    message_id: 1,
    from: { id: 5, is_bot: false },
    chat: { id: 5, type: 'private' },
    date: 1_795_651_200,
  };
  const detailOf = (body: JsonValue) => eventsOf(body)[0];

  it.each<[string, JsonValue, string]>([
    ['no object', { update_id: 1, message: 7 }, 'message is not an object'],
    ['nothing', { update_id: 1 }, 'the update has nothing in it'],
    ['no chat', { update_id: 1, message: { ...message, chat: {} } }, 'chat.id is missing'],
    [
      'no id',
      { update_id: 1, message: { ...message, message_id: 'x', text: 'a' } },
      'message_id or chat.id is missing',
    ],
    ['no time', { update_id: 1, message: { ...message, date: 'soon', text: 'a' } }, 'date is not a number of seconds'],
    ['no word', { update_id: 1, message }, 'the message has nothing in it'],
    ['no file', { update_id: 1, message: { ...message, photo: [] } }, 'photo.file_id is missing'],
    ['no place', { update_id: 1, message: { ...message, location: {} } }, 'location has no latitude and longitude'],
    ['no number', { update_id: 1, message: { ...message, contact: {} } }, 'contact.phone_number is missing'],
    ['no query', { update_id: 1, callback_query: {} }, 'the callback query has no id or sender'],
    ['no target', { update_id: 1, message_reaction: { chat: message.chat } }, 'message_id is missing'],
    ['no standing', { update_id: 1, my_chat_member: { chat: message.chat } }, 'new_chat_member.status is missing'],
  ])('%s is listed with the reason', (_, body, detail) => {
    expect(detailOf(body)).toMatchObject({ type: 'unhandled', code: 'item.broken', detail });
  });

  it.each<JsonValue>([[], null, 'x', {}, { message }])('%j is no update', (body) => {
    expect(detailOf(body)).toMatchObject({ type: 'unhandled', code: 'body.invalid' });
  });

  it('is an update for a bot that the token does not name', () => {
    const [event] = parse({ channel: 'telegram', path: '', body: { update_id: 1, message } }, { settings: {} });
    expect(event).toMatchObject({ type: 'unhandled', code: 'account.unknown' });
  });
});

describe('whatever comes', () => {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((value) => value as JsonValue),
    fc.constantFrom<JsonValue>('', '__proto__', 'constructor', -1, 1e300, '\u0000', '\ud800', '/start \u0000'),
  );

  /** A real update with values replaced or taken away in random places. */
  const damaged = fc
    .tuple(fc.constantFrom(...NAMES), fc.array(fc.tuple(fc.nat(), odd, fc.boolean()), { maxLength: 6 }))
    .map(([name, wounds]) => {
      const body = structuredClone(bodyOf(name));
      for (const [at, value, isTaken] of wounds) wound(body, at, value, isTaken);
      return body as JsonValue;
    });

  it('never throws, and is told as something', () => {
    fc.assert(
      fc.property(fc.oneof(odd, damaged), (body) => {
        const events = eventsOf(body);
        expect(events).toHaveLength(1);
        const [event] = events;
        if (event?.type === 'message') {
          expect(event.occurredAt.getTime()).not.toBeNaN();
          expect(event.sender.userId ?? '').not.toBe('');
          expect(Object.values(event.variables ?? {}).every((value) => typeof value === 'string')).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  function wound(root: unknown, at: number, value: JsonValue, isTaken: boolean): void {
    const places: [Record<string, unknown>, string][] = [];
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const key of Object.keys(node)) {
        places.push([node as Record<string, unknown>, key]);
        walk((node as Record<string, unknown>)[key]);
      }
    };
    walk(root);
    const [owner, key] = places[at % Math.max(1, places.length)] ?? [];
    if (!owner || key === undefined) return;
    if (isTaken) delete owner[key];
    else owner[key] = value;
  }
});
