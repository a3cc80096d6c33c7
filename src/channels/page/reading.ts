import { createHash } from 'node:crypto';
import type { AccountAddress, JsonObject, JsonValue } from '../../contract/index.js';
import { asId, asNumber, asObject } from '../graph/index.js';

/** An item that cannot be used, with the reason; never leaves `parse`. */
export class Broken extends Error {}

/** What an item of `messaging[]` or `standby[]` is read with. */
export interface ItemContext {
  readonly account: AccountAddress;
  readonly channel: 'facebook' | 'instagram';
  /** id of our own app, where the gateway names it */
  readonly appId: string | undefined;
  /** of the entry, milliseconds, where Meta sends it */
  readonly entryTime: number | undefined;
  /** another responder owns the conversation */
  readonly standby: true | undefined;
}

/** Later than this, milliseconds are no milliseconds: a window must not stay open for millennia. */
const YEAR_2100 = 4_102_444_800_000;

/** Milliseconds, in items and entries alike. */
export function readTime(item: JsonObject, { entryTime }: Pick<ItemContext, 'entryTime'>): Date {
  const time = [asNumber(item['timestamp']), entryTime].find(isTime);
  if (time === undefined) throw new Broken('timestamp is not a number of milliseconds');
  return new Date(Math.floor(time));
}

export function readMoment(value: JsonValue | undefined): Date | undefined {
  const time = asNumber(value);
  return isTime(time) ? new Date(Math.floor(time)) : undefined;
}

function isTime(time: number | undefined): time is number {
  return time !== undefined && time > 0 && time < YEAR_2100;
}

/** Who of the two an item names; absent for people whom Meta knows by a `user_ref` only. */
export function idOf(item: JsonObject, side: 'sender' | 'recipient'): string | undefined {
  return asId(asObject(item[side])?.['id']);
}

/** The person of an item that a person did something with. */
export function senderOf(item: JsonObject, { account }: Pick<ItemContext, 'account'>): string {
  const id = idOf(item, 'sender');
  if (id === undefined) throw new Broken('the item names no sender by an id');
  if (id === account.address) throw new Broken('the sender is the account itself');
  return id;
}

/** For news that Meta gives no id: the same news has the same one, and two of the same millisecond have not. */
export function keyOf(kind: string, item: JsonObject, at: Date): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(sorted(item)))
    .digest('hex');
  return `${kind}.${at.getTime()}.${hash.slice(0, 16)}`;
}

/** Keys that are made here, for what Meta gives no id or the id of another message. */
const OWN_KEY = /^(?:postback|referral|optin|reaction|edit|revoke|action|(?:pass|take|request)_thread_control)\./;

/** What Meta itself calls the message, or the one that this is a part of; undefined when it calls it nothing. */
export function metaIdOf(providerId: string): string | undefined {
  return OWN_KEY.test(providerId) ? undefined : providerId.replace(/#\d+$/, '');
}

/** A repeat may have its members in another order. */
function sorted(value: JsonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  const object = asObject(value);
  if (object === undefined) return value;
  return Object.entries(object)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
