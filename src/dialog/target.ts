import { type Channel, isJsonObject } from '../contract/index.js';
import { isId } from '../platform/ids/ids.js';
import { Problem } from '../platform/problem/problem.js';

/** To whom a message goes, as a caller names them. */
export type Target =
  | { readonly kind: 'phone'; readonly phone: string }
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'contact'; readonly contactId: string }
  | { readonly kind: 'dialog'; readonly dialogId: string };

const FORMS = '"+16505551234", {"phone":"+16505551234"}, {"userId":"…"}, {"contact":"<id>"} or {"dialog":"<id>"}';
const E164 = /^\+[1-9]\d{6,14}$/;

/** @throws Problem 400 `to.malformed` */
export function parseTarget(value: unknown): Target {
  if (typeof value === 'string') return phone(value);
  if (!isJsonObject(value)) throw malformed('to must be a phone number or an object');
  const [entry, ...others] = Object.entries(value);
  if (!entry || others.length > 0) throw malformed('to must name the recipient in exactly one way');
  const [key, name] = entry;
  if (typeof name !== 'string' || name === '') throw malformed(`to.${key} must be a non-empty string`);
  switch (key) {
    case 'phone':
      return phone(name);
    case 'userId':
      if (name.length > 256 || /[\p{Cc}\p{Surrogate}]/u.test(name))
        throw malformed('to.userId must be the network’s own id, at most 256 characters');
      return { kind: 'user', userId: name };
    case 'contact':
      if (!isId(name)) throw malformed('to.contact must be the id of a contact');
      return { kind: 'contact', contactId: name };
    case 'dialog':
      if (!isId(name)) throw malformed('to.dialog must be the id of a dialog');
      return { kind: 'dialog', dialogId: name };
    default:
      throw malformed(`to.${key.slice(0, 50)} is not known`);
  }
}

/** Whether a channel knows anybody by what was given: some know no phone numbers. */
export function mayReach(channel: Pick<Channel, 'capabilities'> | undefined, { kind }: Target): boolean {
  return kind !== 'phone' || channel?.capabilities.addressing !== 'user-id';
}

function phone(value: string): Target {
  if (!E164.test(value))
    throw malformed('the phone number must be in E.164: a plus sign, the country code, 7 to 15 digits in all');
  return { kind: 'phone', phone: value.slice(1) };
}

function malformed(what: string): Problem {
  return new Problem(400, 'to.malformed', `${what}; expected is ${FORMS}.`, [
    { path: 'to', code: 'to.malformed', message: what },
  ]);
}
