import { describe, expect, it } from '@jest/globals';
import type { Content, JsonObject } from '../../contract/index.js';
import { render } from './render.js';
import { judge, schemaErrors } from './testing/message-schema.fixture.js';

const to = { phone: '16505551234' };
const ENVELOPE = { messaging_product: 'whatsapp', recipient_type: 'individual', to: '+16505551234' };
const reply = (title: string, id?: string) => ({ type: 'reply', title, ...(id !== undefined && { id }) }) as const;
const interactive = (type: string, body: string, action: object, more: object = {}): JsonObject => ({
  type: 'interactive',
  interactive: { type, ...more, body: { text: body }, action } as JsonObject,
});
const replies = (...pairs: [string, string][]) => ({
  buttons: pairs.map(([id, title]) => ({ type: 'reply', reply: { id, title } })),
});
const text = (body: string): JsonObject => ({ type: 'text', text: { body } });
const options = (count: number) => Array.from({ length: count }, (_, at) => reply(`Option ${at + 1}`, `o${at + 1}`));
const FRAME = { header: { type: 'text', text: 'H' }, footer: { text: 'F' } };

const BODIES: readonly [string, Content, JsonObject][] = [
  ['a text', { type: 'text', text: 'hi' }, text('hi')],
  [
    'a text with a preview',
    { type: 'text', text: 'https://x.test', preview: true },
    { type: 'text', text: { body: 'https://x.test', preview_url: true } },
  ],
  [
    'an image by id with a caption',
    { type: 'image', media: { id: '7' }, caption: 'c' },
    { type: 'image', image: { id: '7', caption: 'c' } },
  ],
  [
    'an image by link',
    { type: 'image', media: { url: 'https://x.test/a.png' } },
    { type: 'image', image: { link: 'https://x.test/a.png' } },
  ],
  ['a video', { type: 'video', media: { id: '7' }, caption: 'c' }, { type: 'video', video: { id: '7', caption: 'c' } }],
  ['an audio file', { type: 'audio', media: { id: '7' } }, { type: 'audio', audio: { id: '7' } }],
  [
    'a voice note',
    { type: 'audio', media: { id: '7', mimeType: 'audio/ogg; codecs=opus' }, voice: true },
    { type: 'audio', audio: { id: '7', voice: true } },
  ],
  [
    'a document with name and caption',
    { type: 'document', media: { url: 'https://x.test/a', filename: 'a.pdf' }, caption: 'c' },
    { type: 'document', document: { link: 'https://x.test/a', filename: 'a.pdf', caption: 'c' } },
  ],
  ['a sticker', { type: 'sticker', media: { id: '7' }, animated: true }, { type: 'sticker', sticker: { id: '7' } }],
  [
    'a location',
    { type: 'location', latitude: 50.4, longitude: -30.5, name: 'n', address: 'a' },
    { type: 'location', location: { latitude: 50.4, longitude: -30.5, name: 'n', address: 'a' } },
  ],
  [
    'a location with a link',
    { type: 'location', latitude: 1, longitude: 2, address: 'a', url: 'https://x.test' },
    { type: 'location', location: { latitude: 1, longitude: 2, address: 'a https://x.test' } },
  ],
  [
    'contact cards',
    {
      type: 'contacts',
      contacts: [{ name: { formatted_name: 'Ann Lee', first_name: 'Ann' }, phones: [{ phone: '+1' }] }],
    },
    {
      type: 'contacts',
      contacts: [{ name: { formatted_name: 'Ann Lee', first_name: 'Ann' }, phones: [{ phone: '+1' }] }],
    },
  ],
  [
    'a reaction',
    { type: 'reaction', messageId: 'wamid.1', emoji: '👍🏽' },
    { type: 'reaction', reaction: { message_id: 'wamid.1', emoji: '👍🏽' } },
  ],
  [
    'a reaction taken back',
    { type: 'reaction', messageId: 'wamid.1', emoji: '' },
    { type: 'reaction', reaction: { message_id: 'wamid.1', emoji: '' } },
  ],
  [
    'reply buttons',
    { type: 'buttons', text: 'Well?', header: 'H', footer: 'F', buttons: [reply('Yes'), reply('No', 'n')] },
    interactive('button', 'Well?', replies(['Yes', 'Yes'], ['n', 'No']), FRAME),
  ],
  [
    'a url button',
    {
      type: 'buttons',
      text: 'See',
      header: 'H',
      footer: 'F',
      buttons: [{ type: 'url', title: 'Go', url: 'https://x.test' }],
    },
    interactive(
      'cta_url',
      'See',
      { name: 'cta_url', parameters: { display_text: 'Go', url: 'https://x.test' } },
      FRAME,
    ),
  ],
  [
    'a request for the location',
    { type: 'buttons', text: 'Where?', buttons: [{ type: 'location', title: 'Share' }] },
    interactive('location_request_message', 'Where?', { name: 'send_location' }),
  ],
  [
    'a request for the location with header and footer',
    { type: 'buttons', text: 'Where?', header: 'H', footer: 'F', buttons: [{ type: 'location', title: 'Share' }] },
    interactive('location_request_message', 'H\n\nWhere?\n\nF', { name: 'send_location' }),
  ],
  [
    'a request for the phone number',
    { type: 'buttons', text: 'How?', buttons: [{ type: 'phone', title: 'Share' }] },
    interactive('request_contact_info', 'How?', { name: 'request_contact_info' }),
  ],
  [
    'four buttons, as a list',
    { type: 'buttons', text: 'Pick', header: 'H', footer: 'F', buttons: options(4) },
    interactive(
      'list',
      'Pick',
      { button: 'Menu', sections: [{ rows: options(4).map(({ id, title }) => ({ id: id as string, title })) }] },
      FRAME,
    ),
  ],
  [
    'a button with a long label, as a list',
    { type: 'buttons', text: 'Pick', buttons: [reply('x'.repeat(24), 'a'), reply('b')] },
    interactive('list', 'Pick', {
      button: 'Menu',
      sections: [
        {
          rows: [
            { id: 'a', title: 'x'.repeat(24) },
            { id: 'b', title: 'b' },
          ],
        },
      ],
    }),
  ],
  [
    'eleven buttons, as numbered text',
    { type: 'buttons', text: 'Pick', header: 'H', footer: 'F', buttons: options(11) },
    text(
      `H\n\nPick\n\n${options(11)
        .map(({ title }, at) => `${at + 1}. ${title}`)
        .join('\n')}\n\nF`,
    ),
  ],
  [
    'buttons of several kinds: the replies stay, the others move into the text',
    {
      type: 'buttons',
      text: 'Pick',
      buttons: [
        reply('Yes', 'y'),
        { type: 'url', title: 'Site', url: 'https://x.test' },
        { type: 'phone', title: 'Call', phone: '+1650' },
      ],
    },
    interactive('button', 'Pick\n\nSite: https://x.test\nCall: +1650', replies(['y', 'Yes'])),
  ],
  [
    'two links, as numbered text',
    {
      type: 'buttons',
      text: 'Pick',
      buttons: [
        { type: 'url', title: 'A', url: 'https://a.test' },
        { type: 'url', title: 'B', url: 'https://b.test' },
      ],
    },
    text('Pick\n\n1. A: https://a.test\n2. B: https://b.test'),
  ],
  [
    'a number to call, as a line of the text',
    { type: 'buttons', text: 'Ask us', buttons: [{ type: 'phone', title: 'Call', phone: '+1650' }] },
    text('Ask us\n\nCall: +1650'),
  ],
  [
    'a request for the email address, as a line of the text',
    { type: 'buttons', text: 'Please', buttons: [{ type: 'email', title: 'Your email' }] },
    text('Please\n\nYour email'),
  ],
  [
    'a list',
    {
      type: 'list',
      text: 'Pick',
      button: 'Open',
      header: 'H',
      footer: 'F',
      sections: [
        { title: 'S', rows: [{ id: '1', title: 'One', description: 'first' }] },
        { title: 'T', rows: [{ id: '2', title: 'Two' }] },
      ],
    },
    interactive(
      'list',
      'Pick',
      {
        button: 'Open',
        sections: [
          { title: 'S', rows: [{ id: '1', title: 'One', description: 'first' }] },
          { title: 'T', rows: [{ id: '2', title: 'Two' }] },
        ],
      },
      FRAME,
    ),
  ],
  [
    'a list of eleven rows, as numbered text',
    {
      type: 'list',
      text: 'Pick',
      button: 'Open',
      sections: [
        { title: 'S', rows: options(10).map(({ id, title }) => ({ id: id as string, title })) },
        { title: 'T', rows: [{ id: 'z', title: 'Last', description: 'of all' }] },
      ],
    },
    text(
      `Pick\n\nS\n${options(10)
        .map(({ title }, at) => `${at + 1}. ${title}`)
        .join('\n')}\n\nT\n11. Last – of all`,
    ),
  ],
  [
    'a flow, natively',
    {
      type: 'native',
      channel: 'whatsapp',
      payload: interactive('flow', 'Book', {
        name: 'flow',
        parameters: { flow_message_version: '3', flow_token: 't', flow_id: '1', flow_cta: 'Book' },
      }),
    },
    interactive('flow', 'Book', {
      name: 'flow',
      parameters: { flow_message_version: '3', flow_token: 't', flow_id: '1', flow_cta: 'Book' },
    }),
  ],
];

describe('the body of every content', () => {
  it.each(BODIES)('%s', (_, content, body) => {
    const { shown, problems } = judge(content);
    expect(problems).toEqual([]);
    const { payload } = render({ to, content: shown });
    expect(payload).toEqual({ ...ENVELOPE, ...body });
    expect(schemaErrors(payload)).toEqual([]);
  });
});
