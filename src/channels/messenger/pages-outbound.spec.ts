import { describe, expect, it } from '@jest/globals';
import { type Button, type Content, degrade, type OutboundMessage } from '../../contract/index.js';
import { facebook } from '../facebook/index.js';
import { instagram } from '../instagram/index.js';
import { fakeGraph, failed, gatewayCall, graphError } from '../graph/testing/fake-graph.js';

const account = { address: '111', group: '111', name: 'Acme' };
const CALL = gatewayCall({ request: () => Promise.reject(new Error('nothing is called')) });
const CONTEXT = { ...CALL, account };
const to = { userId: '244' };

const body = (channel: typeof facebook, content: Content, more: Partial<OutboundMessage> = {}) =>
  channel.outbound.render({ to, content, ...more }, CONTEXT).payload;
const codes = (channel: typeof facebook, content: Content) =>
  channel.outbound.check(content, CONTEXT).map(({ path, code }) => `${path} ${code}`);
const replies = (count: number): Button[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'reply', id: `id-${index}`, title: `Choice ${index}` }));
const buttons = (text: string, ...list: Button[]): Content => ({ type: 'buttons', text, buttons: list });
const SITE: Button = { type: 'url', title: 'Site', url: 'https://acme.example' };
const CALL_US: Button = { type: 'phone', title: 'Call', phone: '+380441234567' };
const RESPONSE = { recipient: { id: '244' }, messaging_type: 'RESPONSE' };

describe('the body of a content', () => {
  it.each<[string, typeof facebook, Content, object]>([
    ['text', facebook, { type: 'text', text: 'Hello' }, { ...RESPONSE, message: { text: 'Hello' } }],
    [
      'an image by link',
      facebook,
      { type: 'image', media: { url: 'https://x.example/a.jpg' } },
      {
        ...RESPONSE,
        message: { attachment: { type: 'image', payload: { url: 'https://x.example/a.jpg', is_reusable: false } } },
      },
    ],
    [
      'a document that was brought there',
      facebook,
      { type: 'document', media: { id: '4711', mimeType: 'application/pdf' } },
      { ...RESPONSE, message: { attachment: { type: 'file', payload: { attachment_id: '4711' } } } },
    ],
    [
      'a picture sent as a document, as what it was brought as',
      facebook,
      { type: 'document', media: { id: '4711', mimeType: 'image/png' } },
      { ...RESPONSE, message: { attachment: { type: 'image', payload: { attachment_id: '4711' } } } },
    ],
    [
      'a reaction',
      facebook,
      { type: 'reaction', messageId: 'm_1', emoji: '👍' },
      { recipient: { id: '244' }, sender_action: 'react', payload: { message_id: 'm_1', reaction: '👍' } },
    ],
    [
      'a reaction taken back',
      instagram,
      { type: 'reaction', messageId: 'm_1', emoji: '' },
      { recipient: { id: '244' }, sender_action: 'unreact', payload: { message_id: 'm_1' } },
    ],
    [
      'buttons that stay',
      facebook,
      buttons('Which?', ...replies(1), SITE, CALL_US),
      {
        ...RESPONSE,
        message: {
          attachment: {
            type: 'template',
            payload: {
              template_type: 'button',
              text: 'Which?',
              buttons: [
                { type: 'postback', title: 'Choice 0', payload: 'id-0' },
                { type: 'web_url', title: 'Site', url: 'https://acme.example' },
                { type: 'phone_number', title: 'Call', payload: '+380441234567' },
              ],
            },
          },
        },
      },
    ],
    [
      'the same on Instagram, as a card',
      instagram,
      buttons('Which?', ...replies(1)),
      {
        ...RESPONSE,
        message: {
          attachment: {
            type: 'template',
            payload: {
              template_type: 'generic',
              elements: [{ title: 'Which?', buttons: [{ type: 'postback', title: 'Choice 0', payload: 'id-0' }] }],
            },
          },
        },
      },
    ],
    [
      'more buttons, as quick replies',
      facebook,
      buttons('Which?', ...replies(4)),
      {
        ...RESPONSE,
        message: {
          text: 'Which?',
          quick_replies: replies(4).map(({ id, title }) => ({ content_type: 'text', title, payload: id })),
        },
      },
    ],
    [
      'a request for the phone number',
      facebook,
      buttons('Your number?', { type: 'phone', title: 'Share' }),
      { ...RESPONSE, message: { text: 'Your number?', quick_replies: [{ content_type: 'user_phone_number' }] } },
    ],
    [
      'native, with our address',
      facebook,
      { type: 'native', channel: 'facebook', payload: { message: { text: 'x' }, notification_type: 'NO_PUSH' } },
      { ...RESPONSE, notification_type: 'NO_PUSH', message: { text: 'x' } },
    ],
    [
      'a native action, which carries nothing of a message',
      instagram,
      { type: 'native', channel: 'instagram', payload: { sender_action: 'typing_off' } },
      { recipient: { id: '244' }, sender_action: 'typing_off' },
    ],
  ])('%s', (_, channel, content, expected) => {
    expect(codes(channel, content)).toEqual([]);
    expect(body(channel, content)).toEqual(expected);
  });

  it('quotes what it answers, and says when a human writes late', () => {
    expect(body(facebook, { type: 'text', text: 'x' }, { replyTo: 'm_9', late: 'human' })).toEqual({
      recipient: { id: '244' },
      messaging_type: 'MESSAGE_TAG',
      tag: 'HUMAN_AGENT',
      message: { text: 'x' },
      reply_to: { mid: 'm_9' },
    });
  });
});

