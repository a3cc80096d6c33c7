import type { ReceiptStatus, SendOutcome } from '../../../src/contract/index.js';
import { type OnWire, PAIR, type Wire } from './channel.js';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

/** How the network answers the next message that it could take. */
export type Answer =
  | { readonly kind: 'accept'; readonly deliverMs: number; readonly lateFailure?: number; readonly twice: boolean }
  | { readonly kind: 'refuse'; readonly code: number }
  /** the answer is lost; the message has arrived, or not */
  | { readonly kind: 'lost'; readonly arrived: boolean; readonly deliverMs: number; readonly lateFailure?: number }
  /** nothing left our process */
  | { readonly kind: 'unsent' };

/** A receipt that the network owes us. */
export interface Owed {
  readonly at: number;
  readonly account: string;
  readonly providerId: string;
  readonly status: ReceiptStatus;
  readonly occurredAt: number;
  readonly attempt: string;
  readonly code?: number;
}

interface Arrival extends OnWire {
  readonly at: number;
  readonly accepted: boolean;
  readonly lost: boolean;
}

interface Delivery {
  readonly at: number;
  readonly person: string;
}

/**
 * WhatsApp as Meta describes it, and a judge of what we do to it. It knows nothing of how we keep its limits: it keeps a record
 * of everything that arrives and counts, by brute force, in the words of the documentation:
 *
 * - throughput: so many messages per second and number, in and out together;
 * - pair: one message in 6 s from a number to a person; a burst may borrow from the future;
 * - messaging limit: unique people to whom the business delivers outside of customer service windows in a moving 24 hours,
 *   whichever of its numbers does it, this system or another one;
 * - customer service window: free-form messages only within 24 h of what the person wrote last.
 */
export class Meta implements Wire {
  readonly broken: string[] = [];
  readonly owed: Owed[] = [];
  readonly arrivals: Arrival[] = [];
  private readonly inbound: { at: number; account: string; person: string }[] = [];
  private readonly delivered: Delivery[] = [];
  private answered = 0;

  constructor(
    private readonly now: () => number,
    private answers: readonly Answer[],
    private readonly throughput: Readonly<Record<string, number>>,
    private readonly limit: number,
    private readonly seeded: number,
    private readonly startedAt: number,
    private readonly foreignAt: Delivery[] = [],
  ) {}

  /** From now on everything is taken, and delivered soon. */
  calm(): void {
    this.answers = [{ kind: 'accept', deliverMs: 200, twice: false }];
  }

  wrote(account: string, person: string): void {
    this.inbound.push({ at: this.now(), account, person });
  }

  /** Another system on the same business opens a person. */
  foreign(person: string): void {
    this.foreignAt.push({ at: this.now(), person });
  }

  lastInbound(account: string, person: string): number | undefined {
    return this.inbound.findLast((one) => one.account === account && one.person === person)?.at;
  }

  isWindowOpen(account: string, person: string): boolean {
    const last = this.lastInbound(account, person);
    return last !== undefined && this.now() < last + DAY;
  }

  take(message: OnWire): SendOutcome {
    const answer = this.answers[this.answered % this.answers.length] ?? { kind: 'unsent' };
    this.answered += 1;
    if (answer.kind === 'unsent') return { status: 'unsent', reason: 'no connection' };
    const at = this.now();
    const arrives = answer.kind !== 'lost' || answer.arrived;
    if (arrives) this.judgeArrival(message, at);
    const isOpen = this.isWindowOpen(message.account, message.person);
    if (arrives && !message.isTemplate && !isOpen) {
      // Who has never written may have done so before we were here: then we may try. Else we knew.
      if (this.lastInbound(message.account, message.person) !== undefined)
        this.broken.push(`window: ${message.token} is free-form, and the window is closed`);
      this.note(message, at, false);
      return answer.kind === 'lost' ? { status: 'unknown', reason: 'reset' } : refused(131047);
    }
    if (answer.kind === 'refuse') {
      this.note(message, at, false);
      return refused(answer.code);
    }
    if (!arrives) return { status: 'unknown', reason: 'reset' };
    this.note(message, at, true, answer.kind === 'lost');
    const providerId = `wamid.${this.arrivals.length}.${message.token}`;
    this.owe(message, providerId, at, answer, isOpen);
    return answer.kind === 'lost' ? { status: 'unknown', reason: 'reset' } : { status: 'accepted', providerId };
  }

