import { isJsonObject, type Content, type ContentProblem, type NativeContent } from '../../contract/index.js';
import { capabilities, LIMITS } from './capabilities.js';
import { checkButtons, checkList } from './check-choice.js';
import { checkContacts } from './check-contacts.js';
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
      if (!isReaction(content.emoji)) problems.invalid('content.emoji', 'must be one emoji, or empty to take it back');
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

/** One character as a person sees it, and an emoji: a pictogram, a flag or a keycap. */
function isReaction(value: unknown): boolean {
  if (value === '') return true;
  if (typeof value !== 'string' || !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(value))
    return false;
  return [...new Intl.Segmenter().segment(value)].length === 1;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

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
