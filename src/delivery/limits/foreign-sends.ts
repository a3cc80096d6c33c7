import type { ReceiptReceived } from '../../contract/index.js';
import { AUTHENTICATION, type ClassRank, MARKETING, UTILITY } from '../message-class.js';

/**
 * Whether a receipt tells of a message that the business began and that arrived: what counts in the messaging limit. The price
 * says so: what answers a customer is of the category service (Meta: webhooks/reference/messages/status, `pricing.category`).
 */
export function opensPeople({ status, price, recipient }: ReceiptReceived): boolean {
  const hasArrived = status === 'delivered' || status === 'read';
  return hasArrived && recipient !== undefined && classOfCategory(price?.category) !== undefined;
}

/** Categories have variants, such as `authentication_international` and `marketing_lite`. */
export function classOfCategory(category: string | undefined): ClassRank | undefined {
  const [kind] = (category ?? '').toLowerCase().split(/[-_]/);
  if (kind === 'marketing') return MARKETING;
  if (kind === 'authentication') return AUTHENTICATION;
  return kind === 'utility' ? UTILITY : undefined;
}
