import { describe, expect, it } from '@jest/globals';
import type { Content } from '../../contract/index.js';
import { check } from './check.js';
import { render } from './render.js';
import { judge, schemaErrors } from './testing/message-schema.fixture.js';

/** So many code points, each two UTF-16 units and four bytes: Meta counts characters. */
const a = (length: number): string => '😀'.repeat(length);
const reply = (title: string, id = title) => ({ type: 'reply', title, id });
const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `r${at}`, title: `Row ${at}` }));
const buttons = (more: object = {}): object => ({ type: 'buttons', text: 'Pick', buttons: [reply('Yes')], ...more });
const link = (more: object = {}): object =>
  buttons({ buttons: [{ type: 'url', title: 'Go', url: 'https://x.test' }], ...more });
const ask = (more: object = {}): object => buttons({ buttons: [{ type: 'location', title: 'Share' }], ...more });
const list = (more: object = {}): object => ({
  type: 'list',
  text: 'Pick',
  button: 'Open',
  sections: [{ rows: rows(1) }],
  ...more,
});
const row = (more: object): object => list({ sections: [{ rows: [{ id: '1', title: 'One', ...more }] }] });
const template = (params: object): object => ({ type: 'template', name: 'n', language: 'en_US', params });
const body = (content: unknown) => render({ to: { phone: '1650' }, content: content as Content }).payload;

/** Every length of facts C2 to C4: what, where, how long it may be, and a content with exactly so much of it. */
const LENGTHS: readonly [string, string, number, (length: number) => object][] = [
  ['a text', 'content.text', 4096, (n) => ({ type: 'text', text: a(n) })],
  ['a caption', 'content.caption', 1024, (n) => ({ type: 'image', media: { id: '1' }, caption: a(n) })],
  ['a video caption', 'content.caption', 1024, (n) => ({ type: 'video', media: { id: '1' }, caption: a(n) })],
  ['a document caption', 'content.caption', 1024, (n) => ({ type: 'document', media: { id: '1' }, caption: a(n) })],
  ['text over buttons', 'content.text', 1024, (n) => buttons({ text: a(n) })],
  ['text over a link', 'content.text', 1024, (n) => link({ text: a(n) })],
  ['text of a request', 'content.text', 1024, (n) => ask({ text: a(n) })],
  ['a header', 'content.header', 60, (n) => buttons({ header: a(n) })],
  ['a footer', 'content.footer', 60, (n) => buttons({ footer: a(n) })],
  ['a header over a link', 'content.header', 60, (n) => link({ header: a(n) })],
  ['a header of a list', 'content.header', 60, (n) => list({ header: a(n) })],
  ['a footer of a list', 'content.footer', 60, (n) => list({ footer: a(n) })],
  ['an id of a button', 'content.buttons[0].id', 256, (n) => buttons({ buttons: [reply('Yes', a(n))] })],
  ['text over a list', 'content.text', 4096, (n) => list({ text: a(n) })],
  ['the label of a list', 'content.button', 20, (n) => list({ button: a(n) })],
  [
    'a title of a section',
    'content.sections[0].title',
    24,
    (n) => list({ sections: [{ title: a(n), rows: rows(1) }] }),
  ],
  ['an id of a row', 'content.sections[0].rows[0].id', 200, (n) => row({ id: a(n) })],
  ['a title of a row', 'content.sections[0].rows[0].title', 24, (n) => row({ title: a(n) })],
  ['a description of a row', 'content.sections[0].rows[0].description', 72, (n) => row({ description: a(n) })],
  ['a code', 'content.params.code', 15, (n) => template({ code: a(n) })],
  ['a coupon', 'content.params.buttons[0].code', 15, (n) => template({ buttons: [{ index: 0, code: a(n) }] })],
  ['a header of a template', 'content.params.header.text', 60, (n) => template({ header: { text: a(n) } })],
  [
    'the rest of a link',
    'content.params.buttons[0].text',
    2000,
    (n) => template({ buttons: [{ index: 0, text: a(n) }] }),
  ],
];

describe.each(LENGTHS)('%s', (_, path, max, make) => {
  it.each([1, max - 1, max])('may be %i long', (length) => {
    const { shown, problems } = judge(make(length));
    expect(problems).toEqual([]);
    expect(schemaErrors(body(shown))).toEqual([]);
  });

  it(`is refused when it is longer than ${max}, as Meta would`, () => {
    const { shown, problems } = judge(make(max + 1));
    const words = `is ${max + 1} characters (Unicode code points) long; WhatsApp allows ${max}`;
    expect(problems).toContain(`${path} content.too_long: ${words}`);
    // on the wire the code of an authentication template looks like any other value of a button
    if (path !== 'content.params.code') expect(schemaErrors(body(shown))).not.toEqual([]);
  });

  it('may not be blank', () => {
    expect(judge(make(0)).problems).not.toEqual([]);
  });
});

/** What may be there so many times. */
const COUNTS: readonly [string, string, number, (count: number) => object][] = [
  [
    'cards',
    'content.contacts',
    257,
    (n) => ({
      type: 'contacts',
      contacts: Array.from({ length: n }, () => ({ name: { formatted_name: 'A', first_name: 'A' } })),
    }),
  ],
];

