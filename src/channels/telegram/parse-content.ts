import type { Content, JsonObject, JsonValue, LocationContent, MediaContent, MediaType } from '../../contract/index.js';
import { asId, asNumber, asObject, asObjects, asText, defined } from '../wire/index.js';
import { ENVELOPE, NOTICES, PASSED_ON } from './fields.js';
import { Broken } from './reading.js';

interface ContentRead {
  readonly content: Content;
  readonly attention?: string;
}

interface Kind {
  readonly type: MediaType;
  readonly voice?: true;
  readonly animated?: true;
}

/** Members of a message with a file in them. An animation comes with a `document` too, for older programs: it is looked for first. */
const FILES: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['animation', { type: 'video', animated: true }],
  ['photo', { type: 'image' }],
  ['video', { type: 'video' }],
  ['video_note', { type: 'video' }],
  ['voice', { type: 'audio', voice: true }],
  ['audio', { type: 'audio' }],
  ['document', { type: 'document' }],
  ['sticker', { type: 'sticker' }],
]);

/** What a message says (core.telegram.org/bots/api, Message); a kind without a shape of its own is kept whole, never dropped. */
export function readContent(message: JsonObject): ContentRead {
  const { text } = message;
  if (typeof text === 'string') return { content: { type: 'text', text } };
  for (const [key, kind] of FILES) {
    if (message[key] !== undefined) return { content: readFile(message, key, kind) };
  }
  const place = asObject(message['venue']) ?? asObject(message['location']);
  if (place) return { content: readLocation(place) };
  const contact = asObject(message['contact']);
  if (contact) return { content: { type: 'contacts', contacts: [readCard(contact)] } };
  const key = Object.keys(message).find((name) => !ENVELOPE.has(name));
  if (key === undefined) throw new Broken('the message has nothing in it');
  if (NOTICES.has(key)) return { content: { type: 'system', event: key, [key]: message[key] } };
  const content: Content = { type: 'unsupported', providerType: key, raw: message };
  return PASSED_ON.has(key) ? { content } : { content, attention: 'type.unknown' };
}

function readFile(message: JsonObject, key: string, { type, voice, animated }: Kind): MediaContent {
  // of a photo there are several sizes, the largest last
  const value = message[key];
  const file = key === 'photo' ? asObjects(value).at(-1) : asObject(value);
  const id = asText(file?.['file_id']);
  if (file === undefined || id === undefined) throw new Broken(`${key}.file_id is missing`);
  const isMoving = animated ?? (file['is_animated'] === true || file['is_video'] === true ? true : undefined);
  return defined({
    type,
    media: defined({
      id,
      mimeType: asText(file['mime_type']) ?? typeOf(key, file),
      filename: asText(file['file_name']),
      size: asNumber(file['file_size']),
    }),
    caption: asText(message['caption']),
    voice,
    animated: isMoving,
  });
}

/** What is always of one type says none (core.telegram.org/bots/api, PhotoSize, Sticker, VideoNote). */
function typeOf(key: string, file: JsonObject): string | undefined {
  if (key === 'photo') return 'image/jpeg';
  if (key === 'video_note') return 'video/mp4';
  if (key !== 'sticker') return undefined;
  if (file['is_animated'] === true) return 'application/x-tgsticker';
  return file['is_video'] === true ? 'video/webm' : 'image/webp';
}

function readLocation(place: JsonObject): LocationContent {
  const point = asObject(place['location']) ?? place;
  const [latitude, longitude] = [asNumber(point['latitude']), asNumber(point['longitude'])];
  if (latitude === undefined || longitude === undefined) throw new Broken('location has no latitude and longitude');
  const [name, address] = [asText(place['title']), asText(place['address'])];
  return defined({ type: 'location' as const, latitude, longitude, name, address });
}

/** In the members that contact cards have here; `user_id` is there when the person is on Telegram. */
function readCard(contact: JsonObject): JsonObject {
  const phone = asText(contact['phone_number']);
  if (phone === undefined) throw new Broken('contact.phone_number is missing');
  const [first, last] = [asText(contact['first_name']), asText(contact['last_name'])];
  const names = [first, last].filter((name) => name !== undefined);
  const number: JsonValue = defined({ phone, user_id: asId(contact['user_id']) });
  return defined({
    name: defined({ formatted_name: names.join(' ') || phone, first_name: first, last_name: last }),
    phones: [number],
    vcard: asText(contact['vcard']),
  });
}
