import type { GraphErrorInput } from './graph-error.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { Media, StoredMedia } from './media.js';
import type { MessageBody } from './message.types.js';
import type { JsonObject } from './world.types.js';

const MB = 1024 * 1024;

/** What each kind may be, and its size. Meta: business-phone-numbers/media */
const KINDS: Readonly<Record<string, { types?: readonly string[]; maxBytes: number }>> = {
  audio: { types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'], maxBytes: 16 * MB },
  image: { types: ['image/jpeg', 'image/png'], maxBytes: 5 * MB },
  video: { types: ['video/mp4', 'video/3gpp'], maxBytes: 16 * MB },
  sticker: { types: ['image/webp'], maxBytes: 500 * 1024 },
  document: { maxBytes: 100 * MB },
};

/** An upload must be something that could be sent at all. */
export function judgeUpload(mimeType: string, size: number): GraphError | undefined {
  if (!/^[\w.+-]+\/[\w.+-]+/.test(mimeType)) {
    return invalidParameter('Param file must be a file with a known type.');
  }
  return size > 100 * MB ? invalidParameter('Param file is too large.') : undefined;
}

export interface MediaVerdict {
  /** The send is refused. */
  error?: GraphError;
  /** It is accepted, and fails later. */
  late?: GraphErrorInput;
}

/** Ids that a message names must be there; whether the file fits its kind shows only later. */
export function judgeMediaUse(media: Media, body: MessageBody, phoneNumberId: string): MediaVerdict {
  for (const { kind, id } of namedIn(body)) {
    const stored = media.get(id);
    const isForeign = stored?.phoneNumberId !== undefined && stored.phoneNumberId !== phoneNumberId;
    if (stored === undefined || isForeign) {
      const details = `Param ${kind}['id'] is not a valid whatsapp business account media attachment ID`;
      return { error: invalidParameter(details) };
    }
    if (!fits(kind, stored)) {
      const details = `Unsupported media: ${stored.mimeType}, ${stored.bytes.length} bytes, sent as ${kind}`;
      return { late: { code: 131053, details } };
    }
  }
  return {};
}

function fits(kind: string, { mimeType, bytes }: StoredMedia): boolean {
  const rules = KINDS[kind];
  const base = (mimeType.split(';')[0] ?? '').trim();
  return rules === undefined || ((rules.types?.includes(base) ?? true) && bytes.length <= rules.maxBytes);
}

function namedIn(body: MessageBody): { kind: string; id: string }[] {
  const parts = (body.template?.components ?? []).flatMap(
    (component) => (component['parameters'] ?? []) as JsonObject[],
  );
  const places: JsonObject[] = [body, ...parts];
  return places.flatMap((place) =>
    Object.keys(KINDS).flatMap((kind) => {
      const id = (place[kind] as JsonObject | undefined)?.['id'];
      return typeof id === 'string' ? [{ kind, id }] : [];
    }),
  );
}
