import { describe, expect, it } from '@jest/globals';
import { health } from './health.js';

describe('the health of a number', () => {
  it('is Meta’s words, with what it has against the number and what that belongs to', () => {
    const error = { error_code: 141006, error_description: 'There is an error with the payment method.' };
    expect(
      health({
        status: 'CONNECTED',
        quality_rating: 'YELLOW',
        throughput: { level: 'HIGH' },
        whatsapp_business_manager_messaging_limit: 'TIER_2K',
        name_status: 'APPROVED',
        new_name_status: 'PENDING_REVIEW',
        code_verification_status: 'VERIFIED',
        account_mode: 'LIVE',
        health_status: {
          can_send_message: 'BLOCKED',
          entities: [
            { entity_type: 'PHONE_NUMBER', id: '106', can_send_message: 'AVAILABLE' },
            {
              entity_type: 'WABA',
              id: '102',
              can_send_message: 'BLOCKED',
              errors: [{ ...error, possible_solution: 'Add one.' }],
            },
            { entity_type: 'APP', id: 7, can_send_message: 'LIMITED', additional_info: ['Not reviewed yet.'] },
          ],
        },
      }),
    ).toEqual({
      status: 'CONNECTED',
      quality: 'YELLOW',
      throughput: 'HIGH',
      messagingLimit: 'TIER_2K',
      nameStatus: 'APPROVED',
      newNameStatus: 'PENDING_REVIEW',
      verification: 'VERIFIED',
      mode: 'LIVE',
      canSend: 'BLOCKED',
      problems: [
        { of: 'WABA 102', code: 141006, description: error.error_description, solution: 'Add one.' },
        { of: 'APP 7', description: 'Not reviewed yet.' },
      ],
    });
  });

  it.each([
    [{}],
    [{ health_status: 'GOOD' }],
    [{ health_status: { entities: 'none' } }],
    [{ status: 7, throughput: null, health_status: { entities: [null, 1] } }],
  ])('makes nothing of %j', (details) => {
    expect(health(details as never)).toEqual({});
  });

  it('says what it can of an error without words', () => {
    const entities = [{ errors: [{}] }];
    expect(health({ health_status: { entities } })).toEqual({
      problems: [{ of: 'unknown', description: 'no reason given' }],
    });
  });

  it('tells the network’s own words, whatever shape they came in', () => {
    expect(
      health({
        status: 'CONNECTED',
        quality_rating: 'GREEN',
        throughput: { level: 'HIGH' },
        whatsapp_business_manager_messaging_limit: 'TIER_2K',
        messaging_limit_tier: 'TIER_1K',
      }),
    ).toEqual({ status: 'CONNECTED', quality: 'GREEN', throughput: 'HIGH', messagingLimit: 'TIER_2K' });
    expect(health({ throughput: 'STANDARD', messaging_limit_tier: 'TIER_250' })).toEqual({
      throughput: 'STANDARD',
      messagingLimit: 'TIER_250',
    });
  });

  it('leaves out what is not known', () => {
    expect(health({ status: '', quality_rating: null, throughput: [] })).toEqual({});
  });
});
