/** What the limits do: `judge` only records, `enforce` also refuses as Meta does. */
export type LimitMode = 'judge' | 'enforce';

export interface LimitSettings {
  mode: LimitMode;
  /** Messages that may come ahead of a number's even pace. Undefined = 5 % of a second's worth, at least 1. */
  burst: number | undefined;
  /**
   * What a burst to one person costs when limits are enforced: `lenient` lets one more through every 6 s, `strict` none
   * before the whole burst is paid back. Meta's words can be read both ways, so both are recorded.
   */
  pair: 'lenient' | 'strict';
  /** Beyond the messaging limit a message is accepted and fails later, or is refused. Meta says neither, and does both. */
  tier: 'fail' | 'refuse';
  /** With this code; Meta names none. */
  tierCode: number;
}

export type LimitOptions = LimitMode | Partial<LimitSettings>;

/** The interval of one length in which most happened. */
export interface WorstInterval {
  ms: number;
  /** Messages in the fullest interval of this length. */
  count: number;
  /** The largest surplus over `mps × interval + burst`; negative = so much room was always left. */
  excess: number;
  /** When that interval ended. */
  at: number;
}

export interface NumberReport {
  mps: number;
  burst: number;
  /** Accepted from whoever calls Graph, without `foreign`. */
  sent: number;
  /** Sent by another system on the same number. */
  foreign: number;
  inbound: number;
  /** Refused with 130429. */
  refused: number;
  /** Messages that came when one of the intervals was already full. */
  violations: number;
  worst: WorstInterval[];
}

export interface PairExample {
  number: string;
  to: string;
  at: number;
  /** How much too early it came. */
  earlyMs: number;
}

export interface PairReport {
  /** Messages beyond 1 in 6 s with a burst of 45: no reading of the rule allows them. */
  violations: number;
  /** Messages, also those, that came before the burst before them was paid back. */
  beforePaidBack: number;
  /** Refused with 131056. */
  refused: number;
  /** Attempts that came sooner than 4^n s after the n-th refusal in a row. */
  hasty: number;
  /** Violations per `number person`, for the first of them. */
  pairs: Record<string, number>;
  examples: PairExample[];
}

export interface PortfolioReport {
  limit: number | 'unlimited';
  /** People reached outside a window in the 24 h before now. */
  unique: number;
  /** The most there ever were in any 24 h. */
  worst: number;
  /** The largest surplus over the limit of its time, 0 = never. */
  excess: number;
  /** People who were reached though the limit was used up. */
  violations: number;
  /** Refused or failed for it. */
  refused: number;
}

export interface LimitReport {
  mode: LimitMode;
  numbers: Record<string, NumberReport>;
  pair: PairReport;
  portfolios: Record<string, PortfolioReport>;
}
