import { type AccountPace, FULL_PACE, LOOK_AHEAD_MS, afterSlots, slotsOf } from './admission/account-pace.js';
import { type ClassRank, MARKETING } from './message-class.js';

/** Above the account's pace, so that what a stall made late is made up for; within the margin that admission leaves. */
const CATCH_UP = 1.03;

/**
 * Each class goes as if its slot had been so much earlier than that of the class below: it overtakes what was admitted before it, and
 * those it overtakes wait for a bounded time, however much of it comes.
 */
const AHEAD_MS = LOOK_AHEAD_MS;

/** What admission gave a message. */
export interface Slot {
  /** in milliseconds of Unix time */
  readonly notBefore: number;
  /** the account's pace when it was given, in messages per second */
  readonly perSecond: number;
  readonly rank: ClassRank;
}

interface Waiting<T> {
  readonly item: T;
  readonly due: number;
}

/**
 * What one process is about to put on the wire for one account. Slots and messages are kept apart: at each slot whoever is most
 * urgent leaves, so that a code does not wait behind the promotions that were admitted before it. Slots missed in a stall are made
 * up for a little above the account's pace, never all together.
 */
export class WireLane<T> {
  private readonly slots: number[] = [];
  private readonly waiting: Waiting<T>[] = [];
  private pace: AccountPace = FULL_PACE;
  private rate = 1;

  add(item: T, { notBefore, perSecond, rank }: Slot): void {
    this.rate = perSecond * CATCH_UP;
    insert(this.slots, notBefore, (slot) => slot > notBefore);
    const due = dueOf({ notBefore, rank });
    insert(this.waiting, { item, due }, (other) => other.due > due);
  }

  /** Who leaves now, in order. */
  release(now: number): readonly T[] {
    const leaving: T[] = [];
    for (;;) {
      const at = this.nextAt(now);
      if (at === undefined || at > now) return leaving;
      this.pace = afterSlots(this.pace, this.rate, [now]);
      this.slots.shift();
      leaving.push((this.waiting.shift() as Waiting<T>).item);
    }
  }

  /** When somebody leaves next, not before now; undefined when nobody waits. */
  nextAt(now: number): number | undefined {
    const [slot] = this.slots;
    if (slot === undefined) return undefined;
    return Math.max(slot, slotsOf(this.pace, this.rate, now, { lookAheadMs: 0, max: 0 }).nextAt);
  }

  /** Nobody waits, and the pace has rested since then. */
  isIdleSince(then: number): boolean {
    return this.slots.length === 0 && this.pace.tat < then;
  }
}

/** By what those that are there are ordered. */
export function dueOf({ notBefore, rank }: Pick<Slot, 'notBefore' | 'rank'>): number {
  return notBefore - (MARKETING - rank) * AHEAD_MS;
}

/** Before the first that comes later; nearly always that is the end. */
function insert<T>(sorted: T[], value: T, isLater: (other: T) => boolean): void {
  let place = sorted.length;
  while (place > 0 && isLater(sorted[place - 1] as T)) place -= 1;
  sorted.splice(place, 0, value);
}
