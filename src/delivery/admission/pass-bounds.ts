import { CLASS_RANKS } from '../message-class.js';
import type { AccountFacts } from './account-facts.repository.js';

/** Messages of one account that are admitted and not on the wire yet; the rest of the backlog stays in PostgreSQL. */
const UNDER_WAY = 512;
/** The same in time: what an account sends in this long. More would only wait in the queue, past the reach of better classes. */
const UNDER_WAY_MS = 300;
/** With those that wait for an answer: a network that takes this long is still used fully, and one that hangs leaves few in doubt. */
const UNSETTLED = 1_024;
const UNSETTLED_MS = 2_000;
const UNDER_WAY_LEAST = 8;

/** A hold that ends within this time is short. */
const SHORT_MS = 60_000;

/** How many more messages of an account may be under way; of one whose network was away a moment ago a single one. */
export function roomFor(budget: number, { underWay, unsettled, isProbing }: AccountFacts): number {
  if (isProbing) return Math.max(0, 1 - underWay);
  const most = (count: number, ms: number): number =>
    Math.min(count, Math.max(UNDER_WAY_LEAST, Math.ceil((budget * ms) / 1_000)));
  return Math.max(0, Math.min(most(UNDER_WAY, UNDER_WAY_MS) - underWay, most(UNSETTLED, UNSETTLED_MS) - unsettled));
}

/** When all that keeps the account from sending is over, if that is soon. */
function shortHold({ obstacles }: Pick<AccountFacts, 'obstacles'>, now: Date): Date | undefined {
  const ends = CLASS_RANKS.map((rank) => Date.parse(obstacles[rank]?.until ?? ''));
  const end = Math.min(...ends);
  return Math.max(...ends) - now.getTime() < SHORT_MS ? new Date(end) : undefined;
}

/** What holds for a short time only is not worth moving a backlog aside and back: the next look is at its end. */
export function afterHold(facts: AccountFacts, hasMoved: boolean, nextDue: Date | null, now: Date): Date | null {
  const end = shortHold(facts, now);
  if (end === undefined) return hasMoved ? now : nextDue;
  return nextDue && nextDue < end ? nextDue : end;
}
