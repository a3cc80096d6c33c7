import { type Content, type ContentType, type JsonObject, isJsonObject } from '../../contract/index.js';
import type { FieldError } from '../../platform/problem/problem.js';

/** What may stand in a content of each type: the wrong type or an unknown field is the caller's mistake (400). */
type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'object'
  | { readonly array: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly required?: readonly string[] }
  | { readonly oneOf: readonly string[] }
  | { readonly stringsOrMap: true };

interface Fields {
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

/** `providerId`, `state` and `error` are what we tell of a file ourselves: a bot may send back what it got. */
const MEDIA_REFERENCE: Shape = {
  fields: {
    id: 'string',
    url: 'string',
    mimeType: 'string',
    sha256: 'string',
    filename: 'string',
    size: 'number',
    providerId: 'string',
    state: 'string',
    error: 'object',
  },
};
const LOCATION: Readonly<Record<string, Shape>> = {
  latitude: 'number',
  longitude: 'number',
  name: 'string',
  address: 'string',
  url: 'string',
};
const MEDIA: Fields = {
  fields: { media: MEDIA_REFERENCE, caption: 'string', voice: 'boolean', animated: 'boolean' },
  required: ['media'],
};
const PARAMS: Shape = {
  fields: {
    header: {
      fields: {
        text: 'string',
        image: MEDIA_REFERENCE,
        video: MEDIA_REFERENCE,
        document: MEDIA_REFERENCE,
        location: { fields: LOCATION, required: ['latitude', 'longitude'] },
      },
    },
    body: { stringsOrMap: true },
    buttons: {
      array: {
        fields: { index: 'number', text: 'string', payload: 'string', code: 'string', flow: 'object' },
        required: ['index'],
      },
    },
    code: 'string',
    offer: { fields: { expiresAt: 'string' }, required: ['expiresAt'] },
  },
};

/** Types that only ever come from customers are not here: they cannot be sent. */
const SHAPES: Partial<Record<ContentType, Fields>> = {
  text: { fields: { text: 'string', preview: 'boolean', split: 'boolean' }, required: ['text'] },
  image: MEDIA,
  video: MEDIA,
  audio: MEDIA,
  document: MEDIA,
  sticker: MEDIA,
  location: { fields: LOCATION, required: ['latitude', 'longitude'] },
  contacts: { fields: { contacts: { array: 'object' } }, required: ['contacts'] },
  reaction: { fields: { messageId: 'string', emoji: 'string' }, required: ['messageId', 'emoji'] },
  buttons: {
    fields: {
      text: 'string',
      header: 'string',
      footer: 'string',
      buttons: {
        array: {
          fields: {
            type: { oneOf: ['reply', 'url', 'phone', 'location', 'email'] },
            id: 'string',
            title: 'string',
            url: 'string',
            phone: 'string',
          },
          required: ['type', 'title'],
        },
      },
    },
    required: ['text', 'buttons'],
  },
  list: {
    fields: {
      text: 'string',
      button: 'string',
      header: 'string',
      footer: 'string',
      sections: {
        array: {
          fields: {
            title: 'string',
            rows: {
              array: { fields: { id: 'string', title: 'string', description: 'string' }, required: ['id', 'title'] },
            },
          },
          required: ['rows'],
        },
      },
    },
    required: ['text', 'button', 'sections'],
  },
  template: {
    fields: { name: 'string', language: 'string', params: PARAMS, components: { array: 'object' } },
    required: ['name', 'language'],
  },
  native: { fields: { channel: 'string', payload: 'object' }, required: ['channel', 'payload'] },
};

export type ParsedContent = { readonly content: Content } | { readonly errors: readonly FieldError[] };

/** Reads a content that a caller or a bot wrote. Only the shape is judged here; limits are the channel's. */
export function parseContent(value: unknown, path = 'content'): ParsedContent {
  if (!isJsonObject(value)) return { errors: [wrong(path, `must be an object with a type, given ${kindOf(value)}`)] };
  const type = value['type'];
  const shape = typeof type === 'string' && Object.hasOwn(SHAPES, type) ? SHAPES[type as ContentType] : undefined;
  if (!shape) {
    const allowed = Object.keys(SHAPES).join(', ');
    return {
      errors: [wrong(`${path}.type`, `must be one of ${allowed}, given ${JSON.stringify(type) ?? 'nothing'}`)],
    };
  }
  const { type: _type, ...rest } = value;
  const errors = [...checkFields(rest, shape, path), ...unstorable(value, path)];
  return errors.length > 0 ? { errors } : { content: value as unknown as Content };
}

function checkFields(
  value: JsonObject,
  { fields, required = [] }: { fields: Fields['fields']; required?: readonly string[] },
  path: string,
): FieldError[] {
  const missing = required
    .filter((name) => value[name] === undefined)
    .map((name) => ({ path: `${path}.${name}`, code: 'required', message: `${path}.${name} is missing` }));
  const given = Object.entries(value).flatMap(([name, member]) => {
    if (member === undefined) return [];
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!shape)
      return [
        {
          path: `${path}.${name}`,
          code: 'unknown',
          message: `${path}.${name} is not known; known are ${Object.keys(fields).join(', ')}`,
        },
      ];
    return checkShape(member, shape, `${path}.${name}`);
  });
  return [...missing, ...given];
}

function checkShape(value: unknown, shape: Shape, path: string): FieldError[] {
  if (shape === 'string' || shape === 'boolean') {
    return typeof value === shape ? [] : [wrong(path, `must be a ${shape}, given ${kindOf(value)}`)];
  }
  if (shape === 'number')
    return Number.isFinite(value) ? [] : [wrong(path, `must be a number, given ${kindOf(value)}`)];
  if (shape === 'object') return isJsonObject(value) ? [] : [wrong(path, `must be an object, given ${kindOf(value)}`)];
  if ('oneOf' in shape) {
    return shape.oneOf.some((allowed) => allowed === value)
      ? []
      : [wrong(path, `must be one of ${shape.oneOf.join(', ')}`)];
  }
  if ('array' in shape) {
    if (!Array.isArray(value)) return [wrong(path, `must be an array, given ${kindOf(value)}`)];
    return value.flatMap((item, index) => checkShape(item, shape.array, `${path}[${index}]`));
  }
  if ('stringsOrMap' in shape) {
    const members = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : undefined;
    const fits = members?.every((member) => typeof member === 'string') ?? false;
    return fits ? [] : [wrong(path, 'must be an array of strings, or an object of strings by name')];
  }
  return isJsonObject(value)
    ? checkFields(value, shape, path)
    : [wrong(path, `must be an object, given ${kindOf(value)}`)];
}

/** U+0000 and halves of surrogate pairs are no text: no database and no network takes them. */
function unstorable(value: unknown, path: string): FieldError[] {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    return [wrong(path, 'is nested too deeply')];
  }
  return /\\u(?:0000|d[89a-f][0-9a-f]{2})/i.test(text.replaceAll('\\\\', ''))
    ? [{ path, code: 'text.invalid', message: `${path} contains U+0000 or a lone surrogate, which is not text` }]
    : [];
}

function wrong(path: string, message: string): FieldError {
  return { path, code: 'invalid', message: `${path} ${message}` };
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return `a ${typeof value}`;
}
