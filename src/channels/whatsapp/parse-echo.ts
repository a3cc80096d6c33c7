import type { EchoReceived, JsonObject, UnusedUpdate } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
import { readContent } from './parse-content.js';
import { forwarded } from './parse-message.js';
import { Broken, readTime, type ValueContext } from './reading.js';
import { identify, phoneDigits } from './sender.js';

/** Kinds that a business sends and no customer: shown whole, and nothing to wonder about. */
const OUTBOUND_ONLY: ReadonlySet<string> = new Set(['template', 'interactive']);

/**
 * One of `value.message_echoes[]`: what somebody else wrote on this number, in the WhatsApp Business app or through another
 * integration (Meta: webhooks/reference/smb_message_echoes). Throws `Broken` when it has no id, recipient or time.
 */
export function readEcho(
  message: JsonObject,
  context: ValueContext,
  by: EchoReceived['by'],
  path: string,
): EchoReceived | UnusedUpdate {
  const { account } = context;
  if (asText(message['group_id']) !== undefined) return { type: 'unused', account, kind: 'group_echo', count: 1, path };
  const providerId = asId(message['id']);
  if (providerId === undefined) throw new Broken('the echo has no id');
  const type = asText(message['type']);
  if (type === undefined) throw new Broken('the echo has no type');
  const recipient = identify({ phone: phoneDigits(message['to']), userId: asText(message['to_user_id']) }, context);
  if (recipient === undefined) throw new Broken('the echo has no usable recipient: neither a phone nor a user id');
  const { content, attention } = readContent(type, message);
  const quoted = asObject(message['context']);
  const replyTo = asId(quoted?.['id']);
  return defined({
    type: 'echo' as const,
    account,
    providerId,
    recipient,
    occurredAt: readTime(message['timestamp'], context),
    content,
    by,
    replyTo: replyTo === undefined ? undefined : { providerId: replyTo },
    forwarded: forwarded(quoted),
    attention: OUTBOUND_ONLY.has(type) ? undefined : attention,
  });
}
