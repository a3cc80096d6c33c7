import type { AccountCall, JsonObject, JsonValue, OutboundPart, SendOutcome } from '../../contract/index.js';
import { type Accepted, asId, asObject, defined, graphClient } from '../graph/index.js';
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
  return graphClient(own).send({ method: 'POST', path, json }, (body) => accepted(body, attempt));
}

/** An action (a reaction) has no place for it, and no echo. */
function withMetadata(payload: JsonObject, attempt: string): JsonObject {
  const message = asObject(payload['message']);
  return message ? { ...payload, message: { ...message, metadata: attempt } } : payload;
}

/** An action makes no message, so it has no id: the attempt stands in for it. */
function accepted(body: JsonValue, attempt: string): Accepted | undefined {
  const answer = asObject(body);
  const userId = asId(answer?.['recipient_id']);
  const providerId = asId(answer?.['message_id']) ?? (userId === undefined ? undefined : `action.${attempt}`);
  if (providerId === undefined) return undefined;
  return defined({ providerId, recipient: userId === undefined ? undefined : { userId } });
}
