import type { JsonObject, MessageReceived } from '../../contract/index.js';
import { asId, asObject, asObjects, asText, defined } from '../graph/index.js';
import { readContent } from './parse-content.js';
import { readSystem } from './parse-system.js';
import { Broken, readTime, type ValueContext } from './reading.js';
import { identify, phoneDigits, senderOf } from './sender.js';

/** What is no word of the person's opens no window: notices of the network, and what becomes of earlier messages. */
const OPENS_NO_WINDOW: ReadonlySet<string> = new Set(['system', 'edit', 'revoke']);

/** One of `value.messages[]` (Meta: webhooks/reference/messages). Throws `Broken` when it has no id, sender or time. */
export function readMessage(message: JsonObject, context: ValueContext): MessageReceived {
  const providerId = asId(message['id']);
  if (providerId === undefined) throw new Broken('the message has no id');
  const type = asText(message['type']);
  if (type === undefined) throw new Broken('the message has no type');
  const isGroup = asText(message['group_id']) !== undefined;
  const system = type === 'system' && !isGroup ? readSystem(message, context) : undefined;
  const sender = system ? system.sender : senderIn(message, context);
  if (sender === undefined) throw new Broken('the message has no usable sender: neither a phone nor a user id');
  const read = system ?? (isGroup ? { content: groupContent(message) } : readContent(type, message));
  const quoted = asObject(message['context']);
  const replyTo = asId(quoted?.['id']);
  return defined({
    type: 'message' as const,
    account: context.account,
    providerId,
    occurredAt: readTime(message['timestamp'], context),
    // what is said in a group opens no window with its author
    opensWindow: !OPENS_NO_WINDOW.has(type) && !isGroup,
    replyTo: replyTo === undefined ? undefined : { providerId: replyTo },
    referral: asObject(message['referral']),
    forwarded: forwarded(quoted),
    product: asObject(quoted?.['referred_product']),
    standby: context.standby,
    ...read,
    sender,
  });
}

function senderIn(message: JsonObject, context: ValueContext): MessageReceived['sender'] | undefined {
  const ids = senderOf(message) ?? { phone: undefined, userId: undefined };
  return identify({ ...ids, phone: ids.phone ?? sharedPhone(message, ids.userId) }, context);
}

/** A person known by a user id alone answers a request for the number with a card that carries both. */
function sharedPhone(message: JsonObject, userId: string | undefined): string | undefined {
  if (message['type'] !== 'contacts' || userId === undefined) return undefined;
  for (const card of asObjects(message['contacts'])) {
    if ((asText(card['origin']) ?? message['origin']) !== 'contact_request') continue;
    const own = asObjects(card['phones']).find((phone) => phone['user_id'] === userId);
    const phone = phoneDigits(own?.['wa_id']);
    if (phone !== undefined) return phone;
  }
  return undefined;
}

/** Answering in private what was said in a group would be wrong, so a group message is no ordinary text to a bot. */
function groupContent(message: JsonObject): MessageReceived['content'] {
  return { type: 'unsupported', providerType: 'group', raw: message };
}

export function forwarded(quoted: JsonObject | undefined): 'once' | 'often' | undefined {
  if (quoted?.['frequently_forwarded'] === true) return 'often';
  return quoted?.['forwarded'] === true ? 'once' : undefined;
}
