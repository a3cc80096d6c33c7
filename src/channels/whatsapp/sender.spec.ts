import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../contract/index.js';
import { parse } from './parse.js';
import { phoneDigits } from './sender.js';

const text = (more: JsonObject = {}): JsonObject => ({
  from: '16505551234',
  id: 'wamid.1',
  timestamp: '1749416383',
  type: 'text',
  text: { body: 'hi' },
  ...more,
});

const read = (value: JsonObject) =>
  parse({ channel: 'whatsapp', account: { address: '1' }, path: '', body: { field: 'messages', value } });

describe('who wrote', () => {
  const senderIn = (message: JsonObject, contacts: JsonValue) =>
    (read({ contacts, messages: [message] })[0] as { sender?: unknown }).sender;

  it.each<[string, JsonObject, JsonValue, object]>([
    ['no contacts', {}, undefined as never, { phone: '16505551234' }],
    ['a plus and blanks', { from: '+1 650 555-1234' }, [], { phone: '16505551234' }],
    [
      'a wa_id that differs (Brazil)',
      { from: '5511987654321' },
      [{ wa_id: '551187654321' }],
      { phone: '5511987654321', aliases: ['551187654321'] },
    ],
    ['an id in the place of the phone', { from: 'US.134' }, [], { userId: 'US.134' }],
    ['only a contact', { from: undefined }, [{ wa_id: '1650', user_id: 'US.1' }], { phone: '1650', userId: 'US.1' }],
    [
      'a phone that the contact knows',
      { from: undefined, from_user_id: 'US.1' },
      [{ wa_id: '1650', user_id: 'US.1' }],
      { phone: '1650', userId: 'US.1' },
    ],
    [
      'a contact of somebody else',
      { from_user_id: 'US.1' },
      [{ user_id: 'US.2', wa_id: '16505551234', profile: { name: 'No' } }],
      { phone: '16505551234', userId: 'US.1' },
    ],
    [
      'one of two contacts',
      {},
      [
        { wa_id: '1999', profile: { name: 'No' } },
        { wa_id: '16505551234', profile: { name: 'Yes' } },
      ],
      { phone: '16505551234', name: 'Yes' },
    ],
    [
      'none of two contacts',
      {},
      [{ wa_id: '1999', profile: { name: 'No' } }, { wa_id: '1998' }],
      { phone: '16505551234' },
    ],
  ])('with %s', (_, message, contacts, sender) => {
    expect(senderIn(text(message), contacts)).toEqual(sender);
  });

  it('never gives a single contact to the second of two senders', () => {
    const messages = [text(), text({ id: 'wamid.2', from: '1777' })];
    const events = read({ contacts: [{ wa_id: '16505551234', profile: { name: 'Ann' } }], messages });
    expect(events).toMatchObject([{ sender: { name: 'Ann' } }, { sender: { phone: '1777' } }]);
    expect(events[1]).not.toHaveProperty('sender.name');
  });
});

describe('the digits of a phone', () => {
  it.each([
    ['+1 (650) 555-1234', '16505551234'],
    [16505551234, '16505551234'],
    ['US.1349', undefined],
    ['', undefined],
    [null, undefined],
    ['1'.repeat(30), undefined],
  ])('in %j are %j', (value, digits) => {
    expect(phoneDigits(value)).toBe(digits);
  });
});
