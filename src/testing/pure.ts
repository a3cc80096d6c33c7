import { canonical, ContractBreach, ensure, shown } from './breach.js';

const YEAR_MS = 366 * 24 * 60 * 60 * 1_000;

/**
 * The answer of a pure function: it is asked twice, the second time a year later and with other luck, and has to answer the same,
 * at once (no promise), without a change to its (frozen) input and without an exception.
 */
export function pure<T>(what: string, run: () => T): T {
  const first = attempt(what, () => under(0, 0.25, run));
  ensure(!isPromise(first), () => `${what} answered with a promise; it must answer at once`);
  const second = attempt(what, () => under(YEAR_MS, 0.75, run));
  ensure(canonical(first) === canonical(second), () => {
    return `${what} answered differently when it was asked again a year later: ${shown(first)}, then ${shown(second)}. The same input must give the same output: no clock, no chance, no state`;
  });
  return first;
}

/** What a function answers; what it throws becomes a breach that says so. */
export function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ContractBreach) throw error;
    throw new ContractBreach(`${what} ${thrown(error)}`, { cause: error });
  }
}

export async function attemptAsync<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ContractBreach) throw error;
    throw new ContractBreach(`${what} ${thrown(error)}`, { cause: error });
  }
}

function thrown(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const isWrite = /read only|read-only|not extensible|frozen|cannot delete property/i.test(said);
  return isWrite
    ? `changes its input (${said}); it must leave it as it is`
    : `threw: ${said}. It must answer with a value`;
}

/** A copy that nobody can change. Bytes stay as they are: they cannot be frozen. */
export function frozen<T>(value: T): T {
  return deepFreeze(structuredClone(value));
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/** Runs with a clock that is off by so much, and with chance that is none. */
function under<T>(offMs: number, chance: number, run: () => T): T {
  const { Date: clock } = globalThis;
  const { random } = Math;
  const now = (): number => clock.now() + offMs;
  globalThis.Date = new Proxy(clock, {
    construct: (target, args: unknown[], made) =>
      Reflect.construct(target, args.length > 0 ? args : [now()], made) as object,
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  });
  Math.random = () => chance;
  try {
    return run();
  } finally {
    globalThis.Date = clock;
    Math.random = random;
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
