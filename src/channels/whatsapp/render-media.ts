import type { JsonObject, MediaContent, MediaReference } from '../../contract/index.js';
import { defined } from '../graph/index.js';

export function renderMedia({ type, media, caption, voice }: MediaContent): JsonObject {
  const isVoice = type === 'audio' && voice === true;
  return defined({ ...reference(media, type === 'document'), caption, voice: isVoice || undefined });
}

/** Only documents show a file name; on others Meta refuses it. */
export function reference(media: MediaReference, withFilename: boolean): JsonObject {
  const filename = withFilename ? media.filename : undefined;
  return media.id !== undefined ? defined({ id: media.id, filename }) : defined({ link: media.url, filename });
}
