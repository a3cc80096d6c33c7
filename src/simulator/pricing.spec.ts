import { describe, expect, it } from '@jest/globals';
import { Clock } from './clock.js';
import type { SentMessage } from './message.types.js';
import { Pricing } from './pricing.js';
import { World } from './world.js';

const message = (type = 'text'): SentMessage => ({
  id: 'wamid.x',
  at: 0,
  appId: '1',
  wabaId: '2',
  phoneNumberId: '3',
  phone: '16505551234',
  userId: undefined,
  type,
  text: undefined,
  template: undefined,
  biz_opaque_callback_data: undefined,
  body: {},
});

describe('the price of service messages', () => {
  it('is nothing for the first 1,000 of a number in a month', () => {
    let now = Date.UTC(2026, 10, 20);
    const pricing = new Pricing(new World(), new Clock(() => now));
    const type = (sent = message()): unknown => pricing.of(sent, 'sent').pricing?.['type'];
    const types = Array.from({ length: 1001 }, () => type());
    expect(types.lastIndexOf('free_customer_service')).toBe(999);
    expect(types[1000]).toBe('regular');
    expect(type({ ...message(), phoneNumberId: 'another' })).toBe('free_customer_service');
    expect(type(message('reaction'))).toBe('free_customer_service');
    now = Date.UTC(2026, 11, 1);
    expect(type()).toBe('free_customer_service');
  });

  it('is the same in all statuses of one message', () => {
    const pricing = new Pricing(new World(), new Clock());
    Array.from({ length: 999 }, () => pricing.of(message(), 'sent'));
    const last = message();
    expect(pricing.of(last, 'sent')).toEqual(pricing.of(last, 'delivered'));
    expect(pricing.of(last, 'read')).toEqual({});
  });

  it('stands on read when delivered was skipped', () => {
    const pricing = new Pricing(new World(), new Clock());
    expect(pricing.of(message(), 'read').pricing).toBeDefined();
    expect(pricing.of(message(), 'failed')).toEqual({});
  });
});
