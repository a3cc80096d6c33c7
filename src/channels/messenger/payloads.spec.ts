import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { InboundEvent, JsonValue } from '../../contract/index.js';
import { split } from './split.js';
import { UNLISTED_FIELDS, WEBHOOK_FIELDS } from '../whatsapp/fields.js';
import { parse } from '../whatsapp/parse.js';
import { EXPECTED, LEFT_OUT } from '../whatsapp/payloads.fixture.js';

const FOLDER = new URL('../whatsapp/payloads/', import.meta.url);
const NAMES = readdirSync(FOLDER).map((name) => name.replace('.json', ''));

interface Change {
  readonly field: string;
  readonly value: JsonValue;
}

function changeOf(name: string): { body: JsonValue; change: Change } {
  const file = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as { body: JsonValue };
  const { entry } = file.body as unknown as { entry: [{ changes: [Change] }] };
  return { body: file.body, change: entry[0].changes[0] };
}

/** As they come from a webhook: cut into changes, each read by the channel. */
function eventsOf(name: string): readonly InboundEvent[] {
  return split(changeOf(name).body).flatMap((piece) => ('channel' in piece ? parse(piece) : piece));
}

interface Leaf {
  /** without the places in lists: `messages.text.body` */
  readonly path: string;
  readonly value: string | number | boolean | null;
}

function leavesOf(node: unknown, path = ''): Leaf[] {
  if (node instanceof Date)
    return [
      { path, value: node.toISOString() },
      { path, value: String(node.getTime() / 1_000) },
    ];
  if (Array.isArray(node)) return node.flatMap((item) => leavesOf(item, path));
  if (typeof node !== 'object' || node === null) return [{ path, value: node as Leaf['value'] }];
  return Object.entries(node).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

const keyOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** A word or number is found by itself, yes or no only under its own name. */
function isTold({ path, value }: Leaf, told: readonly Leaf[]): boolean {
  return told.some((leaf) =>
    typeof value === 'boolean'
      ? leaf.value === value && keyOf(leaf.path) === keyOf(path)
      : String(leaf.value) === String(value),
  );
}

describe('the payload files', () => {
  it('are all in the table', () => {
    expect(Object.keys(EXPECTED).toSorted()).toEqual(NAMES.toSorted());
  });

  it('show every webhook field', () => {
    const shown = new Set(NAMES.map((name) => changeOf(name).change.field));
    expect([...WEBHOOK_FIELDS, ...UNLISTED_FIELDS].filter((field) => !shown.has(field))).toEqual([]);
  });

  it('show every type of message, of answer, of notice and of status', () => {
    const told = new Set(
      NAMES.flatMap((name) => leavesOf(changeOf(name).change.value))
        .filter(({ path }) => /(^|\.)(type|status)$/.test(path))
        .map(({ value }) => value),
    );
    const types = [
      ...['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts', 'interactive', 'button'],
      ...[
        'reaction',
        'order',
        'system',
        'unsupported',
        'unknown',
        'edit',
        'revoke',
        'request_welcome',
        'media_placeholder',
      ],
      ...['button_reply', 'list_reply', 'nfm_reply', 'call_permission_reply'],
      ...['user_changed_number', 'user_changed_user_id', 'user_identity_changed', 'customer_changed_number'],
      ...['sent', 'delivered', 'read', 'played', 'failed'],
    ];
    expect(types.filter((type) => !told.has(type))).toEqual([]);
  });
});

describe('each payload', () => {
  it.each(Object.entries(EXPECTED))('%s is read', (name, expected) => {
    const events = eventsOf(name);
    expect(events).toMatchObject(expected as object[]);
    expect(events).toHaveLength(expected.length);
  });

  it.each(NAMES)('%s: every leaf is in an event, or left out for a reason', (name) => {
    const { change } = changeOf(name);
    const told = leavesOf(eventsOf(name));
    const lost = leavesOf(change.value)
      .map((leaf) => ({ ...leaf, path: `${change.field}.${leaf.path}` }))
      .filter((leaf) => !isTold(leaf, told) && !LEFT_OUT.some(([where]) => where.test(leaf.path)));
    expect(lost).toEqual([]);
  });

  it('is the reason for everything on the list of what is left out', () => {
    const paths = NAMES.flatMap((name) => {
      const { change } = changeOf(name);
      return leavesOf(change.value).map(({ path }) => `${change.field}.${path}`);
    });
    expect(LEFT_OUT.filter(([where]) => !paths.some((path) => where.test(path)))).toEqual([]);
  });
});
