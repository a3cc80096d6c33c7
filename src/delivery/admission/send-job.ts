import type { ClassRank } from '../message-class.js';
import type { Admitted } from '../attempt.repository.js';

/** An admitted message with its slot: the moment it may go on the wire, in milliseconds of Unix time. */
export interface Scheduled extends Admitted {
  readonly notBefore: number;
  readonly rank: ClassRank;
}

/** What a job of the `send` queue carries: a hint only, the rows in `outbound` decide. */
export interface SendJob {
  readonly accountId: string;
  /** the account's pace when it was admitted, in messages per second */
  readonly perSecond: number;
  readonly messages: readonly Scheduled[];
}
