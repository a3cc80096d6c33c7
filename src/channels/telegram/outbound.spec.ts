import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Button, type Content, degrade } from '../../contract/index.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { render } from './render.js';
import { CALLS } from './testing.fixture.js';

const to = { userId: '5000000001' };
const payloadOf = (content: Content, replyTo?: string) =>
  render({ to, content, ...(replyTo !== undefined && { replyTo }) }).payload;
const codes = (content: Content) => check(content).map(({ path, code }) => [path, code]);

describe('each content', () => {
  it.each(CALLS)('%s is one call', (_, content, payload) => {
    expect(degrade(content, capabilities).content).toEqual(content);
    expect(check(content)).toEqual([]);
    expect(payloadOf(content)).toEqual({ ...payload, chat_id: 5000000001 });
  });

  it('quotes what it answers, wherever that is, and goes without it rather than not at all', () => {
    const content: Content = { type: 'text', text: 'yes' };
    expect(payloadOf(content, '5000000001:70')['reply_parameters']).toEqual({
      message_id: 70,
      allow_sending_without_reply: true,
    });
    expect(payloadOf(content, '-4000000001:70')['reply_parameters']).toMatchObject({ chat_id: -4000000001 });
    expect(payloadOf(content, 'callback:1')).not.toHaveProperty('reply_parameters');
  });

  it('may be a reaction, or none any more', () => {
    const reaction = (emoji: string, messageId = '-1001:70') => payloadOf({ type: 'reaction', messageId, emoji });
    expect(reaction('👍')).toEqual({
      method: 'setMessageReaction',
      chat_id: -1001,
      message_id: 70,
      reaction: [{ type: 'emoji', emoji: '👍' }],
    });
    expect(reaction('')).toMatchObject({ reaction: [] });
    expect(reaction('👍', '70')).toMatchObject({ chat_id: 5000000001, message_id: 70 });
  });

  it('goes to a public name as it is', () => {
    const { payload } = render({ to: { userId: '@lunchers' }, content: { type: 'text', text: 'hi' } });
    expect(payload['chat_id']).toBe('@lunchers');
  });
});

describe('limits', () => {
  const text = (length: number): Content => ({ type: 'text', text: 'x'.repeat(length) });
  const smiles = (length: number): Content => ({ type: 'text', text: '😀'.repeat(length) });
  const caption = (length: number): Content => ({ type: 'video', media: { id: 'V' }, caption: 'x'.repeat(length) });
  const buttons = (count: number, more: Partial<Button> = {}): Content => ({
    type: 'buttons',
    text: 'Pick',
    buttons: Array.from({ length: count }, (_, at) => ({ type: 'reply', id: `${at}`, title: `t${at}`, ...more })),
  });
  const place = (latitude: number, longitude: number): Content => ({ type: 'location', latitude, longitude });
  const TOO_LONG = 'content.too_long';

  it.each<[string, Content, readonly (readonly [string, string])[]]>([
    ['4,095 characters', text(4095), []],
    ['4,096 characters', text(4096), []],
    ['4,097 characters', text(4097), [['content.text', TOO_LONG]]],
    ['2,048 emoji, which count two', smiles(2048), []],
    ['2,049 emoji', smiles(2049), [['content.text', TOO_LONG]]],
    ['no character', text(0), [['content.text', 'content.invalid']]],
    ['a caption of 1,023', caption(1023), []],
    ['a caption of 1,024', caption(1024), []],
    ['a caption of 1,025', caption(1025), [['content.caption', TOO_LONG]]],
    [
      'a caption of a sticker',
      { type: 'sticker', media: { id: 'S' }, caption: 'x' },
      [['content.caption', 'content.unsupported']],
    ],
    ['an id of 63 bytes', buttons(1, { id: 'x'.repeat(63) }), []],
    ['an id of 64 bytes', buttons(1, { id: 'ж'.repeat(32) }), []],
    ['an id of 65 bytes', buttons(1, { id: `${'ж'.repeat(32)}x` }), [['content.buttons[0].id', TOO_LONG]]],
    [
      'a title of 65 bytes that is the id, too',
      { type: 'buttons', text: 'Pick', buttons: [{ type: 'reply', title: 'x'.repeat(65) }] },
      [['content.buttons[0].title', TOO_LONG]],
    ],
    ['99 buttons', buttons(99), []],
    ['100 buttons', buttons(100), []],
    ['101 buttons', buttons(101), [['content.buttons', 'content.unsupported']]],
    ['no button', buttons(0), [['content.buttons', 'content.invalid']]],
    ['two alike', buttons(2, { id: 'a' }), [['content.buttons', 'content.invalid']]],
    ['the poles', place(90, -180), []],
    [
      'beyond',
      place(90.1, -180.1),
      [
        ['content.latitude', 'content.invalid'],
        ['content.longitude', 'content.invalid'],
      ],
    ],
    ['two people', { type: 'contacts', contacts: [{}, {}] }, [['content.contacts', 'content.unsupported']]],
    [
      'nobody in particular',
      { type: 'contacts', contacts: [{}] },
      [
        ['content.contacts[0].phones', 'content.invalid'],
        ['content.contacts[0].name', 'content.invalid'],
      ],
    ],
    ['no file', { type: 'image', media: {} }, [['content.media', 'content.invalid']]],
    [
      'a file of a disk',
      { type: 'image', media: { url: 'file:///etc/passwd' } },
      [['content.media.url', 'content.invalid']],
    ],
    ['two emoji', { type: 'reaction', messageId: '5:7', emoji: '👍👍' }, [['content.emoji', 'content.invalid']]],
    ['no message', { type: 'reaction', messageId: ' ', emoji: '' }, [['content.messageId', 'content.invalid']]],
    ['a template', { type: 'template', name: 'a', language: 'en' }, [['content.type', 'content.unsupported']]],
    [
      'a chat of its own',
      { type: 'native', channel: 'telegram', payload: { method: 'sendPoll', chat_id: 1 } },
      [['content.payload.chat_id', 'content.invalid']],
    ],
    ...['setWebhook', 'deleteWebhook', 'logOut', 'close', 'getUpdates', 'sendpoll', 'banChatMember'].map(
      (method): [string, Content, readonly (readonly [string, string])[]] => [
        method,
        { type: 'native', channel: 'telegram', payload: { method } },
        [['content.payload.method', 'content.unsupported']],
      ],
    ),
    [
      'another network’s',
      { type: 'native', channel: 'whatsapp', payload: { method: 'sendPoll' } },
      [['content.channel', 'content.unsupported']],
    ],
  ])('%s', (_, content, expected) => {
    expect(codes(content)).toEqual(expected);
  });

  it('say how long it is, and how long it may be', () => {
    expect(check(smiles(2049))[0]?.message).toBe('is 4098 characters (UTF-16 code units) long; Telegram allows 4096');
    expect(check(buttons(1, { id: 'ж'.repeat(33) }))[0]?.message).toBe('is 66 bytes (UTF-8) long; Telegram allows 64');
  });
});

