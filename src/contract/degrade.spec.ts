import { describe, expect, it } from '@jest/globals';
import type { Capabilities } from './capabilities.js';
import type { Content } from './content.js';
import { degrade } from './degrade.js';

const BARE: Capabilities = {
  outbound: ['text'],
  text: { maxLength: 100, unit: 'code-point' },
  media: {},
  choice: [],
  template: false,
  window: null,
  receipts: [],
  settles: 'none',
};
const STYLE = { maxOptions: 2, labelMax: 5, idMax: 5, bodyMax: 20, headerMax: 0, footerMax: 10 };
const RICH: Capabilities = {
  ...BARE,
  outbound: ['text', 'buttons', 'list', 'location'],
  choice: [
    { ...STYLE, style: 'buttons' },
    { ...STYLE, style: 'list', maxOptions: 3, maxSections: 1, headerMax: 10 },
  ],
  single: { 'ask-email': { labelMax: 5, bodyMax: 20, headerMax: 0, footerMax: 0 } },
};
const reply = (title: string, id?: string) => ({ type: 'reply', title, ...(id !== undefined && { id }) }) as const;
const two = [reply('a'), reply('b')];
const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `${at}`, title: `t${at}` }));

describe('on a channel of nothing but text', () => {
  it.each<[string, Content, string]>([
    [
      'a location',
      { type: 'location', latitude: 1.5, longitude: -2, name: 'Shop' },
      'Shop\nhttps://maps.google.com/?q=1.5,-2',
    ],
    ['buttons', { type: 'buttons', text: 'Pick', buttons: two }, 'Pick\n\n1. a\n2. b'],
    ['a single button', { type: 'buttons', text: 'Pick', buttons: [reply('a')] }, 'Pick\n\na'],
    [
      'a list',
      {
        type: 'list',
        text: 'Pick',
        header: 'H',
        footer: 'F',
        button: 'Open',
        sections: [{ title: 'S', rows: rows(2) }],
      },
      'H\n\nPick\n\nS\n1. t0\n2. t1\n\nF',
    ],
  ])('%s becomes text, and says so', (_, content, text) => {
    const degraded = degrade(content, BARE);
    expect(degraded.content).toEqual({ type: 'text', text });
    expect(degraded.notes).toHaveLength(1);
  });

  it.each<Content>([
    { type: 'text', text: 'hi' },
    { type: 'contacts', contacts: [{}] },
    { type: 'buttons', text: 'Pick', buttons: [] },
    { type: 'order' },
  ])('%j stays as it is', (content) => {
    expect(degrade(content, BARE)).toEqual({ content, notes: [] });
  });

  it('nothing is made of what not even text can carry', () => {
    const content: Content = { type: 'buttons', text: 'Pick', buttons: two };
    expect(degrade(content, { ...BARE, outbound: [] })).toEqual({ content, notes: [] });
  });
});

