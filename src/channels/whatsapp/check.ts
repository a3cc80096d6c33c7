import { isJsonObject, type Content, type ContentProblem, type NativeContent } from '../../contract/index.js';
import { capabilities, LIMITS } from './capabilities.js';
import { checkButtons, checkList } from './check-choice.js';
import { checkTemplate } from './check-template.js';
import { Problems } from './problems.js';
import { checkLocation, checkMedia } from './check-media.js';

/** Every limit of WhatsApp that can be judged without asking it (Meta: whatsapp/messages/send-messages). */
export function check(content: Content): readonly ContentProblem[] {
  const problems = new Problems();
  checkContent(content, problems);
  return problems.list;
}

function checkContent(content: Content, problems: Problems): void {
  switch (content.type) {
    case 'text':
      return problems.text('content.text', content.text, LIMITS.text);
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return checkMedia(content, problems);
    case 'location':
      if (content.url !== undefined) problems.unsupported('content.url', 'WhatsApp shows no link on a location');
      return checkLocation('content', content, problems);
    case 'contacts':
      return checkContacts(content.contacts, problems);
    case 'reaction':
      if (!isText(content.messageId)) problems.invalid('content.messageId', 'must name the message that is reacted to');
      if (typeof content.emoji !== 'string')
        problems.invalid('content.emoji', 'must be an emoji, or empty to take it back');
      return;
    case 'buttons':
      return checkButtons(content, problems);
    case 'list':
      return checkList(content, problems);
    case 'template':
      return checkTemplate(content, problems);
    case 'native':
      return checkNative(content, problems);
    default: {
      const { type } = content as { type: unknown };
      const message = `WhatsApp cannot send ${String(type)}; it can send ${capabilities.outbound.join(', ')}`;
      return problems.unsupported('content.type', message);
    }
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Meta wants `formatted_name` and at least one more part of the name. */
function checkContacts(contacts: unknown, problems: Problems): void {
  const cards: unknown[] = Array.isArray(contacts) ? contacts : [];
  if (cards.length === 0) return problems.invalid('content.contacts', 'must hold at least one contact card');
  cards.forEach((card, index) => {
    const name = isJsonObject(card) ? card['name'] : undefined;
    const isNamed = isJsonObject(name) && isText(name['formatted_name']) && Object.keys(name).length > 1;
    if (isNamed) return;
    problems.invalid(`content.contacts[${index}].name`, 'must have formatted_name and one more part, e.g. first_name');
  });
}

/** Addressing and correlation of a native payload stay ours: a payload that brings its own could go astray. */
const OURS = ['to', 'recipient', 'recipient_type', 'messaging_product', 'biz_opaque_callback_data'];

function checkNative(content: NativeContent, problems: Problems): void {
  if (content.channel !== 'whatsapp') {
    problems.unsupported('content.channel', `must be whatsapp to go out on WhatsApp, not ${String(content.channel)}`);
  }
  if (!isJsonObject(content.payload)) return problems.invalid('content.payload', 'must be an object');
  if (!isText(content.payload['type'])) problems.invalid('content.payload.type', 'must name the type of the message');
  for (const key of OURS) {
    if (Object.hasOwn(content.payload, key)) {
      problems.invalid(`content.payload.${key}`, 'is set by the gateway and cannot be given');
    }
  }
}