describe.each(COUNTS)('%s', (_, path, max, make) => {
  it(`may be 1 to ${max}`, () => {
    for (const count of [1, max - 1, max]) {
      const { shown, problems } = judge(make(count));
      expect(problems).toEqual([]);
      expect(schemaErrors(body(shown))).toEqual([]);
    }
    for (const count of [0, max + 1]) {
      const { shown, problems } = judge(make(count));
      expect(problems.some((problem) => problem.startsWith(path))).toBe(true);
      expect(schemaErrors(body(shown))).not.toEqual([]);
    }
  });
});

/** What is not refused but shown in another way; `is` as it would go out, else Meta would refuse it. */
const DEGRADED: readonly [string, number, 'button' | 'cta_url' | 'list', 'list' | 'text', (count: number) => object][] =
  [
    ['buttons', 3, 'button', 'list', (n) => buttons({ buttons: Array.from({ length: n }, (_, at) => reply(`${at}`)) })],
    [
      'buttons in a list',
      10,
      'list',
      'text',
      (n) => buttons({ buttons: Array.from({ length: n }, (_, at) => reply(`${at}`)) }),
    ],
    ['the label of a button', 20, 'button', 'list', (n) => buttons({ buttons: [reply(a(n))] })],
    ['the label of a button in a list', 24, 'list', 'text', (n) => buttons({ buttons: [reply(a(n))] })],
    [
      'the label of a link',
      20,
      'cta_url',
      'text',
      (n) => link({ buttons: [{ type: 'url', title: a(n), url: 'https://x.test' }] }),
    ],
    ['rows', 10, 'list', 'text', (n) => list({ sections: [{ rows: rows(n) }] })],
    [
      'sections',
      10,
      'list',
      'text',
      (n) => list({ sections: rows(n).map((one) => ({ title: one.title, rows: [one] })) }),
    ],
  ];

describe.each(DEGRADED)('%s', (_, max, native, other, make) => {
  const kind = (payload: object): unknown => {
    const { type, interactive } = payload as { type: string; interactive?: { type: string } };
    return interactive?.type ?? type;
  };

  it(`up to ${max} as ${native}, beyond as ${other}, with a note`, () => {
    const fits = judge(make(max));
    const beyond = judge(make(max + 1));
    expect([fits.problems, beyond.problems]).toEqual([[], []]);
    expect([kind(body(fits.shown)), kind(body(beyond.shown))]).toEqual([native, other]);
    expect(beyond.notes).toHaveLength(1);
    expect([schemaErrors(body(fits.shown)), schemaErrors(body(beyond.shown))]).toEqual([[], []]);
    expect(check(make(max + 1) as Content)).not.toEqual([]);
  });
});

describe('what has no place', () => {
  it.each<[string, object, string]>([
    ['a caption on audio', { type: 'audio', media: { id: '1' }, caption: 'x' }, 'content.caption content.unsupported'],
    [
      'a caption on a sticker',
      { type: 'sticker', media: { id: '1' }, caption: 'x' },
      'content.caption content.unsupported',
    ],
    [
      'a voice note in MP3',
      { type: 'audio', media: { id: '1', mimeType: 'audio/mpeg' }, voice: true },
      'content.voice content.invalid',
    ],
    ['a word as a reaction', { type: 'reaction', messageId: '1', emoji: 'ok' }, 'content.emoji content.invalid'],
    ['two emoji as a reaction', { type: 'reaction', messageId: '1', emoji: '👍👍' }, 'content.emoji content.invalid'],
    ['a digit as a reaction', { type: 'reaction', messageId: '1', emoji: '1' }, 'content.emoji content.invalid'],
    [
      'a link on a reply',
      buttons({ buttons: [{ ...reply('a'), url: 'https://x.test' }] }),
      'content.buttons[0].url content.invalid',
    ],
    [
      'a phone on a link',
      link({ buttons: [{ type: 'url', title: 'a', url: 'https://x.test', phone: '1' }] }),
      'content.buttons[0].phone content.invalid',
    ],
    [
      'a birthday in words',
      { type: 'contacts', contacts: [{ name: { formatted_name: 'A', first_name: 'A' }, birthday: 'May' }] },
      'content.contacts[0].birthday content.invalid',
    ],
    [
      'phones that are no list',
      { type: 'contacts', contacts: [{ name: { formatted_name: 'A', first_name: 'A' }, phones: '1' }] },
      'content.contacts[0].phones content.invalid',
    ],
    [
      'an offer until tomorrow',
      template({ offer: { expiresAt: 'tomorrow' } }),
      'content.params.offer.expiresAt content.invalid',
    ],
    [
      'an offer until the 45th',
      template({ offer: { expiresAt: '2026-12-45T00:00:00Z' } }),
      'content.params.offer.expiresAt content.invalid',
    ],
  ])('%s is refused', (_, content, problem) => {
    expect(judge(content).problems.map((one) => one.split(':')[0])).toEqual([problem]);
  });

  it.each(['👍', '👍🏽', '❤️', '🇺🇦', '1️⃣', '👨‍👩‍👧'])('%s is a reaction', (emoji) => {
    expect(judge({ type: 'reaction', messageId: '1', emoji }).problems).toEqual([]);
  });

  it('says the name of a picture is not shown', () => {
    const { notes, problems } = judge({ type: 'image', media: { id: '1', filename: 'a.png' } });
    expect([notes.length, problems]).toEqual([1, []]);
  });
});
