import { BOT_SUBSCRIBER, NETWORK_SUBSCRIBER } from '../platform/outbox/outbox.js';

/** How much one subscriber may be given now. */
export interface Room {
  readonly subscriber: string;
  readonly room: number;
}

/** Lines and lone events that one process works on at once: of all bots, of all networks, of one webhook, of all webhooks together. */
const BOTS = 256;
const NETWORKS = 64;
const PER_WEBHOOK = 64;
const WEBHOOKS = 512;
const LEAST_PER_WEBHOOK = 4;
const CLAIM_AT_ONCE = 64;

const OWN: ReadonlyMap<string, number> = new Map([
  [BOT_SUBSCRIBER, BOTS],
  [NETWORK_SUBSCRIBER, NETWORKS],
]);

/** Each subscriber has hands of its own, so that one that is slow fills nobody else's. */
export class Slots {
  private readonly taken = new Map<string, number>();
  /** those for whom something may have been due when there was no room for it */
  private readonly starved = new Set<string>();

  /** Those with room; the others are remembered as starved. */
  rooms(subscribers: readonly string[]): readonly Room[] {
    const webhooks = subscribers.filter((subscriber) => !OWN.has(subscriber)).length;
    const perWebhook = Math.floor(WEBHOOKS / Math.max(1, webhooks));
    return subscribers.flatMap((subscriber) => {
      const limit = OWN.get(subscriber) ?? Math.min(PER_WEBHOOK, Math.max(LEAST_PER_WEBHOOK, perWebhook));
      const room = Math.min(CLAIM_AT_ONCE, limit - (this.taken.get(subscriber) ?? 0));
      if (room > 0) return { subscriber, room };
      this.starved.add(subscriber);
      return [];
    });
  }

  take(subscriber: string): void {
    this.taken.set(subscriber, (this.taken.get(subscriber) ?? 0) + 1);
  }

  /** True when somebody waited for it. */
  free(subscriber: string): boolean {
    const left = (this.taken.get(subscriber) ?? 1) - 1;
    if (left > 0) this.taken.set(subscriber, left);
    else this.taken.delete(subscriber);
    return this.starved.delete(subscriber);
  }
}

/** What is left of the rooms, at least one each: what goes alone is never shut out by what goes in line. */
export function roomsAfter(rooms: readonly Room[], given: readonly { readonly subscriber: string }[]): readonly Room[] {
  return rooms.map(({ subscriber, room }) => ({ subscriber, room: Math.max(1, room - countOf(given, subscriber)) }));
}

/** True when somebody was given as much as there was room for: there may be more. */
export function isFull(rooms: readonly Room[], given: readonly { readonly subscriber: string }[]): boolean {
  return rooms.some(({ subscriber, room }) => countOf(given, subscriber) >= room);
}

function countOf(given: readonly { readonly subscriber: string }[], subscriber: string): number {
  return given.filter((one) => one.subscriber === subscriber).length;
}
