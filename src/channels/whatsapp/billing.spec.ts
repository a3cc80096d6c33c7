import { describe, expect, it } from '@jest/globals';
import { billing } from './billing.js';
import { readReceipt } from './parse-receipt.js';

const account = { group: '1', address: '2' };
const read = (more: object) =>
  readReceipt({ id: 'wamid.1', status: 'sent', timestamp: '1790000000', ...more }, { account } as never).price;

describe('what a message costs', () => {
  it.each([
    [{ category: 'marketing', type: 'regular' }, true],
    [{ category: 'utility', type: 'regular' }, true],
    [{ category: 'service', type: 'free_customer_service' }, false],
    [{ category: 'marketing', type: 'free_entry_point' }, false],
    [{ category: 'group_service', type: 'free_group_customer_service' }, false],
    [{ category: 'service', type: 'regular', subtype: 'paid_exempt' }, false],
  ])('%j: charged %s', (price, charged) => {
    expect(billing.isCharged(price)).toBe(charged);
  });

  it('is read from today’s statuses and from those of older versions', () => {
    const pricing = {
      billable: true,
      pricing_model: 'PMP',
      type: 'regular',
      category: 'service',
      subtype: 'paid_exempt',
    };
    expect(read({ pricing })).toEqual({ category: 'service', type: 'regular', subtype: 'paid_exempt', model: 'PMP' });
    const conversation = { id: 'c', origin: { type: 'referral_conversion' } };
    expect(read({ pricing: { billable: false, pricing_model: 'CBP' }, conversation })).toEqual({
      category: 'referral_conversion',
      type: 'free_customer_service',
      model: 'CBP',
    });
    expect(read({ pricing: { billable: true, category: 'utility' } })).toEqual({
      category: 'utility',
      type: 'regular',
    });
    expect(read({})).toBeUndefined();
  });

  it('is counted in Meta’s zones, by country and by one name for a category', () => {
    expect(billing.timeZone({ timezone_id: '1' })).toBe('America/Los_Angeles');
    expect(billing.timeZone({ timezone_id: 137 })).toBe('Europe/Kiev');
    expect(billing.timeZone({ timezone_id: '141' })).toBe('Africa/Johannesburg');
    for (const id of ['0', '142', 'x', undefined]) expect(billing.timeZone({ timezone_id: id })).toBeUndefined();
    expect(billing.countryOf?.('US.13491208655302741918')).toBe('US');
    expect(billing.countryOf?.('13491208655302741918')).toBeUndefined();
    expect(billing.rateCategory('authentication_international')).toBe('authentication-international');
  });
});