describe('what a message is called', () => {
  it.each([
    ['m_9', { mid: 'm_9' }],
    ['m_9#2', { mid: 'm_9' }],
    ['referral.1790000000123.4c9f5b5a3c1a4a0f', undefined],
    ['revoke.m_9', undefined],
  ])('%s is quoted as %j', (replyTo, expected) => {
    expect(body(facebook, { type: 'text', text: 'x' }, { replyTo })['reply_to']).toEqual(expected);
  });

  it('is the whole, for who reacts to a part', () => {
    const reaction = body(facebook, { type: 'reaction', messageId: 'm_9#1', emoji: '👍' });
    expect(reaction['payload']).toEqual({ message_id: 'm_9', reaction: '👍' });
  });
});

describe('limits', () => {
  const text = (value: string): Content => ({ type: 'text', text: value });
  it.each<[string, typeof facebook, Content, string[]]>([
    ['2,000 characters', facebook, text('ї'.repeat(2000)), []],
    ['2,001 characters', facebook, text('ї'.repeat(2001)), ['content.text content.too_long']],
    ['1,000 bytes', instagram, text('ї'.repeat(500)), []],
    ['1,001 bytes', instagram, text(`${'ї'.repeat(500)}.`), ['content.text content.too_long']],
    ['no text', facebook, text(' '), ['content.text content.invalid']],
    ['640 characters above buttons', facebook, buttons('x'.repeat(640), SITE), []],
    ['641 above buttons that stay', facebook, buttons('x'.repeat(641), SITE), ['content.text content.too_long']],
    ['641 above answers', facebook, buttons('x'.repeat(641), ...replies(2)), []],
    ['13 answers', facebook, buttons('x', ...replies(13)), []],
    ['14 answers', facebook, buttons('x', ...replies(14)), ['content.buttons content.unsupported']],
    ['a title of 20', facebook, buttons('x', { type: 'reply', title: 't'.repeat(20) }), []],
    [
      'a title of 21',
      facebook,
      buttons('x', { type: 'reply', title: 't'.repeat(21) }),
      ['content.buttons[0].title content.too_long'],
    ],
    ['an id of 1,000', facebook, buttons('x', { type: 'reply', title: 't', id: 'i'.repeat(1000) }), []],
    [
      'an id of 1,001',
      facebook,
      buttons('x', { type: 'reply', title: 't', id: 'i'.repeat(1001) }),
      ['content.buttons[0].id content.too_long'],
    ],
    [
      'two ids alike',
      facebook,
      buttons('x', { type: 'reply', title: 't', id: 'i' }, { type: 'reply', title: 'u', id: 'i' }),
      ['content.buttons content.invalid'],
    ],
    [
      'a caption',
      facebook,
      { type: 'image', media: { url: 'https://x.example' }, caption: 'c' },
      ['content.caption content.unsupported'],
    ],
    [
      'a sticker',
      facebook,
      { type: 'sticker', media: { url: 'https://x.example' } },
      ['content.type content.unsupported'],
    ],
    [
      'a button that calls, on Instagram',
      instagram,
      buttons('x', CALL_US),
      ['content.buttons[0].type content.unsupported'],
    ],
    [
      'native with a recipient',
      facebook,
      { type: 'native', channel: 'facebook', payload: { message: {}, recipient: {} } },
      ['content.payload.recipient content.invalid'],
    ],
    [
      'native of another channel',
      instagram,
      { type: 'native', channel: 'facebook', payload: { message: {} } },
      ['content.channel content.unsupported'],
    ],
    [
      'native that says nothing',
      facebook,
      { type: 'native', channel: 'facebook', payload: {} },
      ['content.payload content.invalid'],
    ],
  ])('%s', (_, channel, content, expected) => {
    expect(codes(channel, content)).toEqual(expected);
  });
});

