import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { InboundEvent, JsonObject, JsonValue } from '../../contract/index.js';
import { parse } from './parse.js';
import { APP_ID, EXPECTED, LEFT_OUT } from './payloads.fixture.js';
import { splitPages } from './split.js';

const FOLDER = new URL('payloads/', import.meta.url);
const NAMES = readdirSync(FOLDER).map((name) => name.replace('.json', ''));
const SETTINGS = { settings: { client_id: APP_ID } };

interface Entry {
  readonly [list: string]: JsonValue;
}

function bodyOf(name: string): JsonObject {
  return (JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as { body: JsonObject }).body;
}

/** As they come from a webhook: cut into items, each read by the channel. */
function eventsOf(name: string): readonly InboundEvent[] {
  const body = bodyOf(name);
  const channel = body['object'] === 'page' ? 'facebook' : 'instagram';
  return splitPages(body, channel).flatMap((piece) => ('channel' in piece ? parse(piece, SETTINGS) : piece));
}

interface Leaf {
  /** without the places in lists: `messaging.message.text` */
  readonly path: string;
  readonly value: string | number | boolean | null;
}

function leavesOf(node: unknown, path = ''): Leaf[] {
  if (node instanceof Date) return [{ path, value: node.getTime() }];
  if (Array.isArray(node)) return node.flatMap((item) => leavesOf(item, path));
  if (typeof node !== 'object' || node === null) return [{ path, value: node as Leaf['value'] }];
  return Object.entries(node).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

function leavesOfPayload(name: string): Leaf[] {
  const [entry] = bodyOf(name)['entry'] as unknown as [Entry];
  const { id: _id, time: _time, ...lists } = entry;
  return leavesOf(lists);
}

const keyOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** A word or number is found by itself or inside a text, yes or no only under its own name. */
function isTold({ path, value }: Leaf, told: readonly Leaf[]): boolean {
  return told.some((leaf) =>
    typeof value === 'boolean'
      ? leaf.value === value && keyOf(leaf.path) === keyOf(path)
      : String(leaf.value) === String(value) ||
        (keyOf(leaf.path) === 'text' && String(leaf.value).includes(String(value))),
  );
}

describe('the payload files', () => {
  it('are all in the table', () => {
    expect(Object.keys(EXPECTED).toSorted()).toEqual(NAMES.toSorted());
  });
});

describe('each payload', () => {
  it.each(Object.entries(EXPECTED))('%s is read', (name, expected) => {
    const events = eventsOf(name);
    expect(events).toMatchObject(expected as object[]);
    expect(events).toHaveLength(expected.length);
  });

  it.each(NAMES)('%s: every leaf is in an event, or left out for a reason', (name) => {
    const told = leavesOf(eventsOf(name));
    const lost = leavesOfPayload(name).filter(
      (leaf) => !isTold(leaf, told) && !LEFT_OUT.some(([where]) => where.test(leaf.path)),
    );
    expect(lost).toEqual([]);
  });

  it.each(NAMES)('%s: a repeat has the same keys, whatever the order of its members', (name) => {
    const reversed = (node: unknown): unknown =>
      Array.isArray(node)
        ? node.map(reversed)
        : typeof node === 'object' && node !== null
          ? Object.fromEntries(
              Object.entries(node)
                .toReversed()
                .map(([key, inner]) => [key, reversed(inner)]),
            )
          : node;
    const body = reversed(bodyOf(name)) as JsonObject;
    const channel = body['object'] === 'page' ? 'facebook' : 'instagram';
    const again = splitPages(body, channel).flatMap((piece) => ('channel' in piece ? parse(piece, SETTINGS) : piece));
    const keys = (events: readonly InboundEvent[]) =>
      events.map((event) => ('providerId' in event ? event.providerId : ''));
    expect(keys(again)).toEqual(keys(eventsOf(name)));
  });

  it('is the reason for everything on the list of what is left out', () => {
    const paths = NAMES.flatMap((name) => leavesOfPayload(name).map(({ path }) => path));
    expect(LEFT_OUT.filter(([where]) => !paths.some((path) => where.test(path)))).toEqual([]);
  });
});

describe('an echo on Instagram', () => {
  it('of any app is taken for ours where the gateway does not say which app that is', () => {
    const [piece] = splitPages(bodyOf('instagram-echo-ours'), 'instagram');
    expect(piece && 'channel' in piece && parse(piece)).toMatchObject([{ type: 'receipt', status: 'sent' }]);
  });
});
