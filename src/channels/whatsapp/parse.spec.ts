import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ChannelUpdate, InboundEvent, JsonObject, JsonValue } from '../../contract/index.js';
import { parse } from './parse.js';

const ACCOUNT = { address: '106540352242922', group: '102290129340398' };
const SHEENA = { phone: '16505551234', userId: 'US.13491208655302741918', name: 'Sheena Nelson' };

/** As much of a documented body as the tests look into. */
interface Body {
  readonly entry: readonly [{ readonly id: string; readonly changes: readonly [Change] }];
}
interface Change extends JsonObject {
  value: { metadata?: { phone_number_id: string }; messages?: JsonObject[] };
}

function bodyOf(payload: string): Body {
  const file = readFileSync(new URL(`./payloads/${payload}.json`, import.meta.url), 'utf8');
  return (JSON.parse(file) as { body: Body }).body;
}

/** The one change of a documented body, as a gateway type hands it over. */
function eventsOf(body: Body): readonly InboundEvent[] {
  const { id, changes } = body.entry[0];
  const address = changes[0].value.metadata?.phone_number_id;
  const account = address && { account: { address, group: id } };
  return parse({ channel: 'whatsapp', ...account, group: id, path: 'entry[0].changes[0]', body: changes[0] });
}

/** A `messages` change with this value around its items. */
function update(value: JsonObject, extra: JsonObject = {}): ChannelUpdate {
  const body = { field: 'messages', value, ...extra };
  return { channel: 'whatsapp', account: ACCOUNT, path: 'entry[0].changes[0]', body };
}

const text = (more: JsonObject = {}): JsonObject => ({
  from: '16505551234',
  id: 'wamid.1',
  timestamp: '1749416383',
  type: 'text',
  text: { body: 'hi' },
  ...more,
});

function only(events: readonly InboundEvent[]): InboundEvent {
  expect(events).toHaveLength(1);
  return events[0] as InboundEvent;
}

