import type { LocationContent, MediaContent, MediaReference } from '../../contract/index.js';
import { capabilities } from './capabilities.js';
import { isWebUrl, type Problems } from './problems.js';

export function checkMedia(content: MediaContent, problems: Problems): void {
  checkReference('content.media', content.media, problems);
  const { mimeType } = content.media ?? {};
  if (content.type === 'audio' && content.voice && mimeType !== undefined && !/^audio\/ogg\b/i.test(mimeType)) {
    problems.invalid('content.voice', `a voice note must be audio/ogg with Opus; given: ${mimeType}`);
  }
  if (content.caption === undefined) return;
  const captionMax = capabilities.media[content.type]?.captionMax ?? 0;
  if (captionMax > 0) problems.text('content.caption', content.caption, captionMax);
  else problems.unsupported('content.caption', `WhatsApp shows no caption with ${content.type}; send it as a text`);
}

/** An id of an uploaded file, or a link from which Meta fetches it; the id wins where both are given. */
export function checkReference(path: string, reference: MediaReference | undefined, problems: Problems): void {
  const { id, url } = reference ?? {};
  if (typeof id === 'string' && id.trim() !== '') return;
  if (id !== undefined) return problems.invalid(`${path}.id`, 'must be the id of an uploaded file');
  if (url === undefined) return problems.invalid(path, 'must have an id or a url');
  if (!isWebUrl(url)) problems.invalid(`${path}.url`, 'must be an http or https link');
}

export function checkLocation(path: string, location: Omit<LocationContent, 'type'>, problems: Problems): void {
  const within = (value: unknown, max: number): boolean => typeof value === 'number' && Math.abs(value) <= max;
  if (!within(location.latitude, 90)) problems.invalid(`${path}.latitude`, 'must be a number from -90 to 90');
  if (!within(location.longitude, 180)) problems.invalid(`${path}.longitude`, 'must be a number from -180 to 180');
}
