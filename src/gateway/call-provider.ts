import type { CallOutcome } from '../contract/index.js';
import type { Log } from '../platform/logging/log.js';

/** A facet that throws breaks its contract; whoever asked gets an outcome all the same, and the log gets the error. */
export async function callProvider<T>(log: Log, call: () => Promise<CallOutcome<T>>): Promise<CallOutcome<T>> {
  try {
    return await call();
  } catch (error) {
    log.error({ err: error }, 'a channel failed while it talked to its network');
    return { status: 'unreachable', reason: 'the channel failed; the log has the details' };
  }
}

/** Calls under way at once for one command: a gateway may have hundreds of groups. */
const CONCURRENCY = 8;

/** Like `Promise.all` over `items.map(work)`, with few at a time. */
export async function mapFew<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: items.length });
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, lane));
  return results;
}
