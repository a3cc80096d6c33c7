import type { JsonObject, JsonValue, PersonIdentity } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
import type { ValueContext } from './reading.js';

/** Ids that a message, a status or a contact names a person by. */
interface Ids {
  readonly phone: string | undefined;
  readonly userId: string | undefined;
}

/** `US.1349…`: country code, dot, letters and digits (Meta: whatsapp/business-scoped-user-ids). */
const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,134}$/;

const DIGITS = /^\d{3,20}$/;

/** The digits of a phone number, however it is written; undefined when it is none. */
export function phoneDigits(value: JsonValue | undefined): string | undefined {
  const text = asId(value);
  if (text === undefined || DIGITS.test(text)) return text;
  const bare = text.replace(/^\+|[\s().-]/g, '');
  return DIGITS.test(bare) ? bare : undefined;
}

/** The ids on a message itself. `from` is absent for a person who hides the phone; an id in its place is taken as one. */
export function senderOf(message: JsonObject): (Ids & { readonly key: string }) | undefined {
  const from = asText(message['from']);
  const userId = asText(message['from_user_id']) ?? (from !== undefined && BSUID.test(from) ? from : undefined);
  const phone = phoneDigits(message['from']);
  const key = userId ?? phone;
  return key === undefined ? undefined : { phone, userId, key };
}

/**
 * The person behind ids, completed from `contacts[]`. A contact belongs to a person when a user id or a phone says so, or when
 * it is the only one and nobody else is in the value: `wa_id` may differ from the phone in `from` (Brazil, Mexico, Argentina).
 */
export function identify(ids: Ids, context: ValueContext): PersonIdentity | undefined {
  const contact = contactOf(ids, context);
  const waId = phoneDigits(contact?.['wa_id']);
  const phone = ids.phone ?? waId;
  const userId = ids.userId ?? asText(contact?.['user_id']);
  if (phone === undefined && userId === undefined) return undefined;
  const profile = asObject(contact?.['profile']);
  return defined({
    phone,
    userId,
    username: asText(profile?.['username']),
    name: asText(profile?.['name']),
    aliases: waId !== undefined && waId !== phone ? [waId] : undefined,
  });
}

function contactOf(ids: Ids, { contacts, isOneSender }: ValueContext): JsonObject | undefined {
  const byUserId = ids.userId && contacts.find((contact) => contact['user_id'] === ids.userId);
  if (byUserId) return byUserId;
  const agrees = (contact: JsonObject): boolean => !ids.userId || !asText(contact['user_id']);
  const byPhone =
    ids.phone && contacts.find((contact) => phoneDigits(contact['wa_id']) === ids.phone && agrees(contact));
  if (byPhone) return byPhone;
  const [only, ...others] = contacts;
  return only && others.length === 0 && isOneSender && agrees(only) ? only : undefined;
}
