import type { BillingFacet } from '../../contract/index.js';
import { timeZoneOf } from './time-zones.js';

/** Meta: whatsapp/pricing, whatsapp/pricing/non-template-messages (from 2026-10-01). Only delivered messages are charged. */
export const billing: BillingFacet = {
  // `free_*` is free whatever else is said of it; exempt are service messages of governments and non-profits
  isCharged: ({ type, subtype }) => !type.startsWith('free') && subtype !== 'paid_exempt',
  // authentication-international is met in both spellings
  rateCategory: (category) => category.toLowerCase().replaceAll('_', '-'),
  timeZone: (details) => timeZoneOf(details['timezone_id']),
  countryOf: (userId) => /^([A-Z]{2})\./.exec(userId)?.[1],
  free: { category: 'service', type: 'free_customer_service', perMonth: 1000, since: '2026-10' },
};