  /** What can only be judged when everything has happened. */
  judgeEnd(): readonly string[] {
    this.judgeTier();
    this.judgeRepeats();
    return this.broken;
  }

  /** Tokens in the order in which the network first accepted them. */
  firstAccepted(): readonly string[] {
    return [...new Set(this.arrivals.filter(({ accepted }) => accepted).map(({ token }) => token))];
  }

  private note(message: OnWire, at: number, accepted: boolean, lost = false): void {
    this.arrivals.push({ ...message, at, accepted, lost });
  }

  private judgeArrival(message: OnWire, at: number): void {
    const own = this.arrivals.filter(({ account }) => account === message.account);
    // Any stretch that ends now: more than the pace gives in it, and the burst that may be borrowed, is too much.
    const toPerson = [...own.filter(({ person }) => person === message.person).map((one) => one.at), at];
    toPerson.forEach((from, index) => {
      const count = toPerson.length - index;
      if (count > PAIR.burst + Math.floor((at - from) / PAIR.everyMs))
        this.broken.push(`pair: ${count} messages to ${message.person} within ${at - from} ms`);
    });
    const most = this.throughput[message.account] ?? 80;
    const out = own.filter((one) => one.at > at - SECOND).length + 1;
    const room = Math.max(most / 10, most - this.steadyInbound(message.account, at));
    if (out > Math.max(1, room))
      this.broken.push(`throughput: ${out} in a second from ${message.account}, room was ${room}`);
  }

  /** Messages per second that came in all through the last second: whoever sends had to leave room for these. */
  private steadyInbound(account: string, at: number): number {
    const times = this.inbound.filter((one) => one.account === account).map((one) => one.at);
    let least = Number.POSITIVE_INFINITY;
    for (let s = at - SECOND; s <= at; s += 100)
      least = Math.min(least, times.filter((time) => time > s - SECOND && time <= s - 100).length);
    return least;
  }

  /** People, not messages; by when it was delivered. */
  private judgeTier(): void {
    const all = [...this.delivered, ...this.foreignAt];
    for (const { at, person } of this.delivered) {
      const people = new Set(all.filter((one) => one.at > at - DAY && one.at <= at).map((one) => one.person));
      const seeds = at < this.startedAt + DAY ? this.seeded : 0;
      if (people.size + seeds > this.limit)
        this.broken.push(
          `tier: ${person} is one of ${people.size} people and ${seeds} before us, ${this.limit} are allowed`,
        );
    }
  }

  /** The same part twice: only where the first answer was lost. */
  private judgeRepeats(): void {
    const seen = new Map<string, Arrival>();
    for (const arrival of this.arrivals.filter(({ accepted }) => accepted)) {
      const key = `${arrival.token}/${arrival.part}`;
      const before = seen.get(key);
      if (before && !before.lost) this.broken.push(`twice: ${key}`);
      seen.set(key, arrival);
    }
  }

  private owe(
    message: OnWire,
    providerId: string,
    at: number,
    answer: { deliverMs: number; lateFailure?: number; twice?: boolean },
    isOpen: boolean,
  ): void {
    const base = { account: message.account, providerId, attempt: message.attempt };
    const told = at + answer.deliverMs;
    if (answer.lateFailure !== undefined) {
      this.owed.push({ ...base, at: told, status: 'failed', occurredAt: told, code: answer.lateFailure });
      return;
    }
    if (!isOpen) this.delivered.push({ at: told, person: message.person });
    // Out of order, and some of them twice.
    this.owed.push({ ...base, at: told + 700, status: 'sent', occurredAt: at });
    this.owed.push({ ...base, at: told, status: 'delivered', occurredAt: told });
    this.owed.push({ ...base, at: told + 300, status: 'read', occurredAt: told });
    if (answer.twice) this.owed.push({ ...base, at: told + 5_000, status: 'delivered', occurredAt: told });
  }
}

function refused(code: number): SendOutcome {
  return { status: 'refused', remote: { code, message: 'as the run has it', httpStatus: 400 } };
}
