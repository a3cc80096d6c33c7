import type { AccountCall, JsonObject, JsonValue, OutboundPart, SendOutcome } from '../../contract/index.js';
import { asId, asNumber, asObject, defined, type GraphAnswer, graphClient, httpRefusal } from '../graph/index.js';
import type { PageNetwork } from './network.js';
import { asPage, noPageToken } from './tokens.js';

/**
 * Puts one message on the wire, as the page (Instagram accounts write through theirs). Meta has no idempotency key here either:
 * where a network gives back what was sent along, the attempt travels as `metadata` and comes back in the echo of the message.
 */
export async function send(
  network: PageNetwork,
  part: OutboundPart,
  attempt: string,
  call: AccountCall,
): Promise<SendOutcome> {
  const own = asPage(call);
  if (!own) return noPageToken();
  const json = network.echoesMetadata ? withMetadata(part.payload, attempt) : part.payload;
  const path = `${encodeURIComponent(call.account.group)}/messages`;
  return toSendOutcome(await graphClient(own).request({ method: 'POST', path, json }), attempt);
}

/** An action (a reaction) has no place for it, and no echo. */
function withMetadata(payload: JsonObject, attempt: string): JsonObject {
  const message = asObject(payload['message']);
  return message ? { ...payload, message: { ...message, metadata: attempt } } : payload;
}

function toSendOutcome(answer: GraphAnswer, attempt: string): SendOutcome {
  switch (answer.status) {
    case 'ok':
      return accepted(answer.body, attempt);
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

/** An action makes no message, so it has no id: the attempt stands in for it. */
function accepted(body: JsonValue, attempt: string): SendOutcome {
  const answer = asObject(body);
  const userId = asId(answer?.['recipient_id']);
  const providerId = asId(answer?.['message_id']) ?? (userId === undefined ? undefined : `action.${attempt}`);
  if (providerId === undefined) return { status: 'unknown', reason: 'the answer names no message id' };
  return defined({ status: 'accepted' as const, providerId, recipient: userId === undefined ? undefined : { userId } });
}

function afterMs(headers: Extract<GraphAnswer, { status: 'refused' }>['headers']): number | undefined {
  const seconds = asNumber(headers['retry-after']);
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}
