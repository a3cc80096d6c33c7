import type { AccountCall, JsonValue, OutboundPart, SendOutcome } from '../../contract/index.js';
import { type Accepted, asId, asObject, asObjects, asText, defined } from '../graph/index.js';
import { phoneDigits } from './sender.js';
import type { WhatsAppTransport } from './transport.js';

/**
 * Puts one message on the wire. Meta has no idempotency key, so what matters is to know when it is not known: an answer without
 * Meta's own words leaves open whether the message was taken. The attempt travels as `biz_opaque_callback_data` and comes
 * back in the statuses, which settles it (Meta: webhooks/reference/messages/status).
 */
export async function send(
  transport: WhatsAppTransport,
  part: OutboundPart,
  attempt: string,
  call: AccountCall,
): Promise<SendOutcome> {
  const path = transport.edgeOf(call.account, 'messages');
  const json = { ...part.payload, biz_opaque_callback_data: attempt };
  // Retry-After is not documented for WhatsApp, but obeyed where it is sent.
  return transport.client(call).send({ method: 'POST', path, json }, accepted);
}

function accepted(body: JsonValue): Accepted | undefined {
  const providerId = asId(asObjects(asObject(body)?.['messages'])[0]?.['id']);
  if (providerId === undefined) return undefined;
  const contact = asObjects(asObject(body)?.['contacts'])[0];
  const recipient = defined({ phone: phoneDigits(contact?.['wa_id']), userId: asText(contact?.['user_id']) });
  const isNamed = Object.keys(recipient).length > 0;
  return { providerId, ...(isNamed && { recipient }) };
}
