import { type Content, isJsonObject, type JsonObject, type JsonValue, MEDIA_TYPES } from '../../contract/index.js';
import { asId, asText, Broken, defined, needId } from './read.js';

type Read = (given: JsonObject) => JsonObject;

const text = (given: JsonObject, name: string): string => {
  const value = given[name];
  if (typeof value === 'string') return value;
  throw new Broken(`content.${name} must be a text`);
};

const number = (given: JsonObject, name: string): number => {
  const value = given[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Broken(`content.${name} must be a number`);
};

const truth = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** By a link, or by an id of the other system's; never by one of ours, which could name somebody else's file. */
function media(given: JsonObject): JsonObject {
  const { media: file } = given;
  if (!isJsonObject(file)) throw new Broken('content.media must be an object with a url');
  const { url, size } = file;
  const isWeb = typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isWeb) throw new Broken('content.media.url must be an http or https link');
  const { caption, voice, animated } = given;
  return defined({
    media: defined({
      url,
      providerId: asId(file['id']),
      mimeType: asText(file['mimeType']),
      sha256: asText(file['sha256']),
      filename: asText(file['filename']),
      size: typeof size === 'number' && Number.isFinite(size) ? size : undefined,
    }),
    caption: asText(caption),
    voice: truth(voice),
    animated: truth(animated),
  });
}

function contacts(given: JsonObject): JsonObject {
  const { contacts: cards } = given;
  if (!Array.isArray(cards) || !cards.every(isJsonObject)) throw new Broken('content.contacts must be objects');
  return { contacts: cards };
}

function choice(given: JsonObject): JsonObject {
  const of = ['button', 'list', 'template'].find((known) => known === given['of']) ?? 'button';
  const title = text(given, 'title');
  return defined({ id: asId(given['id']) ?? title, title, description: asText(given['description']), of });
}

function form(given: JsonObject): JsonObject {
  const data = given['data'] ?? null;
  return {
    name: asText(given['name']) ?? '',
    body: asText(given['body']) ?? '',
    data,
    raw: asText(given['raw']) ?? JSON.stringify(data),
  };
}

/** An edit of an edit says nothing more than an edit: what is nested deeper is kept as it is. */
function edit(given: JsonObject): JsonObject {
  const { content } = given;
  const isNested = isJsonObject(content) && content['type'] === 'edit';
  const changed: Content = isNested ? unsupported('edit', content) : parseContent(content).content;
  return { messageId: needId(given['messageId'], 'content.messageId'), content: changed as unknown as JsonValue };
}

/** What a person can say, by its type: only what the shape names is taken. */
const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['text', (given) => ({ text: text(given, 'text') })],
  ...MEDIA_TYPES.map((type): [string, Read] => [type, media]),
  [
    'location',
    (given) =>
      defined({
        latitude: number(given, 'latitude'),
        longitude: number(given, 'longitude'),
        name: asText(given['name']),
        address: asText(given['address']),
        url: asText(given['url']),
      }),
  ],
  ['contacts', contacts],
  [
    'reaction',
    (given) => ({ messageId: needId(given['messageId'], 'content.messageId'), emoji: text(given, 'emoji') }),
  ],
  ['choice', choice],
  ['form', form],
  ['order', ({ type: _, ...rest }) => rest],
  ['edit', edit],
  ['revoke', (given) => ({ messageId: needId(given['messageId'], 'content.messageId') })],
  ['system', ({ type: _, ...rest }) => ({ ...rest, event: text(rest, 'event') })],
]);

/** Known, but nothing that a person says: kept whole, without a call for attention. */
const OURS = new Set(['unsupported', 'buttons', 'list', 'template', 'native']);

/** A content of the neutral model; `attention` where its type is new to us. @throws Broken when it is not what its type says */
export function parseContent(given: JsonValue | undefined): { content: Content; attention?: string } {
  if (!isJsonObject(given)) throw new Broken('content must be an object with a type');
  const type = asText(given['type']);
  if (type === undefined) throw new Broken('content.type is missing');
  const read = READERS.get(type);
  if (read) return { content: { type, ...read(given) } as unknown as Content };
  const providerType = type === 'unsupported' ? (asText(given['providerType']) ?? type) : type;
  const content = unsupported(providerType, type === 'unsupported' ? (given['raw'] ?? given) : given);
  return OURS.has(type) ? { content } : { content, attention: `content of the type ${type} is not known` };
}

function unsupported(providerType: string, raw: JsonValue): Content {
  return { type: 'unsupported', providerType, raw };
}
