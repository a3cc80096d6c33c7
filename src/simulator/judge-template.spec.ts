import { describe, expect, it } from '@jest/globals';
import { judgeTemplate } from './judge-template.js';
import type { JsonObject } from './world.types.js';

const template = (...components: JsonObject[]): JsonObject => ({
  name: 'a_1',
  language: { code: 'en_US' },
  components,
});
const header = (...parameters: JsonObject[]): JsonObject => ({ type: 'header', parameters });
const body = (...parameters: JsonObject[]): JsonObject => ({ type: 'body', parameters });
const button = (sub_type: string, parameter: JsonObject, index: string | number = '0'): JsonObject => ({
  type: 'button',
  sub_type,
  index,
  parameters: [parameter],
});
const text = (words: string, more: JsonObject = {}): JsonObject => ({ type: 'text', text: words, ...more });

describe('judgeTemplate', () => {
  it.each<[string, JsonObject]>([
    ['no components', { name: 'a', language: { code: 'en' } }],
    ['a header text of 60', template(header(text('x'.repeat(60))))],
    ['a header image', template(header({ type: 'image', image: { link: 'https://x.test' } }))],
    ['a header location', template(header({ type: 'location', location: { latitude: 1, longitude: 2 } }))],
    ['values in order', template(body(text('a'), text('b')))],
    ['values by name', template(body(text('a', { parameter_name: 'x' })))],
    ['money', template(body({ type: 'currency', currency: { fallback_value: '$1', code: 'USD', amount_1000: 1000 } }))],
    ['two buttons', template(button('quick_reply', { type: 'payload', payload: 'p' }), button('url', text('x'), 1))],
    ['a coupon of 15', template(button('copy_code', { type: 'coupon_code', coupon_code: 'x'.repeat(15) }))],
    ['a flow', template(button('flow', { type: 'action', action: {} }, 9))],
    [
      'an offer',
      template({
        type: 'limited_time_offer',
        parameters: [{ type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: 1 } }],
      }),
    ],
    ['a component of tomorrow', template({ type: 'hologram' })],
  ])('takes %s', (_name, given) => {
    expect(judgeTemplate(given)).toBeUndefined();
  });

  it.each<[string, number, JsonObject]>([
    ['no name', 131008, { language: { code: 'en' } }],
    ['a name in capitals', 131009, { name: 'A', language: { code: 'en' } }],
    ['no language', 131008, { name: 'a' }],
    ['components that are no list', 131009, { name: 'a', language: { code: 'en' }, components: {} }],
    ['two header values', 131009, template(header(text('a'), text('b')))],
    ['a header text of 61', 131009, template(header(text('x'.repeat(61))))],
    ['a header without a file', 131008, template(header({ type: 'video', video: {} }))],
    ['a header nowhere', 131008, template(header({ type: 'location', location: {} }))],
    ['an empty value', 131008, template(body(text('')))],
    ['names for some', 131008, template(body(text('a', { parameter_name: 'x' }), text('b')))],
    ['money without words', 131008, template(body({ type: 'currency', currency: {} }))],
    ['a button of no kind', 131008, template({ type: 'button', index: '0' })],
    ['a button without a place', 131008, template({ type: 'button', sub_type: 'url' })],
    ['an eleventh button', 131009, template(button('url', text('x'), '10'))],
    ['a button twice', 131009, template(button('url', text('x')), button('url', text('x')))],
    ['a coupon of 16', 131009, template(button('copy_code', { type: 'coupon_code', coupon_code: 'x'.repeat(16) }))],
    ['a reply without a payload', 131008, template(button('quick_reply', {}))],
    ['a flow without an action', 131008, template(button('flow', { type: 'action' }))],
    [
      'an endless offer',
      131008,
      template({ type: 'limited_time_offer', parameters: [{ type: 'limited_time_offer' }] }),
    ],
  ])('refuses %s with %i', (_name, code, given) => {
    expect(judgeTemplate(given)?.code).toBe(code);
  });
});
