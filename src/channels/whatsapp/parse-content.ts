import {
  MEDIA_TYPES,
  type ChoiceContent,
  type Content,
  type JsonObject,
  type MediaContent,
  type MediaType,
} from '../../contract/index.js';
import { asId, asNumber, asObject, asObjects, asText, defined } from '../graph/index.js';
import { readForm } from './parse-form.js';
import { Broken } from './reading.js';

interface ContentRead {
  readonly content: Content;
  readonly attention?: string;
}

/** Types that Meta documents and that are passed on whole (webhooks/reference/messages). */
const PASSED_ON = new Set(['unsupported', 'unknown', 'request_welcome', 'media_placeholder']);

/** The same for what stands inside `interactive`. */
const INTERACTIVE_PASSED_ON = new Set(['call_permission_reply']);

/** How deep an edit of an edit is followed: no message is edited into its own edit, but JSON can say so. */
const MOST_EDITS = 3;

const isMediaType = (type: string): type is MediaType => (MEDIA_TYPES as readonly string[]).includes(type);

/** The content of a message of this type; a kind without a shape of its own is kept whole, never dropped. */
export function readContent(type: string, message: JsonObject, depth = 0): ContentRead {
  if (isMediaType(type)) return { content: readMedia(type, message) };
  switch (type) {
    case 'text': {
      const text = asObject(message['text'])?.['body'];
      if (typeof text !== 'string') throw new Broken('text.body is not a string');
      return { content: { type: 'text', text } };
    }
    case 'button':
      return { content: readChoice('template', asObject(message['button']), 'payload', 'text') };
    case 'interactive':
      return readInteractive(message);
    case 'location':
      return { content: readLocation(asObject(message['location'])) };
    case 'contacts': {
      const cards = asObjects(message['contacts']);
      if (cards.length === 0) throw new Broken('contacts has no card');
      return { content: { type: 'contacts', contacts: withOrigin(cards, asText(message['origin'])) } };
    }
    case 'order': {
      const order = asObject(message['order']);
      return order === undefined ? passOn(type, message, true) : { content: { ...order, type: 'order' } };
    }
    case 'edit':
      return readEdit(message, depth);
    case 'revoke':
      return { content: { type: 'revoke', messageId: originalOf('revoke', message) } };
    case 'reaction': {
      const reaction = asObject(message['reaction']);
      const messageId = asId(reaction?.['message_id']);
      if (messageId === undefined) throw new Broken('reaction.message_id is missing');
      return { content: { type: 'reaction', messageId, emoji: asText(reaction?.['emoji']) ?? '' } };
    }
    default:
      return passOn(type, message, PASSED_ON.has(type));
  }
}

function passOn(providerType: string, raw: JsonObject, isKnown: boolean): ContentRead {
  const content = { type: 'unsupported' as const, providerType, raw };
  return isKnown ? { content } : { content, attention: 'type.unknown' };
}

function readInteractive(message: JsonObject): ContentRead {
  const interactive = asObject(message['interactive']);
  const type = asText(interactive?.['type']);
  if (interactive === undefined || type === undefined) throw new Broken('interactive.type is missing');
  switch (type) {
    case 'button_reply':
      return { content: readChoice('button', asObject(interactive['button_reply']), 'id', 'title') };
    case 'list_reply':
      return { content: readChoice('list', asObject(interactive['list_reply']), 'id', 'title') };
    case 'nfm_reply':
      return { content: readForm(asObject(interactive['nfm_reply'])) };
    default:
      return passOn('interactive', message, INTERACTIVE_PASSED_ON.has(type));
  }
}

/** What the message says now; a kind without a shape of its own is kept whole. Meta: webhooks/reference/messages/edit */
function readEdit(message: JsonObject, depth: number): ContentRead {
  const messageId = originalOf('edit', message);
  const edited = asObject(asObject(message['edit'])?.['message']);
  const type = asText(edited?.['type']);
  if (edited === undefined || type === undefined) throw new Broken('edit.message has no type');
  const { content, attention } = depth < MOST_EDITS ? readContent(type, edited, depth + 1) : passOn(type, edited, true);
  return { content: { type: 'edit', messageId, content }, ...(attention !== undefined && { attention }) };
}

function originalOf(type: 'edit' | 'revoke', message: JsonObject): string {
  const id = asId(asObject(message[type])?.['original_message_id']);
  if (id === undefined) throw new Broken(`${type}.original_message_id is missing`);
  return id;
}

/** Whether a card answers a request for it; Meta puts that on the card or on the message. */
function withOrigin(cards: readonly JsonObject[], origin: string | undefined): readonly JsonObject[] {
  return origin === undefined ? cards : cards.map((card) => ({ origin, ...card }));
}

/** A tap says as much by its id as by its title: one of the two is enough. */
function readChoice(
  of: ChoiceContent['of'],
  reply: JsonObject | undefined,
  idKey: string,
  titleKey: string,
): ChoiceContent {
  const id = asId(reply?.[idKey]);
  const title = asText(reply?.[titleKey]);
  const known = id ?? title;
  if (known === undefined) throw new Broken(`the ${of} reply has neither ${idKey} nor ${titleKey}`);
  const description = asText(reply?.['description']);
  return { type: 'choice', id: id ?? known, title: title ?? known, ...(description && { description }), of };
}

function readLocation(location: JsonObject | undefined): Content {
  const latitude = asNumber(location?.['latitude']);
  const longitude = asNumber(location?.['longitude']);
  if (latitude === undefined || longitude === undefined) throw new Broken('location has no latitude and longitude');
  return defined({
    type: 'location' as const,
    latitude,
    longitude,
    name: asText(location?.['name']),
    address: asText(location?.['address']),
    url: asText(location?.['url']),
  });
}

/** A reference, not the file: ids live 7 days, URLs 5 minutes (Meta: business-phone-numbers/media). */
function readMedia(type: MediaType, message: JsonObject): MediaContent {
  const body = asObject(message[type]);
  const id = asId(body?.['id']);
  const url = asText(body?.['url']);
  if (id === undefined && url === undefined) throw new Broken(`${type} has neither an id nor a url`);
  const media = defined({
    id,
    url,
    mimeType: asText(body?.['mime_type']),
    sha256: asText(body?.['sha256']),
    filename: asText(body?.['filename']),
  });
  return defined({
    type,
    media,
    caption: asText(body?.['caption']),
    voice: body?.['voice'] === true || undefined,
    animated: body?.['animated'] === true || undefined,
  });
}
