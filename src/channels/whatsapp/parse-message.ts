import type { JsonObject, MessageReceived } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
import { readContent } from './parse-content.js';
import { Broken, readTime, type ValueContext } from './reading.js';
import { identify, senderOf } from './sender.js';

/** One of `value.messages[]` (Meta: webhooks/reference/messages). Throws `Broken` when it has no id, sender or time. */
export function readMessage(message: JsonObject, context: ValueContext): MessageReceived {
  const providerId = asId(message['id']);
  if (providerId === undefined) throw new Broken('the message has no id');
  const type = asText(message['type']);
  if (type === undefined) throw new Broken('the message has no type');
  const sender = identify(senderOf(message) ?? { phone: undefined, userId: undefined }, context);
  if (sender === undefined) throw new Broken('the message has no usable sender: neither a phone nor a user id');
  const isGroup = asText(message['group_id']) !== undefined;
  const read = isGroup ? { content: groupContent(message) } : readContent(type, message);
  const quoted = asObject(message['context']);
  const replyTo = asId(quoted?.['id']);
  return defined({
    type: 'message' as const,
    account: context.account,
    providerId,
    sender,
    occurredAt: readTime(message['timestamp'], context),
    // a notice by the network is not a message of the person; what is said in a group opens no window with its author
    opensWindow: type !== 'system' && !isGroup,
    replyTo: replyTo === undefined ? undefined : { providerId: replyTo },
    referral: asObject(message['referral']),
    forwarded: forwarded(quoted),
    ...read,
  });
}

/** Answering in private what was said in a group would be wrong, so a group message is no ordinary text to a bot. */
function groupContent(message: JsonObject): MessageReceived['content'] {
  return { type: 'unsupported', providerType: 'group', raw: message };
}

function forwarded(quoted: JsonObject | undefined): 'once' | 'often' | undefined {
  if (quoted?.['frequently_forwarded'] === true) return 'often';
  return quoted?.['forwarded'] === true ? 'once' : undefined;
}
