import type { JsonObject, JsonValue } from '../contract/index.js';

/** What a network may put in the place of anything. */
export const NASTY: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '9999-99-99T99:99:99Z',
  'x'.repeat(5_000),
  '🧑‍🚀'.repeat(50),
  '__proto__',
  [],
  [[]],
  [null],
  {},
  JSON.parse('{"__proto__": {"a": 1}, "constructor": null, "toString": 1, "hasOwnProperty": "x"}') as JsonValue,
  nested(60),
];

function nested(depth: number): JsonValue {
  return depth === 0 ? 'deep' : { inner: [nested(depth - 1)] };
}

/** Chance with a seed, so that what failed once fails again. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  /** 0 to `below` - 1 (xorshift32) */
  upTo(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state % below;
  }

  of<T>(list: readonly T[]): T {
    return list[this.upTo(list.length)] as T;
  }
}

type Holder = JsonObject | JsonValue[];

interface Place {
  readonly holder: Holder;
  readonly key: string | number;
}

/** A copy in which one thing is replaced by garbage, missing, new, or there twice. */
export function damaged(value: JsonValue, chance: Chance): JsonValue {
  const copy = { root: structuredClone(value) };
  const places = placesIn(copy);
  const { holder, key } = chance.of(places);
  const isList = Array.isArray(holder);
  switch (chance.upTo(isList ? 4 : 3)) {
    case 0:
      if (isList) holder.splice(Number(key), 1);
      else if (key !== 'root') delete holder[key];
      break;
    case 1:
      if (isList) holder.push(chance.of(NASTY));
      else holder[`new_${chance.upTo(1_000)}`] = chance.of(NASTY);
      break;
    case 3:
      if (isList) holder.push(structuredClone(holder[Number(key)] ?? null));
      break;
    default:
      (holder as Record<string | number, JsonValue>)[key] = structuredClone(chance.of(NASTY));
  }
  return copy.root;
}

function placesIn(holder: Holder): Place[] {
  return Object.entries(holder).flatMap(([key, inner]) => [
    { holder, key: Array.isArray(holder) ? Number(key) : key },
    ...(typeof inner === 'object' && inner !== null ? placesIn(inner) : []),
  ]);
}
