import { asksToClose } from './asks-to-close.js';
import type { Item } from './normalize.js';

/** Items that are made true together, in one transaction, and the stored events that are done with them. */
export interface Run {
  readonly items: readonly Item[];
  readonly finished: readonly string[];
}

/**
 * A batch in as few runs as its order allows. A person who goes by other names from now on stands alone, so that what comes before
 * is still read by the old ones and what comes after by the new ones; echoes keep to themselves, so that a run locks threads once,
 * and ends of conversations too, so that what is said after one is not said in the dialog that it ends; a customer's word that ends
 * theirs is the last of its run.
 *
 * @param events ids of the stored events of the batch; each is done with its last item
 */
export function inRuns(items: readonly Item[], events: readonly string[]): readonly Run[] {
  const runs: Item[][] = [];
  let last: string | undefined;
  for (const item of items) {
    const kind = kindOf(item);
    if (kind !== last || kind === 'move') runs.push([]);
    runs.at(-1)?.push(item);
    last = endsRun(item) ? undefined : kind;
  }
  if (runs.length <= 1) return [{ items, finished: events }];
  const endsIn = new Map(runs.flatMap((run, place) => run.map(({ source }): [string, number] => [source.id, place])));
  return runs.map((run, place) => ({ items: run, finished: events.filter((id) => (endsIn.get(id) ?? 0) === place) }));
}

function kindOf({ event }: Item): string {
  if (event.type === 'message' && event.moved) return 'move';
  return event.type === 'echo' || event.type === 'closed' ? event.type : 'rest';
}

function endsRun({ event, gateway }: Item): boolean {
  return event.type === 'message' && gateway !== undefined && asksToClose(gateway, event.content);
}
