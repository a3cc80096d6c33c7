import type { Content, JsonObject, MediaType } from '../../contract/index.js';
import { asId, asNumber, asObject, asText, defined } from '../graph/index.js';
import { Broken } from './reading.js';

interface AttachmentRead {
  readonly content: Content;
  readonly attention?: string;
}

const FILES: ReadonlyMap<string, MediaType> = new Map([
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['file', 'document'],
]);

/** Types without a shape of their own that are known: posts, reels, cards, and pictures that are gone after one look. */
const PASSED_ON = new Set(['template', 'share', 'reel', 'ig_reel', 'ig_post', 'ephemeral']);

/** What stands for itself: the heart that a double tap sends. */
const HEART = '❤️';

/** One of `message.attachments[]`; a kind without a shape of its own is kept whole, never dropped. */
export function readAttachment(attachment: JsonObject): AttachmentRead {
  const type = asText(attachment['type']);
  if (type === undefined) throw new Broken('the attachment has no type');
  const payload = asObject(attachment['payload']);
  const file = FILES.get(type);
  if (file !== undefined) return { content: readFile(file, type, payload) };
  switch (type) {
    case 'location':
      return { content: readLocation(attachment, payload) };
    case 'fallback':
      return { content: readLink(attachment, payload) };
    case 'like_heart':
      return { content: { type: 'text', text: HEART } };
    case 'story_mention':
      return { content: defined({ type: 'system' as const, event: 'story_mention', url: asText(payload?.['url']) }) };
    default: {
      const content = { type: 'unsupported' as const, providerType: type, raw: attachment };
      return PASSED_ON.has(type) ? { content } : { content, attention: 'type.unknown' };
    }
  }
}

/** A link, not the file: Meta's file hosts give it to whoever has the link, for some days. */
function readFile(file: MediaType, type: string, payload: JsonObject | undefined): Content {
  const url = asText(payload?.['url']);
  if (url === undefined) throw new Broken(`${type} has no url`);
  const isSticker = asId(payload?.['sticker_id']) !== undefined;
  return { type: isSticker ? 'sticker' : file, media: { url } };
}

function readLocation(attachment: JsonObject, payload: JsonObject | undefined): Content {
  const point = asObject(payload?.['coordinates']);
  const [latitude, longitude] = [asNumber(point?.['lat']), asNumber(point?.['long'])];
  if (latitude === undefined || longitude === undefined) throw new Broken('location has no coordinates');
  const name = asText(payload?.['title']) ?? asText(attachment['title']);
  const url = asText(payload?.['url']) ?? asText(attachment['url']);
  return defined({ type: 'location' as const, latitude, longitude, name, url });
}

/** A link that Messenger shows with a preview. */
function readLink(attachment: JsonObject, payload: JsonObject | undefined): Content {
  const title = asText(payload?.['title']) ?? asText(attachment['title']);
  const url = asText(payload?.['url']) ?? asText(attachment['url']);
  const text = [title, url].filter((part) => part !== undefined).join('\n');
  if (text === '') return { type: 'unsupported', providerType: 'fallback', raw: attachment };
  return { type: 'text', text };
}
