import { describe, expect, it } from '@jest/globals';
import { judgeMessage } from './judge-message.js';
import type { JsonObject } from './world.types.js';

const frame = { messaging_product: 'whatsapp', to: '+1 (650) 555-1234' };
const text = { ...frame, type: 'text', text: { body: 'hi' } };
const buttons = (count: number, title = 'Yes', id?: string): JsonObject => ({
  ...frame,
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: 'Well?' },
    action: {
      buttons: Array.from({ length: count }, (_, index) => ({
        type: 'reply',
        reply: { id: id ?? `b${index}`, title },
      })),
    },
  },
});
const list = (rows: JsonObject[], more: JsonObject = {}): JsonObject => ({
  ...frame,
  type: 'interactive',
  interactive: {
    type: 'list',
    body: { text: 'Pick' },
    action: { button: 'Open', sections: [{ title: 'S', rows }] },
    ...more,
  },
});
const row = (index: number, more: JsonObject = {}): JsonObject => ({ id: `r${index}`, title: `Row ${index}`, ...more });
const rows = (count: number): JsonObject[] => Array.from({ length: count }, (_, index) => row(index));

const interactive = (type: string, action: JsonObject, more: JsonObject = {}): JsonObject => ({
  ...frame,
  type: 'interactive',
  interactive: { type, body: { text: 'Well?' }, action, ...more },
});
const link = (parameters: JsonObject): JsonObject => interactive('cta_url', { name: 'cta_url', parameters });
const flow = (more: JsonObject): JsonObject =>
  interactive('flow', {
    name: 'flow',
    parameters: { flow_message_version: '3', flow_id: '1', flow_cta: 'Go', ...more },
  });
const card = (count: number, more: JsonObject = {}): JsonObject => ({
  ...frame,
  type: 'contacts',
  contacts: Array.from({ length: count }, () => ({ name: { formatted_name: 'A', first_name: 'A' }, ...more })),
});

