import { unknownObject } from './graph-error.js';
import type { GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import type { StoredMedia } from './media.js';
import type { JsonObject } from './world.types.js';

/** `GET /{media id}`: an address for five minutes. With `phone_number_id` only for that number's own media. */
export function viewMedia(call: GraphCall, stored: StoredMedia): JsonObject {
  const number = parameter(call.request, 'phone_number_id');
  if (number !== undefined && stored.phoneNumberId !== undefined && stored.phoneNumberId !== number) {
    throw unknownObject(call.request.method, stored.id);
  }
  return {
    messaging_product: 'whatsapp',
    url: `${call.request.origin}${call.platform.media.addressOf(stored.id)}`,
    mime_type: stored.mimeType,
    sha256: stored.sha256,
    file_size: stored.bytes.length,
    id: stored.id,
  };
}
