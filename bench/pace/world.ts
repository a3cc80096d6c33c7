import type { WorldInput } from '../../src/simulator/simulator.js';
import { WORLD } from '../../test/support/stage.js';
import type { OutboundMessage } from '../support/field.js';

/** One number without a daily limit, and one in a portfolio of its own that may reach 2,000 people a day. */
export const FAST = WORLD.phoneNumberId;
export const SMALL = '2000000001';
export const SMALL_BUSINESS = '2000000003';
export const SMALL_LIMIT = 2_000;
export const MPS = 1_000;

/** People by what they are there for: each part of the bench has its own. */
export const PEOPLE = {
  paced: 16_500_000_000,
  backlog: 16_510_000_000,
  texts: 16_520_000_000,
  writers: 16_530_000_000,
  askers: 16_540_000_000,
  fresh: 16_550_000_000,
  small: 16_560_000_000,
  million: 16_570_000_000,
} as const;

const TEMPLATES = [
  { name: 'promo', category: 'MARKETING', components: [{ type: 'BODY', text: 'New: scarves in green.' }] },
  { name: 'login_code', category: 'AUTHENTICATION', components: [{ type: 'BODY', text: 'Your code is {{1}}' }] },
];

export const TEMPLATE_COUNT = 2 * TEMPLATES.length;

export function paceWorld(): WorldInput {
  const throughput = { level: 'HIGH' };
  return {
    businesses: [
      { id: WORLD.businessId, messagingLimit: 'unlimited' },
      { id: SMALL_BUSINESS, messagingLimit: SMALL_LIMIT },
    ],
    wabas: [
      { id: WORLD.wabaId, phoneNumbers: [{ id: FAST, throughput }], templates: TEMPLATES },
      {
        id: '2000000002',
        ownedBy: SMALL_BUSINESS,
        assignedTo: [WORLD.userId],
        phoneNumbers: [{ id: SMALL, display_phone_number: '+1 555-078-3882', throughput }],
        templates: TEMPLATES,
      },
    ],
  };
}

export function promotions(account: string, from: number, count: number): OutboundMessage[] {
  return Array.from({ length: count }, (_, place) => ({
    account,
    to: `+${from + place}`,
    content: { type: 'template', name: 'promo', language: 'en_US' },
  }));
}

export function texts(account: string, from: number, count: number): OutboundMessage[] {
  return Array.from({ length: count }, (_, place) => ({
    account,
    to: `+${from + place}`,
    content: { type: 'text', text: 'Your scarf is on its way.' },
  }));
}

export function code(account: string, phone: number): OutboundMessage {
  const content = { type: 'template', name: 'login_code', language: 'en_US', params: { body: ['123456'] } };
  return { account, to: `+${phone}`, content };
}
