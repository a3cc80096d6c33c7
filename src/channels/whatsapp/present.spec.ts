import { describe, expect, it } from '@jest/globals';
import type { AccountGroupView } from '../../contract/index.js';
import { whatsApp } from './index.js';

const number = (address: string, details = {}) => ({
  address,
  name: 'Acme',
  phone: '15550783881',
  details,
  active: true,
});
const group = (address: string, more: Partial<AccountGroupView> = {}): AccountGroupView => ({
  address,
  name: 'Acme',
  details: {},
  accounts: [],
  subscribed: false,
  ...more,
});
const present = whatsApp.accounts.present;

describe('the list of the commands', () => {
  it('has exactly the members that clients know', () => {
    const details = {
      id: '1',
      country: 'UA',
      currency: 'USD',
      account_review_status: 'APPROVED',
      business_verification_status: 'verified',
      ownership_type: 'SELF',
      owner_business_info: { id: '5' },
    };
    const phone = {
      ...{
        id: '11',
        display_phone_number: '+1 555-078-3881',
        verified_name: 'Acme',
        status: 'CONNECTED',
        quality_rating: 'GREEN',
      },
      ...{
        whatsapp_business_manager_messaging_limit: 'TIER_2K',
        messaging_limit_tier: 'TIER_1K',
        throughput: { level: 'STANDARD' },
      },
      ...{ account_mode: 'LIVE', name_status: 'APPROVED', is_pin_enabled: true },
    };
    const error = { code: 190, message: 'no', type: 'OAuthException', traceId: 'A', httpStatus: 401, subcode: 4 };
    const view = group('1', {
      details,
      accounts: [number('11', phone)],
      subscribed: true,
      portfolio: '5',
      warning: 'w',
      error,
    });
    expect(present([view])).toEqual([
      {
        ...{
          id: '1',
          name: 'Acme',
          country: 'UA',
          account_review_status: 'APPROVED',
          business_verification_status: 'verified',
          ownership_type: 'SELF',
        },
        phone_numbers: [
          {
            ...{
              id: '11',
              display_phone_number: '+1 555-078-3881',
              verified_name: 'Acme',
              status: 'CONNECTED',
              quality_rating: 'GREEN',
            },
            ...{
              messaging_limit: 'TIER_2K',
              throughput: 'STANDARD',
              account_mode: 'LIVE',
              name_status: 'APPROVED',
              active: true,
            },
          },
        ],
        subscribed_fields: ['messages'],
        warning: 'w',
        error: { code: 190, message: 'no', type: 'OAuthException', fbtrace_id: 'A' },
      },
    ]);
  });

  it('leaves out what is not known', () => {
    const details = { country: '', status: 7, throughput: null };
    expect(present([group('1', { details, accounts: [number('11', details)] })])).toEqual([
      {
        id: '1',
        name: 'Acme',
        phone_numbers: [{ id: '11', display_phone_number: '+15550783881', verified_name: 'Acme', active: true }],
      },
    ]);
  });

  it('reads the older name of the limit', () => {
    const accounts = [number('11', { messaging_limit_tier: 'TIER_1K' })];
    expect(present([group('1', { accounts })])).toMatchObject([{ phone_numbers: [{ messaging_limit: 'TIER_1K' }] }]);
  });

  it('is sorted by id as strings, accounts and numbers', () => {
    const accounts = [number('9'), number('10'), number('2')];
    const list = present([group('9'), group('10', { accounts }), group('2')]) as {
      id: string;
      phone_numbers: { id: string }[];
    }[];
    expect(list.map(({ id }) => id)).toEqual(['10', '2', '9']);
    expect(list[0]?.phone_numbers.map(({ id }) => id)).toEqual(['10', '2', '9']);
  });

  it('is a list also when it is empty', () => {
    expect(present([])).toEqual([]);
  });
});

describe('the variables of a dialog', () => {
  it('name business, account and number', () => {
    const account = { address: '106540352242922', group: '102290129340398', name: 'Acme', phone: '15550783881' };
    expect(whatsApp.dialog.variablesFor(account)).toEqual({
      'whatsapp.business': '102290129340398',
      'whatsapp.account': '106540352242922',
      'whatsapp.number': '15550783881',
    });
  });
});
