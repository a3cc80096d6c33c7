import type { GraphError } from './graph-error.js';
import { invalidParameter } from './graph-error.js';
import { judgeInteractive } from './judge-interactive.js';
import { judgeTemplate } from './judge-template.js';
import { longer, missing, wrongValue } from './judgement.js';
import { isPhone, isUserId } from './phone.js';
import type { JsonObject } from './world.types.js';

const MEDIA: ReadonlySet<string> = new Set(['image', 'video', 'audio', 'document', 'sticker']);

/**
 * Whether the body of a send is well-formed; what the platform's state says about it (window, number, template) is judged
 * elsewhere. Limits from Meta's client documentation and messages/send-messages; a type that is not known here passes.
 */
export function judgeMessage(body: JsonObject): GraphError | undefined {
  if (body['messaging_product'] !== 'whatsapp') {
    return invalidParameter('The parameter messaging_product is required.');
  }
  return judgeRecipient(body) ?? judgeFrame(body) ?? judgeContent(body);
}

function judgeRecipient({ to, recipient, recipient_type }: JsonObject): GraphError | undefined {
  if (to === undefined && recipient === undefined) {
    return invalidParameter('The parameter to is required.');
  }
  if (to === undefined) {
    return typeof recipient === 'string' && isUserId(recipient)
      ? undefined
      : invalidParameter('The parameter recipient is not a business-scoped user id.');
  }
  if (typeof to !== 'string' || to === '') {
    return invalidParameter('The parameter to is required.');
  }
  return recipient_type === 'group' || isPhone(to) ? undefined : wrongValue(`${to} is not a phone number`);
}

function judgeFrame(body: JsonObject): GraphError | undefined {
  const tracking = body['biz_opaque_callback_data'];
  if (tracking !== undefined && (typeof tracking !== 'string' || longer(tracking, 512))) {
    return invalidParameter('Param biz_opaque_callback_data must be a string of at most 512 characters.');
  }
  const context = body['context'] as JsonObject | undefined;
  if (context !== undefined && typeof context?.['message_id'] !== 'string') {
    return invalidParameter("The parameter context['message_id'] is required.");
  }
  return undefined;
}

function judgeContent(body: JsonObject): GraphError | undefined {
  const type = body['type'] ?? 'text';
  if (typeof type !== 'string') {
    return invalidParameter('Param type must be a string.');
  }
  const content = body[type];
  if (type === 'contacts') {
    return judgeContacts(content);
  }
  if (content === null || typeof content !== 'object') {
    return invalidParameter(`The parameter ${type} is required.`);
  }
  const fields = content as JsonObject;
  if (MEDIA.has(type)) {
    return judgeMedia(type, fields);
  }
  switch (type) {
    case 'text':
      return judgeText(fields);
    case 'template':
      return judgeTemplate(fields);
    case 'interactive':
      return judgeInteractive(fields);
    case 'reaction':
      return judgeReaction(fields);
    case 'location':
      return isCoordinate(fields['latitude'], 90) && isCoordinate(fields['longitude'], 180)
        ? undefined
        : wrongValue('latitude and longitude must be numbers on this planet');
    default:
      return undefined;
  }
}

function judgeText({ body }: JsonObject): GraphError | undefined {
  if (typeof body !== 'string' || body.trim() === '') {
    return invalidParameter("The parameter text['body'] is required.");
  }
  return longer(body, 4096) ? invalidParameter("Param text['body'] must be at most 4096 characters long.") : undefined;
}

function judgeMedia(type: string, { id, link, caption, voice }: JsonObject): GraphError | undefined {
  if (typeof id !== 'string' && typeof link !== 'string') {
    return missing(`${type}['id'] or ${type}['link']`);
  }
  if (typeof link === 'string' && !/^https?:\/\//.test(link)) {
    return wrongValue(`${type}['link'] is not a web address`);
  }
  if (caption !== undefined && (type === 'audio' || type === 'sticker')) {
    return wrongValue(`${type} takes no caption`);
  }
  if (voice !== undefined && (type !== 'audio' || typeof voice !== 'boolean')) {
    return wrongValue('voice is true or false, and of audio only');
  }
  return longer(caption, 1024)
    ? invalidParameter(`Param ${type}['caption'] must be at most 1024 characters long.`)
    : undefined;
}

function judgeContacts(contacts: unknown): GraphError | undefined {
  if (!Array.isArray(contacts) || contacts.length === 0) {
    return invalidParameter('The parameter contacts is required.');
  }
  if (contacts.length > 257) {
    return wrongValue('At most 257 contacts');
  }
  const cards = contacts as ({ name?: JsonObject; birthday?: string } | null)[];
  if (!cards.every((card) => Boolean(card?.name?.['formatted_name']))) {
    return missing("contacts[]['name']['formatted_name']");
  }
  if (!cards.every((card) => Object.keys(card?.name ?? {}).length > 1)) {
    return missing("one more part of contacts[]['name']");
  }
  return cards.every((card) => card?.birthday === undefined || /^\d{4}-\d{2}-\d{2}$/.test(card.birthday))
    ? undefined
    : wrongValue('birthday is YYYY-MM-DD');
}

function judgeReaction({ message_id, emoji }: JsonObject): GraphError | undefined {
  if (typeof message_id !== 'string' || message_id === '') {
    return missing("reaction['message_id']");
  }
  const isEmoji = emoji === '' || emoji === undefined || (typeof emoji === 'string' && /\p{Emoji}/u.test(emoji));
  return isEmoji ? undefined : wrongValue("reaction['emoji'] is no emoji");
}

function isCoordinate(value: unknown, limit: number): boolean {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Math.abs(number) <= limit;
}
