import { Problem } from '../../platform/problem/problem.js';

/** One of many: what became of it so far, or why it is refused. A refused one never fails its neighbours. */
export type Refusable<T> = T | Problem;

export function isRefused<T>(item: Refusable<T>): item is Problem {
  return item instanceof Problem;
}

/** The work's result, or the Problem that it threw. */
export function orProblem<T>(work: () => T): Refusable<T> {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** @throws Problem if that is what became of it */
export function orThrow<T>(item: Refusable<T> | undefined): T {
  if (item === undefined) throw new Error('a step answered for fewer items than it was given');
  if (isRefused(item)) throw item;
  return item;
}

/** Those that are still in. */
export function remainingOf<T>(items: readonly Refusable<T>[]): T[] {
  return items.filter((item): item is T => !isRefused(item));
}

/** Runs the next step on all that are still in, at once; the others keep the Problem that they have. The order stays. */
export async function onward<From, To>(
  items: readonly Refusable<From>[],
  step: (remaining: readonly From[]) => Promise<readonly Refusable<To>[]>,
): Promise<readonly Refusable<To>[]> {
  const remaining = remainingOf(items);
  const results = remaining.length > 0 ? await step(remaining) : [];
  let next = 0;
  return items.map((item) => {
    if (isRefused(item)) return item;
    const result = results[next];
    next += 1;
    if (result === undefined) throw new Error('a step answered for fewer items than it was given');
    return result;
  });
}
