import { contactOf, type Customer, type CustomerMessage } from './customers.js';
import type { SentMessage } from './message.types.js';
import { digitsOf } from './phone.js';
import type { Platform } from './platform.js';
import type { JsonObject, SimPhoneNumber } from './world.types.js';

/** What somebody else writes to a customer from a number that we use too. */
export interface Echo {
  /** @default the first number of the world */
  number?: string;
  /** `app`: the owner, in the WhatsApp Business app; `integration`: another system on the number. @default 'app' */
  by?: 'app' | 'integration';
}

/** Who answers a conversation from now on. */
export interface Handover {
  /** @default the first number of the world */
  number?: string;
  type: 'control_taken' | 'control_passed';
  previousOwner?: string;
  newOwner?: string;
  metadata?: string;
  /** What happened so far, for the new owner. */
  summary?: string;
}

/**
 * Somebody else writes to the customer; we are told by an echo, and get the statuses. Meta: webhooks/reference/smb_message_echoes
 * @returns the wamid.
 */
export function echo(
  platform: Platform,
  customer: Customer,
  message: CustomerMessage | string,
  { number: id, by = 'app' }: Echo = {},
): string {
  const { clock, ids, receipts } = platform;
  const number = numberOf(platform, id);
  const given = typeof message === 'string' ? { type: 'text', text: { body: message } } : message;
  const { phone, userId, parentUserId } = customer.profile;
  const wamid = typeof given['id'] === 'string' ? given['id'] : ids.wamid();
  const item = {
    from: digitsOf(number.display_phone_number),
    ...(phone === undefined ? {} : { to: phone }),
    ...(userId === undefined ? {} : { to_user_id: userId }),
    ...(parentUserId === undefined ? {} : { to_parent_user_id: parentUserId }),
    timestamp: clock.stamp(),
    ...given,
    id: wamid,
  };
  publish(platform, number, by === 'app' ? 'smb_message_echoes' : 'message_echoes', {
    contacts: [contactOf(customer.profile)],
    message_echoes: [item],
  });
  if (given.type !== 'edit' && given.type !== 'revoke') {
    void receipts.begin(sentBySomebodyElse(platform, number, customer, wamid, given), {}, undefined);
  }
  return wamid;
}

/** Control of the customer's conversation goes to another responder, or comes to us. Meta: messaging_handovers */
export function handover(platform: Platform, customer: Customer, given: Handover): void {
  const { phone, userId } = customer.profile;
  publish(platform, numberOf(platform, given.number), 'messaging_handovers', {
    contacts: [contactOf(customer.profile)],
    timestamp: platform.clock.stamp(),
    type: given.type,
    [given.type]: {
      ...(given.previousOwner === undefined ? {} : { previous_owner_role: given.previousOwner }),
      ...(given.newOwner === undefined ? {} : { new_owner_role: given.newOwner }),
      ...(given.metadata === undefined ? {} : { metadata: given.metadata }),
      ...(given.summary === undefined
        ? {}
        : { conversation_context: { type: 'summary', summary: { text: given.summary } } }),
    },
    ...(phone === undefined ? {} : { wa_id: phone }),
    ...(userId === undefined ? {} : { user_id: userId }),
  });
}

function numberOf({ world }: Platform, id: string | undefined): SimPhoneNumber {
  return world.phoneNumber(id ?? world.phoneNumbers.keys().next().value ?? '');
}

function publish({ clock, webhooks }: Platform, number: SimPhoneNumber, field: string, value: JsonObject): void {
  const metadata = { display_phone_number: digitsOf(number.display_phone_number), phone_number_id: number.id };
  void webhooks.publish({
    wabaId: number.wabaId,
    phoneNumberId: number.id,
    field,
    kind: 'other',
    time: clock.seconds(),
    value: { messaging_product: 'whatsapp', metadata, ...value },
  });
}

/** Its statuses come to us too, without callback data of ours. */
function sentBySomebodyElse(
  { clock }: Platform,
  number: SimPhoneNumber,
  { profile }: Customer,
  id: string,
  given: CustomerMessage,
): SentMessage {
  return {
    id,
    at: clock.nowMs(),
    appId: '',
    wabaId: number.wabaId,
    phoneNumberId: number.id,
    phone: profile.phone,
    userId: profile.userId,
    type: given.type,
    text: undefined,
    template: undefined,
    biz_opaque_callback_data: undefined,
    body: { type: given.type },
  };
}
