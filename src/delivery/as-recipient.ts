import type { JsonObject, Recipient } from '../contract/index.js';

/** An address as the network is told it: phones go as digits, which are written with a plus sign among people. */
export function asRecipient({ phone, userId }: JsonObject): Recipient {
  return {
    ...(typeof phone === 'string' && { phone: phone.replace(/^\+/, '') }),
    ...(typeof userId === 'string' && { userId }),
  };
}
