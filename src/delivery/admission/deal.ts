import { CLASS_RANKS, type ClassRank } from '../message-class.js';

/** One slot in so many goes to a lower class, so that a flood of better messages does not stop the others for good. */
const SHARE = 20;

/**
 * Who gets the next slots: the best class first, oldest first within it, and every twentieth slot to a lower class that has
 * something waiting, the lower ones in turn.
 *
 * @param waiting by class, each in its own order
 * @param turn slots that the account has given so far
 */
export function deal<T>(waiting: Readonly<Record<ClassRank, readonly T[]>>, count: number, turn: number): T[] {
  const taken: Record<ClassRank, number> = { 0: 0, 1: 0, 2: 0, 3: 0 };
  const dealt: T[] = [];
  while (dealt.length < count) {
    const open = CLASS_RANKS.filter((rank) => taken[rank] < waiting[rank].length);
    const [best, ...lower] = open;
    if (best === undefined) break;
    const slot = turn + dealt.length;
    const isShare = lower.length > 0 && slot % SHARE === SHARE - 1;
    const rank = isShare ? (lower[Math.floor(slot / SHARE) % lower.length] ?? best) : best;
    const item = waiting[rank][taken[rank]];
    if (item === undefined) break;
    taken[rank] += 1;
    dealt.push(item);
  }
  return dealt;
}
