import type { JsonObject } from './json.js';

/** How many people a business may open in a moving day, outside of answer windows. */
export interface Tier {
  /** the network's own word, e.g. `TIER_2K` */
  readonly name: string;
  /** null: unlimited */
  readonly limit: number | null;
}

/** What an account's details say of how much it may send. Members that are absent are not known. */
export interface AccountLimits {
  /** messages per second */
  readonly throughput?: number;
  readonly tier?: Tier;
}

/** What is known of everything that shares one messaging limit. */
export interface TierStanding {
  /** in force now; null: unlimited */
  readonly limit: number | null;
  /** people opened in so many days, as far as they were counted here */
  readonly opened: { readonly in7Days: number; readonly in30Days: number };
  /** the network's own fields of the groups and accounts that share the limit */
  readonly groups: readonly JsonObject[];
  readonly accounts: readonly JsonObject[];
}

export interface NextTier {
  /** null: unlimited */
  readonly limit: number | null;
  /** sentences, each a thing to be done or seen to */
  readonly needs: readonly string[];
}