describe('judgeMessage', () => {
  it.each<[string, JsonObject]>([
    ['a text', text],
    ['a text without a type', { ...frame, text: { body: 'hi' } }],
    ['4096 characters', { ...text, text: { body: 'x'.repeat(4096) } }],
    ['4096 emoji', { ...text, text: { body: '😀'.repeat(4096) } }],
    ['a BSUID', { messaging_product: 'whatsapp', recipient: 'US.1349abc', type: 'text', text: { body: 'hi' } }],
    ['an image by link', { ...frame, type: 'image', image: { link: 'https://example.org/a.png', caption: 'c' } }],
    ['a removed reaction', { ...frame, type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '' } }],
    ['a location', { ...frame, type: 'location', location: { latitude: 50.4, longitude: '30.5' } }],
    ['three buttons', buttons(3)],
    ['ten rows', list(rows(10))],
    ['257 contacts', card(257)],
    ['a voice note', { ...frame, type: 'audio', audio: { id: '1', voice: true } }],
    ['a link', link({ display_text: 'x'.repeat(20), url: 'https://example.org' })],
    [
      'an image over buttons',
      interactive('button', (buttons(1)['interactive'] as JsonObject)['action'] as JsonObject, {
        header: { type: 'image', image: { id: '1' } },
      }),
    ],
    ['a request for the location', interactive('location_request_message', { name: 'send_location' })],
    ['a request for the number', interactive('request_contact_info', { name: 'request_contact_info' })],
    ['a flow', flow({ flow_cta: 'x'.repeat(20) })],
    ['a type of tomorrow', { ...frame, type: 'hologram', hologram: {} }],
    ['an interactive kind of tomorrow', { ...frame, type: 'interactive', interactive: { type: 'dance', action: {} } }],
  ])('takes %s', (_name, body) => {
    expect(judgeMessage(body)).toBeUndefined();
  });

  it.each<[string, number, JsonObject]>([
    ['no messaging_product', 100, { ...text, messaging_product: undefined }],
    ['no recipient', 100, { ...text, to: undefined }],
    ['a recipient that is no BSUID', 100, { ...text, to: undefined, recipient: '16505551234' }],
    ['a recipient that is no phone', 131009, { ...text, to: 'ann' }],
    ['tracking data of 513 characters', 100, { ...text, biz_opaque_callback_data: 'x'.repeat(513) }],
    ['a context without an id', 100, { ...text, context: {} }],
    ['no text object', 100, { ...frame, type: 'text' }],
    ['an empty text', 100, { ...text, text: { body: '' } }],
    ['4097 characters', 100, { ...text, text: { body: 'x'.repeat(4097) } }],
    ['a template without a name', 131008, { ...frame, type: 'template', template: { language: { code: 'en' } } }],
    ['a template without a language', 131008, { ...frame, type: 'template', template: { name: 'a' } }],
    ['media without id and link', 131008, { ...frame, type: 'image', image: {} }],
    ['a link that is none', 131009, { ...frame, type: 'image', image: { link: 'file:///etc/passwd' } }],
    ['a caption of 1025', 100, { ...frame, type: 'image', image: { id: '1', caption: 'x'.repeat(1025) } }],
    ['a caption on audio', 131009, { ...frame, type: 'audio', audio: { id: '1', caption: 'x' } }],
    ['a reaction to nothing', 131008, { ...frame, type: 'reaction', reaction: { emoji: '👍' } }],
    ['a latitude of 91', 131009, { ...frame, type: 'location', location: { latitude: 91, longitude: 0 } }],
    ['nameless contacts', 131008, { ...frame, type: 'contacts', contacts: [{ phones: [] }] }],
    ['no contacts', 100, { ...frame, type: 'contacts', contacts: [] }],
    ['four buttons', 131009, buttons(4)],
    ['no button', 131009, buttons(0)],
    ['a button title of 21', 131009, buttons(1, 'x'.repeat(21))],
    ['equal button ids', 131009, buttons(2, 'Yes', 'same')],
    ['eleven rows', 131009, list(rows(11))],
    ['a row title of 25', 131009, list([row(1, { title: 'x'.repeat(25) })])],
    ['a row id of 201', 131009, list([row(1, { id: 'x'.repeat(201) })])],
    ['a row description of 73', 131009, list([row(1, { description: 'x'.repeat(73) })])],
    ['an image header on a list', 131009, list(rows(1), { header: { type: 'image' } })],
    ['a list body of 4097', 131009, list(rows(1), { body: { text: 'x'.repeat(4097) } })],
    ['a footer of 61', 131009, list(rows(1), { footer: { text: 'x'.repeat(61) } })],
    ['258 contacts', 131009, card(258)],
    ['a contact of one name', 131008, { ...frame, type: 'contacts', contacts: [{ name: { formatted_name: 'A' } }] }],
    ['a birthday in words', 131009, card(1, { birthday: 'May' })],
    ['a caption on a sticker', 131009, { ...frame, type: 'sticker', sticker: { id: '1', caption: 'x' } }],
    ['a voice that is no audio', 131009, { ...frame, type: 'video', video: { id: '1', voice: true } }],
    ['a word as a reaction', 131009, { ...frame, type: 'reaction', reaction: { message_id: 'wamid.x', emoji: 'ok' } }],
    ['a link label of 21', 131009, link({ display_text: 'x'.repeat(21), url: 'https://example.org' })],
    ['a link to a script', 131009, link({ display_text: 'x', url: 'javascript:1' })],
    ['a link of another name', 131009, interactive('cta_url', { name: 'url', parameters: {} })],
    ['a request of another name', 131009, interactive('location_request_message', { name: 'location' })],
    [
      'a request without a text',
      131008,
      interactive('request_contact_info', { name: 'request_contact_info' }, { body: { text: ' ' } }),
    ],
    ['a header of no kind', 131009, interactive('button', {}, { header: { type: 'sticker' } })],
    ['a header without a file', 131008, interactive('button', {}, { header: { type: 'image', image: {} } })],
    ['a header of 61', 131009, list(rows(1), { header: { type: 'text', text: 'x'.repeat(61) } })],
    ['a flow label of 21', 131009, flow({ flow_cta: 'x'.repeat(21) })],
    ['a flow label with an emoji', 131009, flow({ flow_cta: '👍' })],
    ['a flow by id and name', 131008, flow({ flow_name: 'x' })],
    [
      '31 products',
      131009,
      interactive(
        'product_list',
        { catalog_id: '1', sections: [{ product_items: Array.from({ length: 31 }, () => ({})) }] },
        { header: { type: 'text', text: 'H' } },
      ),
    ],
    ['products without a header', 131008, interactive('product_list', { catalog_id: '1', sections: [] })],
    ['an interactive without an action', 131008, { ...frame, type: 'interactive', interactive: { type: 'button' } }],
  ])('refuses %s with %i', (_name, code, body) => {
    expect(judgeMessage(body)?.code).toBe(code);
  });
});
