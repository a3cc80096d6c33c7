import type { JsonValue } from '../contract/index.js';

/** A network's own words, made fit for PostgreSQL: U+0000 and halves of surrogate pairs become U+FFFD. */
export function storable<T extends JsonValue>(value: T): T {
  return clean(value) as T;
}

function clean(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[clean(name), clean(member)]])),
  );
}
