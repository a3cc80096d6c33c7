/** A check that did not hold: what was given, what was expected, and, added by the kit, what to fill in and where it is documented. */
export class ContractBreach extends Error {
  override readonly name = 'ContractBreach';
}

export function ensure(holds: unknown, message: () => string): asserts holds {
  if (!holds) throw new ContractBreach(message());
}

const MOST_SHOWN = 400;

/** A value as a message shows it: one line, and not too long. */
export function shown(value: unknown): string {
  const text = canonical(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text;
}

/** The same text for values that mean the same: members in order, absent ones left out, dates and maps told apart from text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, ordered) ?? String(value);
}

function ordered(this: unknown, key: string, value: unknown): unknown {
  const given = (this as Record<string, unknown>)[key];
  if (given instanceof Date) return { '(date)': String(given.getTime()) };
  if (given instanceof Map) return { '(map)': [...given] };
  if (typeof given === 'bigint' || typeof given === 'function' || typeof given === 'symbol') {
    return { [`(${typeof given})`]: String(given) };
  }
  if (typeof given === 'number' && !Number.isFinite(given)) return { '(number)': String(given) };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Every string in a value, also in JSON that stands in a string. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const inner = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    return typeof inner === 'object' && inner !== null ? stringsIn(inner) : [value];
  }
  if (value instanceof Map) return [...value].flatMap(stringsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
