import { describe, expect, it } from '@jest/globals';
import type { Content, JsonObject, TemplateParams } from '../../contract/index.js';
import { render } from './render.js';

const to = { phone: '16505551234' };
const ENVELOPE = { messaging_product: 'whatsapp', recipient_type: 'individual', to: '+16505551234' };
const rendered = (content: Content): JsonObject => render({ to, content }).payload;

describe('the envelope', () => {
  it.each([
    [{ phone: '16505551234' }, { to: '+16505551234' }],
    [{ phone: '+16505551234' }, { to: '+16505551234' }],
    [{ userId: 'US.1349' }, { recipient: 'US.1349' }],
    [{ phone: '1650', userId: 'US.1349' }, { to: '+1650' }],
  ])('addresses %j', (recipient, address) => {
    const { payload } = render({ to: recipient, content: { type: 'text', text: 'hi' } });
    const { to: _, ...rest } = ENVELOPE;
    expect(payload).toEqual({ ...rest, ...address, type: 'text', text: { body: 'hi' } });
  });

  it('quotes the message that is answered, but not in a reaction', () => {
    const answer = render({ to, content: { type: 'text', text: 'hi' }, replyTo: 'wamid.1' });
    expect(answer.payload['context']).toEqual({ message_id: 'wamid.1' });
    const reaction = render({
      to,
      content: { type: 'reaction', messageId: 'wamid.1', emoji: '👍' },
      replyTo: 'wamid.1',
    });
    expect(reaction.payload).not.toHaveProperty('context');
  });

  it('stays ours around a native body', () => {
    const payload = { type: 'text', text: { body: 'x' }, to: '+1999', messaging_product: 'sms' };
    expect(rendered({ type: 'native', channel: 'whatsapp', payload })).toEqual({ ...payload, ...ENVELOPE });
  });
});

describe('the body', () => {
  it.each<[Content, JsonObject]>([
    [
      { type: 'text', text: 'https://x.test', preview: true },
      { type: 'text', text: { body: 'https://x.test', preview_url: true } },
    ],
    [
      { type: 'image', media: { id: '7', url: 'https://x.test', filename: 'no.jpg' }, caption: 'c' },
      { type: 'image', image: { id: '7', caption: 'c' } },
    ],
    [
      { type: 'document', media: { url: 'https://x.test/a', filename: 'a.pdf' } },
      { type: 'document', document: { link: 'https://x.test/a', filename: 'a.pdf' } },
    ],
    [
      { type: 'audio', media: { id: '7' }, voice: true },
      { type: 'audio', audio: { id: '7', voice: true } },
    ],
    [
      { type: 'location', latitude: 1, longitude: 2, name: 'n', address: 'a' },
      { type: 'location', location: { latitude: 1, longitude: 2, name: 'n', address: 'a' } },
    ],
    [
      { type: 'contacts', contacts: [{ name: {} }] },
      { type: 'contacts', contacts: [{ name: {} }] },
    ],
    [
      { type: 'reaction', messageId: 'wamid.1', emoji: '' },
      { type: 'reaction', reaction: { message_id: 'wamid.1', emoji: '' } },
    ],
    [
      {
        type: 'buttons',
        text: 'Pick',
        header: 'H',
        footer: 'F',
        buttons: [
          { type: 'reply', title: 'Yes' },
          { type: 'reply', id: 'n', title: 'No' },
        ],
      },
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          header: { type: 'text', text: 'H' },
          body: { text: 'Pick' },
          footer: { text: 'F' },
          action: {
            buttons: [
              { type: 'reply', reply: { id: 'Yes', title: 'Yes' } },
              { type: 'reply', reply: { id: 'n', title: 'No' } },
            ],
          },
        },
      },
    ],
    [
      { type: 'buttons', text: 'Pick', buttons: [{ type: 'url', title: 'Go', url: 'https://x.test' }] },
      {
        type: 'interactive',
        interactive: {
          type: 'cta_url',
          body: { text: 'Pick' },
          action: { name: 'cta_url', parameters: { display_text: 'Go', url: 'https://x.test' } },
        },
      },
    ],
    [
      {
        type: 'list',
        text: 'Pick',
        button: 'Open',
        sections: [
          {
            title: 'S',
            rows: [
              { id: '1', title: 'One', description: 'first' },
              { id: '2', title: 'Two' },
            ],
          },
        ],
      },
      {
        type: 'interactive',
        interactive: {
          type: 'list',
          body: { text: 'Pick' },
          action: {
            button: 'Open',
            sections: [
              {
                title: 'S',
                rows: [
                  { id: '1', title: 'One', description: 'first' },
                  { id: '2', title: 'Two' },
                ],
              },
            ],
          },
        },
      },
    ],
  ])('of %j', (content, body) => {
    expect(rendered(content)).toEqual({ ...ENVELOPE, ...body });
  });
});

