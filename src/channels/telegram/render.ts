import {
  type Button,
  type ButtonsContent,
  type Content,
  type ContactsContent,
  type JsonObject,
  type LocationContent,
  type MediaContent,
  type OutboundMessage,
  type OutboundPart,
  singleKindOf,
} from '../../contract/index.js';
import { asObject, asObjects, asText, defined } from '../wire/index.js';
import { readProviderId } from './message-id.js';

/**
 * The call that puts a content on the wire: the method, and its parameters (core.telegram.org/bots/api). A file of ours stands there
 * as `attach://<our id>`: `send` puts its bytes in the place.
 */
export function render({ to, content, replyTo }: OutboundMessage): OutboundPart {
  const chatId = to.userId ?? '';
  if (content.type === 'reaction') return { payload: renderReaction(content.messageId, content.emoji, chatId) };
  const quoted = replyTo === undefined ? undefined : renderReply(replyTo, chatId);
  return { payload: defined({ ...renderContent(content), chat_id: asChatId(chatId), reply_parameters: quoted }) };
}

/** A number; the name of a public group or channel is text. */
export function asChatId(chatId: string): string | number {
  return /^-?\d{1,15}$/.test(chatId) ? Number(chatId) : chatId;
}

/** A quote of what is gone must not cost the answer. */
function renderReply(replyTo: string, chatId: string): JsonObject | undefined {
  const ref = readProviderId(replyTo);
  if (!ref) return undefined;
  const elsewhere = ref.chatId === chatId ? undefined : asChatId(ref.chatId);
  return defined({ message_id: ref.messageId, chat_id: elsewhere, allow_sending_without_reply: true });
}

/** To the message where it stands. */
function renderReaction(messageId: string, emoji: string, chatId: string): JsonObject {
  const ref = readProviderId(messageId) ?? { chatId, messageId: Number(messageId) };
  return {
    method: 'setMessageReaction',
    chat_id: asChatId(ref.chatId),
    message_id: ref.messageId,
    reaction: emoji === '' ? [] : [{ type: 'emoji', emoji }],
  };
}

function renderContent(content: Content): JsonObject {
  switch (content.type) {
    case 'text': {
      const preview = content.preview === undefined ? undefined : { is_disabled: !content.preview };
      return defined({ method: 'sendMessage', text: content.text, link_preview_options: preview });
    }
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return renderMedia(content);
    case 'location':
      return renderLocation(content);
    case 'contacts':
      return renderContact(content);
    case 'buttons':
      return { method: 'sendMessage', text: content.text, reply_markup: renderButtons(content) };
    case 'native':
      return { ...content.payload };
    default:
      throw new Error(`render was called with ${content.type}, which check refuses`);
  }
}

/** Parameters that a file can stand in. */
export const FILE_FIELDS = ['photo', 'video', 'animation', 'audio', 'voice', 'document', 'sticker'] as const;

/** Method and parameter by what the file is to be shown as. */
function placeOf({
  type,
  voice,
  animated,
}: MediaContent): readonly [method: string, field: (typeof FILE_FIELDS)[number]] {
  switch (type) {
    case 'image':
      return ['sendPhoto', 'photo'];
    case 'video':
      return animated ? ['sendAnimation', 'animation'] : ['sendVideo', 'video'];
    case 'audio':
      return voice ? ['sendVoice', 'voice'] : ['sendAudio', 'audio'];
    case 'sticker':
      return ['sendSticker', 'sticker'];
    case 'document':
      return ['sendDocument', 'document'];
  }
}

/** A UUID is an id of ours, as the sender hands over: Telegram's are far longer. */
export const OUR_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const ATTACHED = 'attach://';

function renderMedia(content: MediaContent): JsonObject {
  const { media, caption } = content;
  const [method, field] = placeOf(content);
  const named = media.id !== undefined && OUR_ID.test(media.id) ? `${ATTACHED}${media.id}` : media.id;
  return defined({ method, [field]: named ?? media.url, caption });
}

/** A place with a name or an address is a venue, which must have both. */
function renderLocation({ latitude, longitude, name, address }: LocationContent): JsonObject {
  const title = name ?? address;
  if (title === undefined) return { method: 'sendLocation', latitude, longitude };
  return { method: 'sendVenue', latitude, longitude, title, address: address ?? title };
}

function renderContact({ contacts: [card] }: ContactsContent): JsonObject {
  const name = asObject(card?.['name']);
  return defined({
    method: 'sendContact',
    phone_number: asText(asObjects(card?.['phones'])[0]?.['phone']),
    first_name: asText(name?.['first_name']) ?? asText(name?.['formatted_name']),
    last_name: asText(name?.['last_name']),
    vcard: asText(card?.['vcard']),
  });
}

/** A row for each button: labels are read whole. What asks for something goes on the keyboard below, and leaves it when pressed. */
function renderButtons({ buttons }: ButtonsContent): JsonObject {
  const [only, ...others] = buttons;
  const request = only && others.length === 0 ? requestOf(only) : undefined;
  if (only && request) {
    return { keyboard: [[{ text: only.title, ...request }]], resize_keyboard: true, one_time_keyboard: true };
  }
  return {
    inline_keyboard: buttons.map(({ type, id, title, url }) => [
      type === 'url' ? defined({ text: title, url }) : { text: title, callback_data: id ?? title },
    ]),
  };
}

function requestOf(button: Button): JsonObject | undefined {
  const kind = singleKindOf(button);
  if (kind === 'ask-phone') return { request_contact: true };
  return kind === 'ask-location' ? { request_location: true } : undefined;
}