describe('on a channel with buttons and lists', () => {
  it.each<[string, Content, Content]>([
    [
      'a header without a place moves into the text',
      { type: 'buttons', text: 'Pick', header: 'H', footer: 'F', buttons: two },
      { type: 'buttons', text: 'H\n\nPick', footer: 'F', buttons: two },
    ],
    [
      'where that is too long for buttons, they are a list that has a place for it',
      { type: 'buttons', text: 'x'.repeat(18), header: 'H', buttons: two },
      {
        type: 'list',
        text: 'x'.repeat(18),
        header: 'H',
        button: 'Menu',
        sections: [
          {
            rows: [
              { id: 'a', title: 'a' },
              { id: 'b', title: 'b' },
            ],
          },
        ],
      },
    ],
    [
      'an id that is too long for a row makes text of them',
      { type: 'buttons', text: 'Pick', buttons: [reply('a', '123456'), reply('b'), reply('c')] },
      { type: 'text', text: 'Pick\n\n1. a\n2. b\n3. c' },
    ],
    [
      'a list of two sections becomes text',
      { type: 'list', text: 'Pick', button: 'Open', sections: [{ rows: rows(1) }, { title: 'S', rows: rows(1) }] },
      { type: 'text', text: 'Pick\n\n1. t0\n\nS\n2. t0' },
    ],
    [
      'the label of a request that is too long moves into the text',
      { type: 'buttons', text: 'Pick', buttons: [{ type: 'email', title: 'longer' }] },
      { type: 'text', text: 'Pick\n\nlonger' },
    ],
  ])('%s', (_, content, shown) => {
    const degraded = degrade(content, RICH);
    expect(degraded.content).toEqual(shown);
    expect(degraded.notes).not.toEqual([]);
  });

  it('where more may stand beside replies, it does', () => {
    const url = { type: 'url', title: 'u', url: 'https://x' } as const;
    const [buttons, list] = RICH.choice;
    const beside = { ...RICH, choice: [{ ...buttons!, beside: ['url' as const] }, list!] };
    const content = (given: readonly (typeof url | (typeof two)[number])[]): Content => ({
      type: 'buttons',
      text: 'Pick',
      buttons: given,
    });
    for (const shown of [
      [reply('a'), url],
      [url, url],
    ]) {
      expect(degrade(content(shown), beside)).toEqual({ content: content(shown), notes: [] });
      expect(degrade(content(shown), RICH).content).not.toEqual(content(shown));
    }
    // a list has no place for links
    expect(degrade(content([...two, reply('c'), url]), beside).content).toMatchObject({
      type: 'list',
      text: 'Pick\n\nu: https://x',
    });
  });

  it('where there are buttons and no lists, a list becomes buttons that answer with its ids', () => {
    const onlyButtons = { ...RICH, choice: RICH.choice.slice(0, 1) };
    const sections = [
      {
        title: 'S',
        rows: [
          { id: '1', title: 'x', description: 'd' },
          { id: '2', title: 'y' },
        ],
      },
    ];
    expect(degrade({ type: 'list', text: 'Pick', button: 'Open', sections }, onlyButtons)).toEqual({
      content: { type: 'buttons', text: 'Pick\n\nS\nx – d', buttons: [reply('x', '1'), reply('y', '2')] },
      notes: [
        'A list cannot be shown (it would have opened with "Open"): it became buttons.',
        'Section titles and descriptions moved into the text.',
      ],
    });
    // three are more than two
    expect(
      degrade({ type: 'list', text: 'Pick', button: 'Open', sections: [{ rows: rows(3) }] }, onlyButtons).content,
    ).toEqual({
      type: 'text',
      text: 'Pick\n\n1. t0\n2. t1\n3. t2',
    });
  });

  it('says which ids are not sent', () => {
    const content: Content = { type: 'buttons', text: 'Pick', buttons: [{ type: 'email', id: 'e', title: 'Email' }] };
    expect(degrade(content, RICH)).toEqual({
      content,
      notes: ['Only reply buttons answer with an id: that of "Email" is not sent.'],
    });
  });
});

describe('where buttons can be shown in two ways', () => {
  const TWO_WAYS: Capabilities = {
    ...BARE,
    outbound: ['text', 'buttons'],
    choice: [
      { ...STYLE, style: 'buttons', maxOptions: 2, bodyMax: 10, footerMax: 0, beside: ['url'], yields: true },
      { ...STYLE, style: 'buttons', maxOptions: 4, bodyMax: 50, footerMax: 0, note: 'They go when one is tapped.' },
    ],
    single: { url: { labelMax: 5, bodyMax: 10, headerMax: 0, footerMax: 0, yields: true } },
  };
  const NOTE = 'They go when one is tapped.';
  const link = { type: 'url', title: 'Site', url: 'https://a.test' } as const;
  const buttons = (text: string, ...list: readonly (typeof link | ReturnType<typeof reply>)[]): Content => ({
    type: 'buttons',
    text,
    buttons: list,
  });

  it.each<[string, Content, readonly string[]]>([
    ['few below a short text', buttons('0123456789', ...two), []],
    ['few below a text that is too long for the first way', buttons('0123456789a', ...two), [NOTE]],
    ['too many for the first way', buttons('Pick', ...two, reply('c')), [NOTE]],
    ['a reply and a link', buttons('Pick', reply('a'), link), []],
  ])('%s stay buttons', (_, content, notes) => {
    expect(degrade(content, TWO_WAYS)).toEqual({ content, notes });
  });

  it('a link that must give way moves into the text, or is a line of it', () => {
    const beside = degrade(buttons('0123456789a', reply('a'), link), TWO_WAYS);
    expect(beside.content).toEqual({
      type: 'buttons',
      text: '0123456789a\n\nSite: https://a.test',
      buttons: [reply('a')],
    });
    const alone = degrade(buttons('0123456789a', link), TWO_WAYS);
    expect(alone.content).toEqual({ type: 'text', text: '0123456789a\n\nSite: https://a.test' });
  });

  it('a list goes by the first way that has room for its rows and their words', () => {
    const list = (count: number, description?: string): Content => ({
      type: 'list',
      text: 'Pick',
      button: 'Open',
      sections: [{ rows: rows(count).map((row) => ({ ...row, ...(description && { description }) })) }],
    });
    expect(degrade(list(2), TWO_WAYS).notes).not.toContain(NOTE);
    for (const one of [list(4), list(1, 'words that need room')]) {
      const degraded = degrade(one, TWO_WAYS);
      expect([degraded.content.type, degraded.notes]).toEqual(['buttons', expect.arrayContaining([NOTE])]);
    }
    expect(degrade(list(5), TWO_WAYS).content.type).toBe('text');
  });
});