describe('a template', () => {
  const componentsOf = (params: TemplateParams): unknown => {
    const { template } = rendered({ type: 'template', name: 'n', language: 'en_US', params }) as {
      template: JsonObject;
    };
    return template['components'];
  };
  const text = (value: string) => ({ type: 'text', text: value });
  const button = (sub_type: string, index: string, parameter: object) => ({
    type: 'button',
    sub_type,
    index,
    parameters: [parameter],
  });

  it('needs no component without variables', () => {
    const content: Content = { type: 'template', name: 'hello_world', language: 'en_US' };
    expect(rendered(content)).toEqual({
      ...ENVELOPE,
      type: 'template',
      template: { name: 'hello_world', language: { code: 'en_US' } },
    });
  });

  it('takes components as they are', () => {
    const components = [{ type: 'carousel', cards: [] }];
    expect(rendered({ type: 'template', name: 'n', language: 'uk', components })).toMatchObject({
      template: { components },
    });
  });

  it.each<[TemplateParams, unknown]>([
    [{ body: ['Ann', '3'] }, [{ type: 'body', parameters: [text('Ann'), text('3')] }]],
    [
      { body: { first: 'Ann' } },
      [{ type: 'body', parameters: [{ type: 'text', parameter_name: 'first', text: 'Ann' }] }],
    ],
    [{ header: { text: 'Hi' } }, [{ type: 'header', parameters: [text('Hi')] }]],
    [
      { header: { image: { url: 'https://x.test/i' } } },
      [{ type: 'header', parameters: [{ type: 'image', image: { link: 'https://x.test/i' } }] }],
    ],
    [{ header: { video: { id: '7' } } }, [{ type: 'header', parameters: [{ type: 'video', video: { id: '7' } }] }]],
    [
      { header: { document: { id: '7', filename: 'a.pdf' } } },
      [{ type: 'header', parameters: [{ type: 'document', document: { id: '7', filename: 'a.pdf' } }] }],
    ],
    [
      { header: { location: { latitude: 1, longitude: 2 } } },
      [{ type: 'header', parameters: [{ type: 'location', location: { latitude: 1, longitude: 2 } }] }],
    ],
    [{ buttons: [{ index: 1, text: 'suffix' }] }, [button('url', '1', text('suffix'))]],
    [{ buttons: [{ index: 0, payload: 'YES' }] }, [button('quick_reply', '0', { type: 'payload', payload: 'YES' })]],
    [
      { buttons: [{ index: 0, code: 'SAVE25' }] },
      [button('copy_code', '0', { type: 'coupon_code', coupon_code: 'SAVE25' })],
    ],
    [
      { buttons: [{ index: 2, flow: { flow_token: 't' } }] },
      [button('flow', '2', { type: 'action', action: { flow_token: 't' } })],
    ],
    [{ code: '123456' }, [{ type: 'body', parameters: [text('123456')] }, button('url', '0', text('123456'))]],
  ])('with %j', (params, components) => {
    expect(componentsOf(params)).toEqual(components);
  });
});
