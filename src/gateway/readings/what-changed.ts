import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../../contract/index.js';

/** A member of an account's details that has another value now, in the network's words; null: it was, or is, not there. */
export interface DetailChange {
  readonly field: string;
  readonly from: JsonValue;
  readonly to: JsonValue;
}

/** What a reading tells that was not known. What it leaves out has not changed: networks show less to some tokens. */
export function whatChanged(known: JsonObject, read: JsonObject): readonly DetailChange[] {
  return Object.entries(read).flatMap(([field, to]): DetailChange[] => {
    const from = Object.hasOwn(known, field) ? known[field] : null;
    return to === undefined || isDeepStrictEqual(from, to) ? [] : [{ field, from: from ?? null, to }];
  });
}
