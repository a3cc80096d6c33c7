import type { AccountAddress, JsonObject, JsonValue } from '../../contract/index.js';
import { asNumber } from '../graph/index.js';

/** What the items of one `messages` value share. */
export interface ValueContext {
  readonly account: AccountAddress;
  readonly contacts: readonly JsonObject[];
  /** whether every message of the value has the same sender */
  readonly isOneSender: boolean;
  /** `entry.time`, seconds, where Meta sends it */
  readonly entryTime: number | undefined;
  /** set for what comes about conversations that another responder owns */
  readonly standby?: true | undefined;
}

/** An item that cannot be used, with the reason; never leaves `parse`. */
export class Broken extends Error {}

/** Later than this, seconds are no seconds: a window must not stay open for millennia. */
const YEAR_2100 = 4_102_444_800;

/** Unix seconds, as a string in messages and a number in entries (Meta: webhooks/reference/messages/text). */
export function readTime(timestamp: JsonValue | undefined, context: Pick<ValueContext, 'entryTime'>): Date {
  const isSeconds = (seconds: number | undefined): seconds is number =>
    seconds !== undefined && seconds > 0 && seconds < YEAR_2100;
  const seconds = [asNumber(timestamp), context.entryTime].find(isSeconds);
  if (seconds === undefined) throw new Broken('timestamp is not a number of seconds');
  return new Date(Math.floor(seconds * 1000));
}