describe('what cannot be shown as it is', () => {
  it.each<[string, typeof facebook, Content, string, RegExp | undefined]>([
    ['three answers stay', facebook, buttons('Which?', ...replies(3)), 'buttons', undefined],
    ['four are quick replies', facebook, buttons('Which?', ...replies(4)), 'buttons', /quick replies/],
    ['so are three below a long text', facebook, buttons('x'.repeat(641), ...replies(3)), 'buttons', /quick replies/],
    ['fourteen are numbered lines', facebook, buttons('Which?', ...replies(14)), 'text', /numbered/],
    [
      'a long label is a line',
      facebook,
      buttons('Which?', { type: 'reply', title: 't'.repeat(21) }),
      'text',
      /line of the text/,
    ],
    [
      'a list is buttons',
      facebook,
      { type: 'list', text: 'Pick', button: 'Open', sections: [{ rows: [{ id: 'a', title: 'A' }] }] },
      'buttons',
      /became buttons/,
    ],
    [
      'a long list is quick replies',
      facebook,
      {
        type: 'list',
        text: 'Pick',
        button: 'Open',
        sections: [{ rows: replies(9).map(({ id = '', title }) => ({ id, title })) }],
      },
      'buttons',
      /quick replies/,
    ],
    ['a place is a link', instagram, { type: 'location', latitude: 1, longitude: 2 }, 'text', /link to a map/],
    ['a button that calls is a line on Instagram', instagram, buttons('Call?', CALL_US), 'text', /line of the text/],
    [
      'a link below a long text is a line on Instagram',
      instagram,
      buttons('x'.repeat(81), SITE),
      'text',
      /line of the text/,
    ],
  ])('%s', (_, channel, content, type, note) => {
    const shown = degrade(content, channel.capabilities);
    expect(shown.content.type).toBe(type);
    expect(codes(channel, shown.content)).toEqual([]);
    if (note) expect(shown.notes.join(' ')).toMatch(note);
    else expect(shown.notes).toEqual([]);
    expect(() => body(channel, shown.content)).not.toThrow();
  });
});

describe('sending', () => {
  const PAGE = { page_token: 'EAApage' };
  const part = { payload: { recipient: { id: '244' }, message: { text: 'x' } } };
  const sending = (
    channel: typeof facebook,
    reply: Parameters<typeof fakeGraph>[0][string],
    settings: object = PAGE,
  ) => {
    const graph = fakeGraph({ 'POST 111/messages': reply });
    const call = { ...gatewayCall(graph.http, { ...settings }), account };
    return channel.outbound.send(part, 'pb.1.a', call).then((outcome) => ({ outcome, graph }));
  };

  it('goes as the page, with the attempt where its echo carries it', async () => {
    const answer = { json: { recipient_id: '244', message_id: 'm_1' } };
    const { outcome, graph } = await sending(facebook, answer);
    expect(outcome).toEqual({ status: 'accepted', providerId: 'm_1', recipient: { userId: '244' } });
    expect(graph.seen[0]?.headers?.['authorization']).toBe('Bearer EAApage');
    expect(JSON.parse(String(graph.seen[0]?.body))).toEqual({
      recipient: { id: '244' },
      message: { text: 'x', metadata: 'pb.1.a' },
    });
    const other = await sending(instagram, answer);
    expect(JSON.parse(String(other.graph.seen[0]?.body))).toEqual(part.payload);
  });

  it('is refused here without a token of the page', async () => {
    const { outcome } = await sending(facebook, failed(false), {});
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 'token.missing' } });
  });

  it.each([
    [
      'an error of Meta’s',
      graphError(10, 'outside', { error_subcode: 2018278 }),
      { status: 'refused', remote: { code: 10, subcode: 2018278 } },
    ],
    ['no connection', failed(false), { status: 'unsent' }],
    ['a connection that broke', failed(true), { status: 'unknown' }],
    ['a page of a proxy', { http: 502, json: 'oops' }, { status: 'unknown' }],
    ['an answer without an id', { json: {} }, { status: 'unknown' }],
    ['an action', { json: { recipient_id: '244' } }, { status: 'accepted', providerId: 'action.pb.1.a' }],
  ] as const)('%s', async (_, reply, expected) => {
    expect((await sending(facebook, reply)).outcome).toMatchObject(expected);
  });
});

describe('errors', () => {
  it.each([
    ['10.2018278', 'window.closed', 'fallback'],
    [10, 'permission.missing', 'hold'],
    [551, 'recipient.unreachable', 'fail'],
    ['100.2018001', 'recipient.unknown', 'fail'],
    [190, 'token.invalid', 'hold'],
    [200, 'permission.missing', 'hold'],
    [613, 'rate.account', 'retry'],
    [4, 'rate.calls', 'retry'],
    [32, 'rate.calls', 'retry'],
    [80006, 'rate.account', 'retry'],
    [1200, 'provider.unavailable', 'retry'],
    ['100.2018109', 'media.too_large', 'fail'],
    ['100.2018047', 'media.invalid', 'fail'],
  ])('%s is %s', (code, ours, action) => {
    expect(facebook.outcomes.get(code)).toMatchObject({ code: ours, action });
    expect(instagram.outcomes.get(code)).toMatchObject({ code: ours, action });
  });

  it('hold no more than the page: its credential is its own, and where there is none the account waits', () => {
    expect(facebook.accounts.credential).toBe('page_token');
    expect(facebook.outcomes.get('token.missing')).toMatchObject({ scope: 'account', mendable: 'account' });
  });
});
