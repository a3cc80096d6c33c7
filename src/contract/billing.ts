import type { JsonObject } from './json.js';
import type { Price } from './events.js';

/** What a network asks money for. Pure; prices themselves are data that a person loads. */
export interface BillingFacet {
  /** whether a delivered message with this price costs something */
  isCharged(price: Price): boolean;
  /** the category under which a rate card lists it */
  rateCategory(category: string): string;
  /** in which zone the network begins a day and a month, by the stored details of a group; IANA; undefined: nobody knows */
  timeZone(groupDetails: JsonObject): string | undefined;
  /** ISO 3166 of somebody who is known by a channel-scoped id only */
  countryOf?(userId: string): string | undefined;
  /** messages that cost nothing, per account and calendar month */
  readonly free?: FreeMessages;
}

export interface FreeMessages {
  readonly category: string;
  /** the type that the network gives to those that are free by it */
  readonly type: string;
  readonly perMonth: number;
  /** first month, `2026-10`: before it the same words meant something else */
  readonly since: string;
}