describe('payloads as Meta documents them', () => {
  it.each<[string, object]>([
    ['text', { type: 'text', text: 'Does it come in another color?' }],
    ['button', { type: 'choice', id: 'Unsubscribe', title: 'Unsubscribe', of: 'template' }],
    ['interactive-button-reply', { type: 'choice', id: 'cancel-button', title: 'Cancel', of: 'button' }],
    [
      'interactive-list-reply',
      {
        type: 'choice',
        id: 'priority_express',
        title: 'Priority Mail Express',
        description: 'Next Day to 2 Days',
        of: 'list',
      },
    ],
    [
      'location',
      {
        type: 'location',
        latitude: 40.782910059774,
        longitude: -73.959075808525,
        name: 'Solomon R. Guggenheim Museum',
        address: '1071 5th Ave, New York, NY 10128',
        url: 'https://maps.example/guggenheim',
      },
    ],
    ['reaction', { type: 'reaction', messageId: 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQ', emoji: '👍' }],
    ['reaction-removed', { type: 'reaction', messageId: 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQ', emoji: '' }],
    [
      'image',
      {
        type: 'image',
        caption: 'Taj Mahal',
        media: {
          id: '1003383421387256',
          url: 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1003',
          mimeType: 'image/jpeg',
          sha256: 'SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=',
        },
      },
    ],
  ])('%s', (payload, content) => {
    expect(only(eventsOf(bodyOf(payload)))).toMatchObject({
      type: 'message',
      account: ACCOUNT,
      sender: SHEENA,
      occurredAt: new Date('2025-06-08T20:59:43Z'),
      opensWindow: true,
      content,
    });
  });

  it.each([
    ['audio-voice', { type: 'audio', voice: true }],
    ['document', { type: 'document', media: { filename: 'agreement.pdf' } }],
    ['sticker', { type: 'sticker', animated: true }],
    ['contacts', { type: 'contacts', contacts: [{ name: { formatted_name: 'Barbara J. Johnson' } }] }],
  ])('%s', (payload, content) => {
    expect(only(eventsOf(bodyOf(payload)))).toMatchObject({ type: 'message', content });
  });

  it.each([
    ['unsupported', 'unsupported', true],
    ['interactive-call-permission', 'interactive', true],
  ])('%s is passed on whole, and known', (payload, providerType, opensWindow) => {
    const event = only(eventsOf(bodyOf(payload)));
    const raw = bodyOf(payload).entry[0].changes[0].value.messages?.[0];
    expect(event).toMatchObject({ content: { type: 'unsupported', providerType, raw }, opensWindow });
    expect(event).not.toHaveProperty('attention');
  });

  it('keeps what a message answers, where it came from and that it was forwarded', () => {
    const fromAd = only(eventsOf(bodyOf('text-reply-from-ad')));
    expect(fromAd).toMatchObject({
      replyTo: { providerId: 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQ' },
      referral: { source_type: 'ad', ctwa_clid: 'Aff-n8ZTODiE79d22KtAwQKj9e' },
    });
    expect(only(eventsOf(bodyOf('document')))).toMatchObject({ forwarded: 'once' });
    expect(only(eventsOf(bodyOf('sticker')))).toMatchObject({ forwarded: 'often' });
  });

  it('knows a person who has no phone number for us', () => {
    const { sender } = only(eventsOf(bodyOf('text-username-only'))) as Extract<InboundEvent, { type: 'message' }>;
    expect(sender).toEqual({ userId: 'US.13491208655302741918', username: 'sheena.n', name: 'Sheena Nelson' });
  });

  it('reads statuses', () => {
    expect(only(eventsOf(bodyOf('status-sent')))).toMatchObject({
      type: 'receipt',
      account: ACCOUNT,
      providerId: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJDQjZCMzlEQUE4OTJBMTE4RTUA',
      status: 'sent',
      attempt: 'pb1:att_1',
      occurredAt: new Date('2025-06-15T23:27:53Z'),
      recipient: SHEENA,
      price: { category: 'marketing', type: 'regular', model: 'PMP' },
    });
    const failed = only(eventsOf(bodyOf('status-failed')));
    expect(failed).toMatchObject({ status: 'failed', recipient: { phone: '16505551234' } });
    expect(failed).toMatchObject({
      error: { code: 131049, details: expect.stringContaining('failed to be delivered') },
    });
    const group = only(eventsOf(bodyOf('status-group')));
    expect(group).toMatchObject({ status: 'read', participant: '16505551234' });
    expect(group).not.toHaveProperty('recipient');
  });

  it('lists errors of the account as a whole', () => {
    expect(only(eventsOf(bodyOf('value-errors')))).toMatchObject({
      type: 'unhandled',
      code: 'provider.error',
      detail: '130429: Rate limit hit',
      group: ACCOUNT.group,
    });
  });
});

describe('what cannot be used', () => {
  it.each<[string, JsonValue, string]>([
    ['no object', 7, 'not an object'],
    ['no id', text({ id: undefined }), 'the message has no id'],
    ['no type', text({ type: 5 }), 'the message has no type'],
    ['no sender', text({ from: undefined }), 'the message has no usable sender: neither a phone nor a user id'],
    ['no time', text({ timestamp: 'soon' }), 'timestamp is not a number of seconds'],
    ['a time in the year 57000', text({ timestamp: '1749416383000000' }), 'timestamp is not a number of seconds'],
    ['no text', text({ text: { body: null } }), 'text.body is not a string'],
    ['no place', text({ type: 'location', location: { latitude: 'north' } }), 'location has no latitude and longitude'],
    ['no file', text({ type: 'image', image: { caption: 'x' } }), 'image has neither an id nor a url'],
    ['no choice', text({ type: 'button', button: {} }), 'the template reply has neither payload nor text'],
    ['no card', text({ type: 'contacts', contacts: [null] }), 'contacts has no card'],
    ['no target', text({ type: 'reaction', reaction: { emoji: '👍' } }), 'reaction.message_id is missing'],
    ['no kind', text({ type: 'interactive', interactive: [] }), 'interactive.type is missing'],
  ])('%s is listed with the reason, beside its neighbours', (_, broken, detail) => {
    const events = parse(update({ messages: [text(), broken, text({ id: 'wamid.2' })] }));
    expect(events).toMatchObject([
      { type: 'message', providerId: 'wamid.1' },
      {
        type: 'unhandled',
        code: 'item.broken',
        detail,
        account: ACCOUNT,
        path: 'entry[0].changes[0].value.messages[1]',
        raw: broken,
      },
      { type: 'message', providerId: 'wamid.2' },
    ]);
  });

  it.each<[JsonObject, string]>([
    [{ status: 'sent', timestamp: '1750030073' }, 'the status has no id'],
    [{ id: 'wamid.1', timestamp: '1750030073' }, 'the status has no status'],
    [{ id: 'wamid.1', status: 'sent' }, 'timestamp is not a number of seconds'],
  ])('a status like %j', (status, detail) => {
    expect(only(parse(update({ statuses: [status] })))).toMatchObject({
      type: 'unhandled',
      code: 'item.broken',
      detail,
    });
  });

  it.each<[string, JsonValue, string, string]>([
    ['a field that Meta has added', { field: 'holograms', value: {} }, 'field.unknown', ''],
    ['an empty value', { field: 'messages', value: {} }, 'item.broken', '.value'],
    ['no value', { field: 'messages' }, 'item.broken', '.value'],
    ['no list', { field: 'messages', value: { messages: {} } }, 'item.broken', '.value.messages'],
    ['no change', null, 'item.broken', ''],
  ])('%s', (_, body, code, path) => {
    const event = only(parse({ channel: 'whatsapp', account: ACCOUNT, path: 'p', body }));
    expect(event).toMatchObject({ type: 'unhandled', code, path: `p${path}` });
  });

  it('is a value without a phone number id, whatever is in it', () => {
    const { account: _, ...homeless } = update({ messages: [text()] });
    expect(only(parse(homeless))).toMatchObject({ code: 'item.broken', detail: 'metadata.phone_number_id is missing' });
  });
});

describe('what is known and not used is counted', () => {
  it.each<[string, JsonValue, string, number]>([
    ['calls', { field: 'calls', value: { calls: [{}, {}] } }, 'calls', 2],
    ['a partner’s news', { field: 'partner_solutions', value: {} }, 'partner_solutions', 1],
    ['a field without a value', { field: 'flows' }, 'flows', 1],
    ['clicks', { field: 'messages', value: { user_actions: [{}, {}, {}] } }, 'user_actions', 3],
  ])('%s', (_, body, kind, count) => {
    const event = only(parse({ channel: 'whatsapp', account: ACCOUNT, path: 'p', body }));
    expect(event).toEqual({ type: 'unused', account: ACCOUNT, kind, count, path: 'p' });
  });
});

describe('what is new or odd', () => {
  it.each([
    ['a type', { type: 'hologram', hologram: {} }, 'hologram'],
    ['a kind of interactive', { type: 'interactive', interactive: { type: 'dance_reply' } }, 'interactive'],
    ['a type named like a method', { type: 'constructor' }, 'constructor'],
  ])('%s is passed on and asks for attention', (_, message, providerType) => {
    expect(only(parse(update({ messages: [text(message)] })))).toMatchObject({
      type: 'message',
      content: { type: 'unsupported', providerType },
      attention: 'type.unknown',
      opensWindow: true,
    });
  });

  it('takes the time of the entry where a message has none', () => {
    const event = only(parse(update({ messages: [text({ timestamp: null })] }, { time: 1739321024 })));
    expect(event).toMatchObject({ occurredAt: new Date(1739321024_000) });
  });

  it('keeps a status word that it does not know', () => {
    const status = { id: 'wamid.1', status: 'warning', timestamp: 1750030073 };
    expect(only(parse(update({ statuses: [status] })))).toMatchObject({
      type: 'receipt',
      status: 'warning',
      raw: status,
    });
  });

  it('shows a group message as such, and opens no window with its author', () => {
    const event = only(parse(update({ messages: [text({ group_id: 'g1' })] })));
    expect(event).toMatchObject({ content: { type: 'unsupported', providerType: 'group' }, opensWindow: false });
  });

  it('reads messages, statuses and errors of one value', () => {
    const value = {
      messages: [text()],
      statuses: [{ id: 'w', status: 'read', timestamp: '1' }],
      errors: [{ code: 1 }],
    };
    expect(parse(update(value)).map((event) => event.type)).toEqual(['message', 'receipt', 'unhandled']);
  });

  it('reads 999 of a batch of 1,000 with one broken item', () => {
    const messages = Array.from({ length: 1000 }, (_, at) => text({ id: at === 500 ? null : `wamid.${at}` }));
    const events = parse(update({ messages }));
    expect(events.filter((event) => event.type === 'message')).toHaveLength(999);
    expect(events.filter((event) => event.type === 'unhandled')).toHaveLength(1);
  });
});
