import type { IdentityMove, JsonObject, PersonIdentity, SystemContent } from '../../contract/index.js';
import { asId, asObject, asObjects, asText, defined } from '../graph/index.js';
import type { ValueContext } from './reading.js';
import { phoneDigits, senderOf } from './sender.js';

interface SystemRead {
  readonly content: SystemContent;
  /** the person by the names that they had until now */
  readonly sender: PersonIdentity | undefined;
  readonly moved?: IdentityMove;
}

/** Spellings of older versions of Graph. */
const EVENTS: ReadonlyMap<string, string> = new Map([
  ['customer_changed_number', 'user_changed_number'],
  ['customer_identity_changed', 'user_identity_changed'],
]);

/** "User Ann changed from US.1 to US.2": the only place where some payloads name the old id. */
const FROM_TO = /\bchanged from (\S+) to (\S+)/;

/**
 * A notice of the network about a person: another number, another user id, another identity key (Meta:
 * webhooks/reference/messages/system, whatsapp/business-scoped-user-ids). The names in `contacts[]` may be the old or the new
 * ones, so only the profile is read there.
 */
export function readSystem(message: JsonObject, { contacts }: ValueContext): SystemRead {
  const system = asObject(message['system']) ?? {};
  const type = asText(system['type']) ?? 'unknown';
  const event = EVENTS.get(type) ?? type;
  const [, from, to] = FROM_TO.exec(asText(system['body']) ?? '') ?? [];
  const told = {
    phone: phoneDigits(system['wa_id']) ?? phoneDigits(system['new_wa_id']),
    userId: asText(system['user_id']),
  };
  const was = senderOf(message);
  const [contact] = asObjects(contacts);
  const profile = asObject(contact?.['profile']);
  const differs = (id: string | undefined): string | undefined => (id === told.userId ? undefined : id);
  const isUser = event === 'user_changed_user_id';
  const oldUserId =
    differs(was?.userId) ??
    asText(system['previous_user_id']) ??
    (isUser && to === told.userId ? from : undefined) ??
    differs(asText(contact?.['user_id']));
  const phone = was?.phone ?? phoneDigits(system['customer']) ?? (isUser ? told.phone : undefined);
  const base = {
    phone: phone ?? phoneDigits(contact?.['wa_id']),
    userId: oldUserId ?? was?.userId,
    username: asText(profile?.['username']),
    name: asText(profile?.['name']),
  };
  const moved = isUser || event === 'user_changed_number' ? moveOf(event, told, base) : undefined;
  const content = defined({
    type: 'system' as const,
    event,
    body: asText(system['body']),
    ...(moved && {
      phone: moved.phone ?? undefined,
      userId: moved.userId,
      previousPhone: moved.phone === undefined ? undefined : base.phone,
      previousUserId: moved.userId === undefined ? undefined : oldUserId,
    }),
    parentUserId: asId(system['parent_user_id']),
    identity: asObject(system['identity']),
  });
  const isNamed = base.phone !== undefined || base.userId !== undefined;
  return { content: content as SystemContent, sender: isNamed ? defined(base) : undefined, ...(moved && { moved }) };
}

/** A new number that the person does not show leaves the old one wrong all the same. */
function moveOf(
  event: string,
  told: { readonly phone: string | undefined; readonly userId: string | undefined },
  old: { readonly phone: string | undefined; readonly userId: string | undefined },
): IdentityMove | undefined {
  const userId = told.userId === old.userId ? undefined : told.userId;
  const shown = told.phone === old.phone ? undefined : told.phone;
  const isHidden = event === 'user_changed_number' && told.phone === undefined && userId !== undefined;
  const phone = isHidden && old.phone !== undefined ? null : shown;
  return phone === undefined && userId === undefined ? undefined : defined({ phone, userId });
}
