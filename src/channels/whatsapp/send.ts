import type { AccountCall, JsonValue, OutboundPart, SendOutcome } from '../../contract/index.js';
import { asId, asNumber, asObject, asObjects, asText, defined, httpRefusal, type GraphAnswer } from '../graph/index.js';
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
  return toSendOutcome(await transport.client(call).request({ method: 'POST', path, json }));
}

function toSendOutcome(answer: GraphAnswer): SendOutcome {
  switch (answer.status) {
    case 'ok':
      return accepted(answer.body);
    case 'refused':
      return defined({ status: 'refused' as const, remote: answer.remote, afterMs: afterMs(answer.headers) });
    case 'odd':
      // a proxy that says 4xx, or sends us elsewhere, has not passed it on; one that breaks (5xx) may have
      if (answer.httpStatus >= 300 && answer.httpStatus < 500) {
        return { status: 'refused', remote: httpRefusal(answer.httpStatus, answer.reason) };
      }
      return { status: 'unknown', reason: answer.reason };
    case 'failed':
      if (answer.sent) return { status: 'unknown', reason: answer.reason };
      return defined({ status: 'unsent' as const, reason: answer.reason, afterMs: answer.afterMs });
  }
}

function accepted(body: JsonValue): SendOutcome {
  const providerId = asId(asObjects(asObject(body)?.['messages'])[0]?.['id']);
  if (providerId === undefined) return { status: 'unknown', reason: 'the answer names no message id' };
  const contact = asObjects(asObject(body)?.['contacts'])[0];
  const recipient = defined({ phone: phoneDigits(contact?.['wa_id']), userId: asText(contact?.['user_id']) });
  const isNamed = Object.keys(recipient).length > 0;
  return { status: 'accepted', providerId, ...(isNamed && { recipient }) };
}

/** Not documented for WhatsApp, but obeyed where it is sent. */
function afterMs(headers: Extract<GraphAnswer, { status: 'refused' }>['headers']): number | undefined {
  const seconds = asNumber(headers['retry-after']);
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}
