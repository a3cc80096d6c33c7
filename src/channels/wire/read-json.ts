import { isJsonObject, type JsonObject, type JsonValue } from '../../contract/index.js';

/**
 * Reading JSON of which nothing is assumed: every function answers `undefined` (or an empty list) instead of throwing,
 * because networks add fields, types and enum values without asking, and print ids now as strings, now as numbers.
 */
export function asObject(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** A string with something in it. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An id: a string, or a number that JSON did not round. */
export function asId(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : asText(value);
}

/** What is no list has no items. */
export function asList(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The objects among the items of a list. */
export function asObjects(value: unknown): JsonObject[] {
  return asList(value).filter(isJsonObject);
}

/** A finite number, also when it is printed as a string. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** undefined where a text is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // an HTML page of a proxy, an empty body: the caller decides what no JSON means
  }
}

/** An own member: keys that come from the network must not reach the prototype. */
export function member(object: JsonObject | undefined, key: string): JsonValue | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type Defined<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };

/** Drops the members that are undefined, as `exactOptionalPropertyTypes` and clean JSON want it. */
export function defined<T extends object>(members: T): Defined<T> {
  const kept: Record<string, unknown> = {};
  // Every part of every message goes through here: entries would be arrays to throw away.
  for (const key of Object.keys(members) as (keyof T & string)[])
    if (members[key] !== undefined) kept[key] = members[key];
  return kept as Defined<T>;
}
