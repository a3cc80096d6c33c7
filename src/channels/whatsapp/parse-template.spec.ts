import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ChannelUpdate, InboundEvent, JsonObject } from '../../contract/index.js';
import { parse } from './parse.js';

const GROUP = '102290129340398';
const AT = new Date(1_751_247_548_000);

function update(field: string, value: unknown, more: object = { time: 1751247548 }): ChannelUpdate {
  return { channel: 'whatsapp', group: GROUP, path: 'p', body: { field, value, ...more } as JsonObject };
}

function ofPayload(payload: string): InboundEvent | undefined {
  const file = readFileSync(new URL(`./payloads/${payload}.json`, import.meta.url), 'utf8');
  const { entry } = (JSON.parse(file) as { body: { entry: [{ changes: [{ field: string; value: JsonObject }] }] } })
    .body;
  const [{ changes }] = entry;
  const events = parse(update(changes[0].field, changes[0].value));
  expect(events).toHaveLength(1);
  return events[0];
}

describe('news of templates, as Meta documents them', () => {
  it.each<[string, object]>([
    [
      'template-status',
      {
        name: 'order_update',
        language: 'en_US',
        status: 'PAUSED',
        reason: 'FIRST_PAUSE',
        category: 'UTILITY',
        pausedUntil: new Date(AT.getTime() + 3 * 3_600_000),
        key: 'message_template_status_update|1689556908129832|1751247548000|PAUSED|UTILITY',
      },
    ],
    ['template-quality', { name: 'welcome_template', language: 'en_US', quality: 'YELLOW' }],
    ['template-category', { name: 'welcome_template', language: 'en_US', category: 'MARKETING' }],
    ['template-components', { name: 'order_confirmation', language: 'en_US', definition: true }],
  ])('%s', (payload, expected) => {
    const event = ofPayload(payload);
    expect(event).toMatchObject({ type: 'template', group: GROUP, occurredAt: AT, ...expected });
    const told = ['status', 'quality', 'category', 'definition'].filter((name) => name in (event ?? {}));
    expect(told.every((name) => name in expected)).toBe(true);
  });

  it.each([
    ['a rejection', { event: 'REJECTED', reason: 'INVALID_FORMAT' }, { status: 'REJECTED', reason: 'INVALID_FORMAT' }],
    ['a second pause', { event: 'PAUSED', reason: null, other_info: { title: 'SECOND_PAUSE' } }, { status: 'PAUSED' }],
    ['a word that is new', { event: 'Hibernating' }, { status: 'HIBERNATING' }],
  ])('%s', (_, value, expected) => {
    const whole = { ...value, message_template_name: 'n', message_template_language: 'uk' };
    const [event] = parse(update('message_template_status_update', whole));
    expect(event).toMatchObject({ type: 'template', name: 'n', language: 'uk', ...expected });
  });

  it.each([
    ['no name', { event: 'APPROVED', message_template_language: 'uk' }, 'message_template_name is missing'],
    ['no language', { event: 'APPROVED', message_template_name: 'n' }, 'message_template_language is missing'],
    ['no event', { message_template_name: 'n', message_template_language: 'uk' }, 'event is missing'],
    ['no object', 'x', 'value is not an object'],
  ])('with %s is listed as broken', (_, value, detail) => {
    expect(parse(update('message_template_status_update', value))).toMatchObject([
      { type: 'unhandled', code: 'item.broken', detail, group: GROUP },
    ]);
  });

  it('without a time is listed as broken: nobody could say whether it is news', () => {
    const value = { event: 'APPROVED', message_template_name: 'n', message_template_language: 'uk' };
    expect(parse(update('message_template_status_update', value, {}))).toMatchObject([{ code: 'item.broken' }]);
  });
});
