import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Content } from '../../contract/index.js';
import { check } from './check.js';
import { render } from './render.js';

const problems = (content: unknown): string[] => check(content as Content).map(({ path, code }) => `${path} ${code}`);
const a = (length: number): string => 'a'.repeat(length);
const reply = (title: string, id?: string) => ({ type: 'reply', title, ...(id && { id }) });
const buttons = (list: unknown[], more = {}) => ({ type: 'buttons', text: 'Pick', buttons: list, ...more });
const rows = (count: number, more = {}) =>
  Array.from({ length: count }, (_, at) => ({ id: `r${at}`, title: `Row ${at}`, ...more }));
const list = (sections: unknown, more = {}) => ({ type: 'list', text: 'Pick', button: 'Open', sections, ...more });
const template = (more = {}) => ({ type: 'template', name: 'order_update', language: 'en_US', ...more });

describe('what WhatsApp takes', () => {
  it.each<[string, unknown]>([
    ['a text of 4096', { type: 'text', text: a(4096) }],
    ['4096 emoji, each two UTF-16 units', { type: 'text', text: '😀'.repeat(4096) }],
    ['an image by id', { type: 'image', media: { id: '1' }, caption: a(1024) }],
    ['a document by link', { type: 'document', media: { url: 'https://x.test/a.pdf', filename: 'a.pdf' } }],
    ['a place at the edge', { type: 'location', latitude: -90, longitude: 180 }],
    ['a card', { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann Lee', first_name: 'Ann' } }] }],
    ['a reaction taken back', { type: 'reaction', messageId: 'wamid.1', emoji: '' }],
    ['three buttons', buttons([reply(a(20)), reply('b', a(256)), reply('c')], { header: a(60), footer: a(60) })],
    ['one link', buttons([{ type: 'url', title: 'Go', url: 'https://x.test' }])],
    [
      'ten rows',
      list([
        { title: a(24), rows: rows(5) },
        { title: 'b', rows: [{ id: 'x', title: a(24), description: a(72) }] },
      ]),
    ],
    ['one section without a title', list([{ rows: rows(10) }], { text: a(4096) })],
    ['a template', template()],
    [
      'a template with values',
      template({ params: { header: { image: { id: '1' } }, body: ['Ann'], buttons: [{ index: 0, text: 'x' }] } }),
    ],
    ['a template with named values', template({ params: { body: { name: 'Ann' } } })],
    ['a code', template({ params: { code: '123456' } })],
    ['components', template({ components: [{ type: 'body', parameters: [] }] })],
    ['a native body', { type: 'native', channel: 'whatsapp', payload: { type: 'sticker', sticker: { id: '1' } } }],
  ])('%s', (_, content) => {
    expect(check(content as Content)).toEqual([]);
  });
});

describe('what it does not take', () => {
  it.each<[string, unknown, string[]]>([
    ['an empty text', { type: 'text', text: ' ' }, ['content.text content.invalid']],
    ['no text', { type: 'text' }, ['content.text content.invalid']],
    ['a long text', { type: 'text', text: a(4097) }, ['content.text content.too_long']],
    ['media without a file', { type: 'image', media: {} }, ['content.media content.invalid']],
    ['no media', { type: 'video' }, ['content.media content.invalid']],
    [
      'a link to a file system',
      { type: 'image', media: { url: 'file:///etc/passwd' } },
      ['content.media.url content.invalid'],
    ],
    ['a long caption', { type: 'image', media: { id: '1' }, caption: a(1025) }, ['content.caption content.too_long']],
    [
      'a caption on audio',
      { type: 'audio', media: { id: '1' }, caption: 'x' },
      ['content.caption content.unsupported'],
    ],
    [
      'a place off the map',
      { type: 'location', latitude: 91, longitude: -181 },
      ['content.latitude content.invalid', 'content.longitude content.invalid'],
    ],
    [
      'a place that is no number',
      { type: 'location', latitude: NaN, longitude: '1' },
      ['content.latitude content.invalid', 'content.longitude content.invalid'],
    ],
    [
      'a link on a place',
      { type: 'location', latitude: 1, longitude: 1, url: 'https://x.test' },
      ['content.url content.unsupported'],
    ],
    ['no cards', { type: 'contacts', contacts: [] }, ['content.contacts content.invalid']],
    [
      'a nameless card',
      { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann' } }] },
      ['content.contacts[0].name content.invalid'],
    ],
    ['a reaction to nothing', { type: 'reaction', messageId: '', emoji: '👍' }, ['content.messageId content.invalid']],
    [
      'four buttons',
      buttons([reply('a'), reply('b'), reply('c'), reply('d')]),
      ['content.buttons content.unsupported'],
    ],
    [
      'a reply and a link',
      buttons([reply('a'), { type: 'url', title: 'b', url: 'https://x.test' }]),
      ['content.buttons content.unsupported'],
    ],
    [
      'a phone button',
      buttons([{ type: 'phone', title: 'Call', phone: '1' }]),
      ['content.buttons content.unsupported'],
    ],
    ['no buttons', buttons([]), ['content.buttons content.invalid']],
    [
      'a long title and id',
      buttons([reply(a(21), a(257))]),
      ['content.buttons[0].title content.too_long', 'content.buttons[0].id content.too_long'],
    ],
    ['two buttons alike', buttons([reply('a', '1'), reply('b', '1')]), ['content.buttons content.invalid']],
    [
      'a link without a URL',
      buttons([{ type: 'url', title: 'Go', url: 'javascript:1' }]),
      ['content.buttons[0].url content.invalid'],
    ],
    [
      'long frames',
      buttons([reply('a')], { text: a(1025), header: a(61), footer: a(61) }),
      ['content.text content.too_long', 'content.header content.too_long', 'content.footer content.too_long'],
    ],
    ['eleven rows', list([{ rows: rows(11) }]), ['content.sections content.unsupported']],
    [
      'eleven sections',
      list(Array.from({ length: 11 }, (_, at) => ({ title: 't', rows: [{ id: `${at}`, title: 'x' }] }))),
      ['content.sections content.unsupported', 'content.sections content.unsupported'],
    ],
    [
      'a nameless section',
      list([{ title: 'a', rows: rows(1) }, { rows: [{ id: 'z', title: 'z' }] }]),
      ['content.sections[1].title content.invalid'],
    ],
    ['a section without rows', list([{ rows: [] }]), ['content.sections[0].rows content.invalid']],
    [
      'long row parts',
      list([{ rows: [{ id: a(201), title: a(25), description: a(73) }] }]),
      [
        'content.sections[0].rows[0].id content.too_long',
        'content.sections[0].rows[0].title content.too_long',
        'content.sections[0].rows[0].description content.too_long',
      ],
    ],
    ['a long label', list([{ rows: rows(1) }], { button: a(21) }), ['content.button content.too_long']],
    ['a template with a bad name', template({ name: 'Order-Update' }), ['content.name content.invalid']],
    ['a template without a language', template({ language: '' }), ['content.language content.invalid']],
    ['both params and components', template({ params: {}, components: [] }), ['content.components content.invalid']],
    [
      'two headers',
      template({ params: { header: { text: 'a', image: { id: '1' } } } }),
      ['content.params.header content.invalid'],
    ],
    [
      'a button with two values',
      template({ params: { buttons: [{ index: 0, text: 'a', payload: 'b' }] } }),
      ['content.params.buttons[0] content.invalid'],
    ],
    [
      'a button nowhere',
      template({ params: { buttons: [{ index: 10, text: 'a' }] } }),
      ['content.params.buttons[0].index content.invalid'],
    ],
    [
      'one button twice',
      template({
        params: {
          buttons: [
            { index: 1, text: 'a' },
            { index: 1, text: 'b' },
          ],
        },
      }),
      ['content.params.buttons content.invalid'],
    ],
    ['an empty value', template({ params: { body: ['Ann', ''] } }), ['content.params.body[1] content.invalid']],
    [
      'a value that is no text',
      template({ params: { body: { count: 3 } } }),
      ['content.params.body.count content.invalid'],
    ],
    ['a code and a body', template({ params: { code: '1', body: ['1'] } }), ['content.params.code content.invalid']],
    ['a long code', template({ params: { code: a(16) } }), ['content.params.code content.too_long']],
    [
      'a body for another channel',
      { type: 'native', channel: 'telegram', payload: { type: 'text' } },
      ['content.channel content.unsupported'],
    ],
    [
      'a native body without a type',
      { type: 'native', channel: 'whatsapp', payload: { status: 'read' } },
      ['content.payload.type content.invalid'],
    ],
    [
      'a native body that is none',
      { type: 'native', channel: 'whatsapp', payload: 'x' },
      ['content.payload content.invalid'],
    ],
    ['what only comes in', { type: 'order' }, ['content.type content.unsupported']],
    ['what nobody knows', { type: 'hologram' }, ['content.type content.unsupported']],
  ])('%s', (_, content, expected) => {
    expect(problems(content)).toEqual(expected);
  });

  it.each(['to', 'recipient', 'recipient_type', 'messaging_product', 'biz_opaque_callback_data'])(
    'a native body with its own %s',
    (key) => {
      const content = { type: 'native', channel: 'whatsapp', payload: { type: 'text', [key]: 'x' } };
      expect(problems(content)).toEqual([`content.payload.${key} content.invalid`]);
    },
  );

  it('says how long it is, how long it may be, and in what', () => {
    const [problem] = check({ type: 'text', text: '😀'.repeat(4097) });
    expect(problem?.message).toBe('is 4097 characters (Unicode code points) long; WhatsApp allows 4096');
  });
});

describe('check and render together', () => {
  const TYPES = [
    'text',
    'image',
    'audio',
    'location',
    'contacts',
    'reaction',
    'buttons',
    'list',
    'template',
    'native',
    'edit',
  ];
  const KEYS = [
    'text',
    'media',
    'caption',
    'latitude',
    'longitude',
    'contacts',
    'messageId',
    'emoji',
    'buttons',
    'button',
    'sections',
  ];
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.constantFrom<unknown>(1, 'x', { id: 'x' }, [{ title: 'a' }], [{ rows: [null] }]),
  );
  const content = fc
    .tuple(
      fc.constantFrom(...TYPES),
      fc.dictionary(
        fc.constantFrom(...KEYS, 'name', 'language', 'params', 'components', 'channel', 'payload', 'header'),
        value,
      ),
    )
    .map(([type, members]) => ({ ...members, type }) as unknown as Content);

  it('never throw, and what is let through has an envelope and is JSON', () => {
    fc.assert(
      fc.property(content, (given) => {
        if (check(given).length > 0) return;
        const { payload } = render({ to: { phone: '1650' }, content: given });
        expect(JSON.parse(JSON.stringify(payload))).toMatchObject({ messaging_product: 'whatsapp', to: '+1650' });
      }),
      { numRuns: 2000 },
    );
  });
});
