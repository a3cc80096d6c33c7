/** What a person can say yes or no to; `all` includes marketing. */
export const CONSENT_TOPICS = ['all', 'marketing'] as const;
export type ConsentTopic = (typeof CONSENT_TOPICS)[number];

export const CONSENT_STATES = ['in', 'out'] as const;
export type ConsentState = (typeof CONSENT_STATES)[number];

/** How a record came about, as far as we make it ourselves; whoever records through the API may put it in words of their own. */
export const CONSENT_HOW = {
  api: 'api',
  import: 'import',
  keyword: 'keyword',
  network: 'network',
  bot: 'bot',
} as const;

/** Something that a person said about what they want to get. */
export interface ConsentChange {
  readonly contactId: string;
  readonly topic: ConsentTopic;
  readonly state: ConsentState;
  /** when the person said so; one from the future counts as now */
  readonly at: Date;
  /** one of {@link CONSENT_HOW}, or words */
  readonly how: string;
  /** for what, or in which words */
  readonly what?: string;
  /** the message by which we learned it: theirs, or ours that the network refused for it */
  readonly messageId?: string;
}

/** The newest record of a contact about a topic. */
export interface ConsentEntry {
  readonly state: ConsentState;
  readonly at: Date;
  readonly how: string;
  readonly what: string | null;
  readonly messageId: string | null;
  readonly recordedAt: Date;
}

/** What stands on record for a contact; a topic that nothing was ever said about is absent. */
export type ConsentStanding = Readonly<Partial<Record<ConsentTopic, ConsentEntry>>>;

/** Networks stamp whole seconds, so within a second what was recorded later is the newer. */
export function isNewer(one: Pick<ConsentEntry, 'at' | 'recordedAt'>, other: Pick<ConsentEntry, 'at' | 'recordedAt'>) {
  const seconds = secondOf(one.at) - secondOf(other.at);
  return seconds === 0 ? one.recordedAt > other.recordedAt : seconds > 0;
}

export function secondOf(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}
