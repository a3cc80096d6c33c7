import { createHash } from 'node:crypto';
import type { GatewayContext, JsonObject, MessageReceived, SystemContent } from '../../contract/index.js';
import { asObject, asText, defined } from '../graph/index.js';
import { Broken, type ValueContext, readTime } from './reading.js';
import { identify, phoneDigits } from './sender.js';

const KINDS = ['control_passed', 'control_taken'] as const;

/**
 * Who answers a person has changed: one owner per conversation, the others are on standby (Meta: messaging_handovers). It is told
 * as a notice in the dialog. Taken is taken from us, passed is passed to us, unless the roles say otherwise: the gateway's
 * metadata `responder_role` says which one is ours.
 */
export function readHandover(
  value: JsonObject,
  context: ValueContext,
  { settings }: Pick<GatewayContext, 'settings'>,
): MessageReceived {
  const kind =
    KINDS.find((name) => name === value['type']) ?? KINDS.find((name) => asObject(value[name]) !== undefined);
  if (kind === undefined) throw new Broken('neither control_passed nor control_taken');
  const told = asObject(value[kind]) ?? {};
  const person = personOf(value, told, context);
  if (person === undefined) throw new Broken('the handover names neither a phone nor a user id');
  const occurredAt = readTime(value['timestamp'], context);
  const role = asText(told['new_owner_role']);
  const ours = settings['responder_role'];
  const isOurs = ours && role ? role.toLowerCase() === ours.toLowerCase() : kind === 'control_passed';
  const content = defined({
    type: 'system' as const,
    event: kind,
    owner: isOurs ? 'us' : 'other',
    previousOwnerRole: asText(told['previous_owner_role']),
    newOwnerRole: role,
    metadata: asText(told['metadata']),
    context: asObject(told['conversation_context']),
  }) as SystemContent;
  const words = [person.userId ?? person.phone, told['previous_owner_role'], role, told['metadata']].map(asText);
  const hash = createHash('sha256').update(words.join('\n')).digest('hex');
  return {
    type: 'message',
    account: context.account,
    // Meta gives these no id: the same news has the same one
    providerId: `${kind}.${occurredAt.getTime()}.${hash.slice(0, 16)}`,
    sender: person,
    occurredAt,
    content,
    opensWindow: false,
    handover: isOurs ? 'us' : 'other',
  };
}

/** In `sender` or beside it: Meta's example and its reference differ. */
function personOf(value: JsonObject, told: JsonObject, context: ValueContext) {
  const places = [asObject(value['sender']), told, value].filter((place) => place !== undefined);
  const first = <T>(read: (place: JsonObject) => T | undefined): T | undefined =>
    places.map(read).find((found) => found !== undefined);
  const phone = first((place) => phoneDigits(place['phone_number']) ?? phoneDigits(place['wa_id']));
  const userId = first((place) => asText(place['user_id']) ?? asText(place['from_user_id']));
  return identify({ phone, userId }, { ...context, isOneSender: true });
}
