import type { BillingFacet, JsonObject } from '../contract/index.js';
import { DEFAULT_ZONE, isZone } from './local-day.js';

/** The zone in which an account's days begin; `known` false: the network did not say, or says it in a way that is new to us. */
export interface Zone {
  readonly name: string;
  readonly known: boolean;
}

export function zoneOf(billing: BillingFacet | undefined, groupDetails: JsonObject): Zone {
  const name = billing?.timeZone(groupDetails);
  return name !== undefined && isZone(name) ? { name, known: true } : { name: DEFAULT_ZONE, known: false };
}
