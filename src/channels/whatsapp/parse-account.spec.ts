import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ChannelUpdate, InboundEvent, JsonObject } from '../../contract/index.js';
import { parse } from './parse.js';

const GROUP = '102290129340398';
const PHONE = '15550783881';
const AT = new Date(1_751_247_548_000);

function update(field: string, value: unknown, more: object = { time: 1751247548 }): ChannelUpdate {
  return { channel: 'whatsapp', group: GROUP, path: 'p', body: { field, value, ...more } as JsonObject };
}

function ofPayload(payload: string): readonly InboundEvent[] {
  const file = readFileSync(new URL(`./payloads/${payload}.json`, import.meta.url), 'utf8');
  const { body } = JSON.parse(file) as { body: { entry: [{ changes: [{ field: string; value: JsonObject }] }] } };
  const [change] = body.entry[0].changes;
  return parse(update(change.field, change.value));
}

const quality = (value: object) =>
  parse(update('phone_number_quality_update', { display_phone_number: PHONE, ...value }));
const limitOf = (events: readonly InboundEvent[]) =>
  events.flatMap((event) => (event.type === 'account' && event.limit ? [event.limit.limit] : []));
const detailsOf = (events: readonly InboundEvent[]) =>
  events.flatMap((event) => (event.type === 'account' && event.phone && event.details ? [event.details] : []));

describe('news of limits, as Meta documents them', () => {
  it('an upgrade of throughput is the number’s, and says nothing of the tier', () => {
    const events = ofPayload('number-throughput');
    expect(events).toMatchObject([
      { type: 'account', group: GROUP, phone: PHONE, occurredAt: AT, details: { throughput: { level: 'HIGH' } } },
    ]);
    expect(events[0]).not.toHaveProperty('limit');
    expect(events[0]).toMatchObject({ topic: 'phone_number_quality_update', event: 'THROUGHPUT_UPGRADE' });
  });

  it('a limit is everybody’s, in its newest spelling', () => {
    const events = ofPayload('number-limit');
    const base = {
      type: 'account',
      group: GROUP,
      topic: 'phone_number_quality_update',
      event: 'ONBOARDING',
      occurredAt: AT,
    };
    const raw = expect.objectContaining({ event: 'ONBOARDING' });
    expect(events).toEqual([
      {
        ...base,
        phone: PHONE,
        key: 'phone_number_quality_update|102290129340398|1751247548000|ONBOARDING|15550783881',
        news: { key: 'phone_number_quality_update', value: raw },
        raw,
      },
      {
        ...base,
        key: 'phone_number_quality_update|102290129340398|1751247548000|ONBOARDING|TIER_2K',
        limit: { name: 'TIER_2K', limit: 2000 },
        details: { whatsapp_business_manager_messaging_limit: 'TIER_2K' },
        raw,
      },
    ]);
  });

  it.each([
    ['business-capability', [2000]],
    ['business-capability-old', [null]],
  ])('%s', (payload, expected) => {
    expect(limitOf(ofPayload(payload))).toEqual(expected);
  });
});

describe('the events of a number', () => {
  it.each<[object, (number | null)[], object[]]>([
    [{ event: 'UPGRADE', current_limit: 'TIER_10K' }, [10_000], []],
    [{ event: 'DOWNGRADE', current_limit: 'TIER_1K', old_limit: 'TIER_10K' }, [1000], []],
    [{ event: 'UPGRADE', current_limit: 'TIER_UNLIMITED' }, [null], []],
    [{ event: 'FLAGGED', current_limit: 'TIER_2K' }, [2000], [{ status: 'FLAGGED' }]],
    [{ event: 'UNFLAGGED' }, [], [{ status: 'CONNECTED' }]],
    [{ event: 'THROUGHPUT_UPGRADE' }, [], [{ throughput: { level: 'HIGH' } }]],
    [
      { event: 'THROUGHPUT_UPGRADE', max_daily_conversations_per_business: 'TIER_100K' },
      [100_000],
      [{ throughput: { level: 'HIGH' } }],
    ],
    [{ event: 'SOMETHING_NEW', max_daily_conversations_per_business: -1 }, [null], []],
    [{ event: 'ONBOARDING', max_daily_conversations_per_business: null, current_limit: 'TIER_250' }, [250], []],
  ])('%j', (value, limit, details) => {
    const events = quality(value);
    expect([limitOf(events), detailsOf(events)]).toEqual([limit, details]);
  });

  it.each([
    ['that tells no limit', 'phone_number_quality_update', { event: 'ONBOARDING', current_limit: 'TIER_NOT_SET' }],
    ['of an account as a whole', 'account_update', { event: 'DISABLED_UPDATE', ban_info: {} }],
    ['of capabilities without a limit', 'business_capability_update', { max_phone_numbers_per_business: 2 }],
  ])('one %s is news, and no limit', (_, field, value) => {
    const events = parse(update(field, value));
    expect(events).toMatchObject([{ type: 'account', group: GROUP, topic: field, raw: value }]);
    expect(limitOf(events)).toEqual([]);
  });

  it.each([
    ['account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } }],
    ['account_update', { event: 'ACCOUNT_RECONNECTED' }],
    ['account_review_update', { decision: 'APPROVED' }],
  ])('%s tells that the account may send again', (field, value) => {
    const [event, ...more] = parse(update(field, value));
    expect([event, more]).toMatchObject([{ type: 'account', group: GROUP, mended: true, occurredAt: AT }, []]);
    expect(event).not.toHaveProperty('phone');
  });

  it('an approved name is news of its number', () => {
    const value = { display_phone_number: PHONE, decision: 'APPROVED', requested_verified_name: 'Acme' };
    expect(parse(update('phone_number_name_update', value))).toMatchObject([{ phone: PHONE, mended: true }]);
  });

  it.each([
    ['account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }],
    ['account_review_update', { decision: 'REJECTED' }],
    ['phone_number_name_update', { display_phone_number: PHONE, decision: 'DEFERRED' }],
  ])('%s of the other kind mends nothing', (field, value) => {
    const [event, ...more] = parse(update(field, value));
    expect([event, more]).toMatchObject([{ type: 'account', topic: field }, []]);
    expect(event).not.toHaveProperty('mended');
  });

  it('a limit in an update of the account is taken', () => {
    expect(
      limitOf(parse(update('account_update', { event: 'X', max_daily_conversations_per_business: 'TIER_10K' }))),
    ).toEqual([10_000]);
  });

  it.each([
    ['no number', { event: 'THROUGHPUT_UPGRADE', display_phone_number: null }, { time: 1751247548 }],
    ['no time', { event: 'THROUGHPUT_UPGRADE' }, {}],
  ])('with %s is listed as broken', (_, value, more) => {
    const body = { display_phone_number: PHONE, ...value };
    expect(parse(update('phone_number_quality_update', body, more))).toMatchObject([{ code: 'item.broken' }]);
  });

  it('has the same key when it is told again, and another when it tells something else', () => {
    const key = (value: object) => quality(value).map((event) => (event.type === 'account' ? event.key : ''));
    const upgrade = { event: 'UPGRADE', current_limit: 'TIER_10K' };
    expect(key(upgrade)).toEqual(key(upgrade));
    expect(key(upgrade)).not.toEqual(key({ ...upgrade, current_limit: 'TIER_2K' }));
  });
});
