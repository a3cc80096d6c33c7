import { describe, expect, it } from '@jest/globals';
import type { Content, TemplateParams } from '../../contract/index.js';
import { render } from './render.js';
import { judge, schemaErrors } from './testing/message-schema.fixture.js';

const ENVELOPE = { messaging_product: 'whatsapp', recipient_type: 'individual' };

describe('the body of a template', () => {
  const value = (words: string) => ({ type: 'text', text: words });
  const button = (sub_type: string, index: string, parameter: object) => ({
    type: 'button',
    sub_type,
    index,
    parameters: [parameter],
  });
  const header = (parameter: object) => [{ type: 'header', parameters: [parameter] }];

  it.each<[string, TemplateParams, unknown]>([
    ['a header text', { header: { text: 'Hi' } }, header(value('Hi'))],
    ['a header image', { header: { image: { id: '7' } } }, header({ type: 'image', image: { id: '7' } })],
    [
      'a header video',
      { header: { video: { url: 'https://x.test/v' } } },
      header({ type: 'video', video: { link: 'https://x.test/v' } }),
    ],
    [
      'a header document',
      { header: { document: { id: '7', filename: 'a.pdf' } } },
      header({ type: 'document', document: { id: '7', filename: 'a.pdf' } }),
    ],
    [
      'a header location',
      { header: { location: { latitude: 1, longitude: 2, name: 'n', address: 'a' } } },
      header({ type: 'location', location: { latitude: 1, longitude: 2, name: 'n', address: 'a' } }),
    ],
    ['values in order', { body: ['Ann', '3'] }, [{ type: 'body', parameters: [value('Ann'), value('3')] }]],
    [
      'values by name',
      { body: { first: 'Ann' } },
      [{ type: 'body', parameters: [{ type: 'text', parameter_name: 'first', text: 'Ann' }] }],
    ],
    [
      'every kind of button',
      {
        buttons: [
          { index: 0, payload: 'YES' },
          { index: 1, text: 'suffix' },
          { index: 2, code: 'SAVE25' },
          { index: 3, flow: { flow_token: 't', flow_action_data: {} } },
        ],
      },
      [
        button('quick_reply', '0', { type: 'payload', payload: 'YES' }),
        button('url', '1', value('suffix')),
        button('copy_code', '2', { type: 'coupon_code', coupon_code: 'SAVE25' }),
        button('flow', '3', { type: 'action', action: { flow_token: 't', flow_action_data: {} } }),
      ],
    ],
    [
      'a limited-time offer',
      { offer: { expiresAt: '2026-12-31T23:00:00Z' } },
      [
        {
          type: 'limited_time_offer',
          parameters: [
            { type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: Date.UTC(2026, 11, 31, 23) } },
          ],
        },
      ],
    ],
    [
      'a code',
      { code: '123456' },
      [{ type: 'body', parameters: [value('123456')] }, button('url', '0', value('123456'))],
    ],
  ])('with %s', (_, params, components) => {
    const content: Content = { type: 'template', name: 'n', language: 'en_US', params };
    expect(judge(content).problems).toEqual([]);
    const { payload } = render({ to: { userId: 'US.1349' }, content });
    const template = { name: 'n', language: { code: 'en_US' }, components };
    expect(payload).toEqual({ ...ENVELOPE, recipient: 'US.1349', type: 'template', template });
    expect(schemaErrors(payload)).toEqual([]);
  });
});

describe('a template otherwise', () => {
  it('needs no component without variables', () => {
    const content: Content = { type: 'template', name: 'hello_world', language: 'en_US' };
    const { payload } = render({ to: { phone: '1650' }, content });
    const template = { name: 'hello_world', language: { code: 'en_US' } };
    expect(payload).toEqual({ ...ENVELOPE, to: '+1650', type: 'template', template });
    expect(schemaErrors(payload)).toEqual([]);
  });

  it('takes components as they are', () => {
    const components = [{ type: 'carousel', cards: [] }];
    const content: Content = { type: 'template', name: 'n', language: 'uk', components };
    expect(render({ to: { phone: '1650' }, content }).payload).toMatchObject({ template: { components } });
  });
});
