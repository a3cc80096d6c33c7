import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ChannelUpdate, JsonObject } from '../../contract/index.js';
import { parse } from './parse.js';

const ACCOUNT = { address: '106540352242922', group: '102290129340398' };

function update(value: unknown, account: ChannelUpdate['account'] | null = ACCOUNT): ChannelUpdate {
  const body = { field: 'user_preferences', value, time: 1_731_705_000 } as JsonObject;
  return { channel: 'whatsapp', group: ACCOUNT.group, path: 'p', body, ...(account && { account }) };
}

const item = { wa_id: '16505551234', category: 'marketing_messages', value: 'stop', timestamp: 1_731_705_721 };
const of = (more: object) => parse(update({ user_preferences: [{ ...item, ...more }] }));

describe('user_preferences', () => {
  it('are read as Meta documents them', () => {
    const file = readFileSync(new URL('./payloads/user-preferences.json', import.meta.url), 'utf8');
    const { body } = JSON.parse(file) as { body: { entry: [{ changes: [{ value: JsonObject }] }] } };
    expect(parse(update(body.entry[0].changes[0].value))).toEqual([
      {
        type: 'consent',
        account: ACCOUNT,
        person: { phone: '16505551234', name: 'Pablo Morales' },
        topic: 'marketing',
        state: 'out',
        occurredAt: new Date(1_731_705_721_000),
        detail: 'User requested to stop marketing messages',
        raw: expect.objectContaining({ category: 'marketing_messages' }),
      },
    ]);
  });

  it.each<[string, object, object]>([
    ['resume', { value: 'resume' }, { state: 'in', person: { phone: '16505551234' } }],
    ['another case', { value: 'STOP', category: 'MARKETING_MESSAGES' }, { state: 'out' }],
    ['a stamp in a string', { timestamp: '1731705721' }, { occurredAt: new Date(1_731_705_721_000) }],
    ['no stamp', { timestamp: undefined }, { occurredAt: new Date(1_731_705_000_000) }],
    [
      'a person without a phone',
      { wa_id: undefined, user_id: 'US.13491208655302741918' },
      { person: { userId: 'US.13491208655302741918' } },
    ],
  ])('%s', (_, more, expected) => {
    expect(of(more)).toMatchObject([{ type: 'consent', ...expected }]);
  });

  it.each<[string, object, string]>([
    ['a new category', { category: 'utility_messages' }, 'type.unknown'],
    ['a new word', { value: 'snooze' }, 'type.unknown'],
    ['nobody', { wa_id: undefined }, 'item.broken'],
  ])('of %s are listed and change nothing', (_, more, code) => {
    expect(of(more)).toMatchObject([{ type: 'unhandled', code, path: 'p.value.user_preferences[0]' }]);
  });

  it('do not fall with a broken neighbour', () => {
    const events = parse(update({ user_preferences: ['x', item, null] }));
    expect(events.map(({ type }) => type)).toEqual(['unhandled', 'consent', 'unhandled']);
  });

  it.each([
    ['no list', {}, ACCOUNT],
    ['another shape', { user_preferences: { ...item } }, ACCOUNT],
    ['no value', 'x', ACCOUNT],
    ['no number', { user_preferences: [item] }, null],
  ])('with %s are listed as broken', (_, value, account) => {
    expect(parse(update(value, account))).toMatchObject([{ type: 'unhandled', code: 'item.broken' }]);
  });
});
