import type { Clock } from './clock.js';
import type { GraphErrorInput } from './graph-error.js';
import { GraphError } from './graph-error.js';
import { mpsOf } from './levels.js';
import type { LimitReport, LimitSettings } from './limits.types.js';
import { PairJudge } from './pair-judge.js';
import { ThroughputJudge } from './throughput-judge.js';
import { TierJudge } from './tier-judge.js';
import type { Windows } from './windows.js';
import type { SimPhoneNumber, SimWaba } from './world.types.js';
import type { World } from './world.js';

export interface LimitParts {
  world: World;
  clock: Clock;
  windows: Windows;
  settings: LimitSettings;
}

/** A message on its way out, as the limits see it. */
export interface Outbound {
  number: SimPhoneNumber;
  waba: SimWaba;
  /** Undefined = a group: neither the pair limit nor the messaging limit speaks of groups. */
  person: string | undefined;
  /** The address that the customer service windows know the person by. */
  address: string | undefined;
  isForeign?: boolean;
}

/**
 * Meta's limits: throughput per number, pair limit per person, messaging limit per portfolio. They are written from Meta's words
 * and keep exact records, because these records are the judge of whoever sends: a refusal could hide in a retry, a record cannot.
 */
export class Limits {
  /** May be changed at any time. */
  readonly settings: LimitSettings;
  private readonly numbers = new Map<string, ThroughputJudge>();
  private readonly portfolios = new Map<string, TierJudge>();
  private pairs = new PairJudge();

  constructor(private readonly parts: LimitParts) {
    this.settings = { ...parts.settings };
  }

  /** Why the message cannot be taken now; only where limits are enforced. */
  refusalOf({ number, waba, person, address }: Outbound): GraphError | undefined {
    const { mode, pair, tier } = this.settings;
    if (mode === 'judge') {
      return undefined;
    }
    const now = this.parts.clock.nowMs();
    const throughput = this.throughputOf(number);
    if (throughput.isFull(now)) {
      throughput.refused += 1;
      return new GraphError({ code: 130429, details: 'Message failed to send because of the throughput limit.' });
    }
    if (person === undefined) {
      return undefined;
    }
    if (this.pairs.refuses(number.id, person, now, pair)) {
      return new GraphError({
        code: 131056,
        details: 'Message failed to send because there were too many messages from this number to the same person.',
      });
    }
    const failure = tier === 'refuse' ? this.tierFailure(number, waba, person, address, now) : undefined;
    return failure === undefined ? undefined : new GraphError(failure);
  }

  /** Takes down a message that was accepted. @returns what it fails with later, where limits are enforced that way. */
  accept(message: Outbound): GraphErrorInput | undefined {
    const { number, waba, person, address } = message;
    const now = this.parts.clock.nowMs();
    const throughput = this.throughputOf(number);
    throughput[message.isForeign ? 'foreign' : 'sent'] += 1;
    throughput.add(now);
    if (person === undefined) {
      return undefined;
    }
    this.pairs.add(number.id, person, now);
    const { mode, tier } = this.settings;
    return mode === 'enforce' && tier === 'fail' ? this.tierFailure(number, waba, person, address, now) : undefined;
  }

  /** Takes down a message that reached its recipient. */
  reach({ number, waba, person, address }: Outbound): void {
    if (person !== undefined && !this.parts.windows.isOpen(number.id, address ?? person)) {
      const portfolio = portfolioOf(waba);
      this.tierOf(portfolio).add(person, this.parts.clock.nowMs(), this.limitOf(portfolio));
    }
  }

  /** Takes down a message of a customer: it uses the same throughput. */
  receive(number: SimPhoneNumber): void {
    const throughput = this.throughputOf(number);
    throughput.inbound += 1;
    throughput.add(this.parts.clock.nowMs());
  }

  report(): LimitReport {
    const now = this.parts.clock.nowMs();
    const { world } = this.parts;
    for (const id of this.numbers.keys()) {
      const number = world.phoneNumbers.get(id);
      if (number !== undefined) {
        this.throughputOf(number);
      }
    }
    return {
      mode: this.settings.mode,
      numbers: Object.fromEntries([...this.numbers].map(([id, judge]) => [id, judge.report()])),
      pair: this.pairs.report(),
      portfolios: Object.fromEntries(
        [...this.portfolios].map(([id, judge]) => [id, judge.report(now, this.limitOf(id))]),
      ),
    };
  }

  /** Forgets everything, and any change of the settings. */
  clear(): void {
    Object.assign(this.settings, this.parts.settings);
    this.numbers.clear();
    this.portfolios.clear();
    this.pairs = new PairJudge();
  }

  private tierFailure(
    number: SimPhoneNumber,
    waba: SimWaba,
    person: string,
    address: string | undefined,
    now: number,
  ): GraphErrorInput | undefined {
    const portfolio = portfolioOf(waba);
    const tier = this.tierOf(portfolio);
    if (this.parts.windows.isOpen(number.id, address ?? person)) {
      return undefined;
    }
    if (!tier.isFull(person, now, this.limitOf(portfolio))) {
      return undefined;
    }
    tier.refused += 1;
    return { code: this.settings.tierCode, details: 'The messaging limit of the business portfolio is used up.' };
  }

  private throughputOf(number: SimPhoneNumber): ThroughputJudge {
    const mps = mpsOf(number);
    const burst = this.settings.burst ?? Math.max(1, mps * 0.05);
    let judge = this.numbers.get(number.id);
    if (judge === undefined) {
      judge = new ThroughputJudge(mps, burst);
      this.numbers.set(number.id, judge);
    } else {
      judge.change(mps, burst);
    }
    return judge;
  }

  private tierOf(portfolio: string): TierJudge {
    let tier = this.portfolios.get(portfolio);
    if (tier === undefined) {
      tier = new TierJudge();
      this.portfolios.set(portfolio, tier);
    }
    return tier;
  }

  private limitOf(portfolio: string): number | 'unlimited' {
    return this.parts.world.businesses.get(portfolio)?.messagingLimit ?? 'unlimited';
  }
}

/** The business that owns the WABA; a WABA of nobody is a portfolio of its own. */
function portfolioOf(waba: SimWaba): string {
  return waba.owner_business_info?.id ?? waba.id;
}
