import type { AppCallback, JsonObject } from '../world.types.js';

/** The objects of an app's webhooks that are about pages. */
export const PAGE_OBJECTS = ['page', 'instagram'] as const;
export type PageObject = (typeof PAGE_OBJECTS)[number];

export interface SimInstagram {
  id: string;
  username: string;
  name: string;
}

export interface SimPage {
  id: string;
  name: string;
  category: string;
  /** Of the page itself, for the first app. */
  token: string;
  /** The Instagram account that belongs to it. */
  instagram: SimInstagram | undefined;
  /** Users and system users with a role on it. */
  users: Set<string>;
  /** `subscribed_apps`: app → fields. One for both networks. */
  subscriptions: Map<string, string[]>;
}

export type PageInput = Partial<Omit<SimPage, 'users' | 'subscriptions'>> & { id: string; users?: string[] };

/** Who writes to a page, or to its Instagram account; known there by an id of that page alone. */
export interface SimPerson {
  id: string;
  /** Of the page, or of the Instagram account. */
  account: string;
  object: PageObject;
  first_name: string;
  last_name: string;
  username: string | undefined;
  /** When they last did something, in ms; undefined = never. */
  actedAt: number | undefined;
  /** They cannot be written to. */
  blocks: boolean;
}

/** A message that a page sent. */
export interface PageMessage {
  mid: string;
  at: number;
  object: PageObject;
  account: string;
  person: string;
  body: JsonObject;
}

export interface PageCallback extends AppCallback {
  object: PageObject;
}