describe('what Telegram has no place for', () => {
  it.each<[string, Content, Content, number]>([
    [
      'header and footer move into the text',
      { type: 'buttons', text: 'b', header: 'a', footer: 'c', buttons: [{ type: 'reply', title: 'x' }] },
      { type: 'buttons', text: 'a\n\nb\n\nc', buttons: [{ type: 'reply', title: 'x' }] },
      2,
    ],
    [
      'a number to call becomes a line',
      {
        type: 'buttons',
        text: 'b',
        buttons: [
          { type: 'reply', title: 'x' },
          { type: 'phone', title: 'Call', phone: '+1' },
        ],
      },
      { type: 'buttons', text: 'b\n\nCall: +1', buttons: [{ type: 'reply', title: 'x' }] },
      1,
    ],
    [
      'links alone stay buttons',
      {
        type: 'buttons',
        text: 'b',
        buttons: [
          { type: 'url', title: 'x', url: 'https://x.test' },
          { type: 'url', title: 'y', url: 'https://y.test' },
        ],
      },
      {
        type: 'buttons',
        text: 'b',
        buttons: [
          { type: 'url', title: 'x', url: 'https://x.test' },
          { type: 'url', title: 'y', url: 'https://y.test' },
        ],
      },
      0,
    ],
    [
      'a list becomes buttons',
      {
        type: 'list',
        text: 'b',
        button: 'Menu',
        sections: [
          {
            rows: [
              { id: '1', title: 'x' },
              { id: '2', title: 'y' },
            ],
          },
        ],
      },
      {
        type: 'buttons',
        text: 'b',
        buttons: [
          { type: 'reply', id: '1', title: 'x' },
          { type: 'reply', id: '2', title: 'y' },
        ],
      },
      1,
    ],
    [
      'a link of a place moves into its address',
      { type: 'location', latitude: 1, longitude: 2, url: 'https://x.test' },
      { type: 'location', latitude: 1, longitude: 2, address: 'https://x.test' },
      1,
    ],
  ])('%s', (_, content, shown, notes) => {
    const degraded = degrade(content, capabilities);
    expect(degraded.content).toEqual(shown);
    expect(degraded.notes).toHaveLength(notes);
    expect(check(degraded.content)).toEqual([]);
  });
});

describe('whatever is written', () => {
  const words = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
    fc.constantFrom('x'.repeat(129), ' '),
  );
  const button = fc
    .record({
      type: fc.constantFrom('reply', 'reply', 'url', 'phone', 'location', 'email'),
      id: fc.option(words, { nil: undefined }),
      title: words,
      url: fc.constantFrom('https://x.test', 'nonsense', undefined),
      phone: fc.constantFrom('+1', undefined),
    })
    .map((one) => JSON.parse(JSON.stringify(one)) as Button);
  const content = fc
    .record({
      type: fc.constantFrom('buttons', 'list'),
      text: words,
      header: fc.option(words, { nil: undefined }),
      buttons: fc.array(button, { maxLength: 6 }),
      button: words,
      sections: fc.array(
        fc.record({ title: words, rows: fc.array(fc.record({ id: words, title: words }), { maxLength: 4 }) }),
        { maxLength: 3 },
      ),
    })
    .map((one) => JSON.parse(JSON.stringify(one)) as Content);

  it('goes out as Telegram takes it, once nothing speaks against it; and is degraded once', () => {
    let sent = 0;
    fc.assert(
      fc.property(content, (given) => {
        const shown = degrade(given, capabilities).content;
        expect(degrade(shown, capabilities).content).toEqual(shown);
        if (check(shown).length > 0) return;
        sent += 1;
        const { text, reply_markup: markup } = payloadOf(shown) as {
          text: string;
          reply_markup?: { inline_keyboard?: object[][] };
        };
        expect(text.length).toBeLessThanOrEqual(4096);
        for (const one of (markup?.inline_keyboard ?? []).flat() as { callback_data?: string; url?: string }[]) {
          const { callback_data: data } = one;
          expect(data === undefined).toBe(one.url !== undefined);
          if (data !== undefined) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(sent).toBeGreaterThan(200);
  });
});
