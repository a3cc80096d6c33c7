import type { ChannelUpdate, JsonValue, UnhandledUpdate } from '../../contract/index.js';
import { asObject, asText, splitEnvelope } from '../graph/index.js';
import { splitPages } from '../page/index.js';

/** `object` of a webhook → the channel that reads its changes. */
const CHANNELS: ReadonlyMap<string, string> = new Map([['whatsapp_business_account', 'whatsapp']]);

/** The same for objects whose entries are about a page, or an Instagram account. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ['page', 'facebook'],
  ['instagram', 'instagram'],
]);

/** A webhook of Meta's → pieces, each for one of the channels that this gateway type joins. */
export function split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[] {
  const envelope = asObject(body);
  const pages = PAGES.get(asText(envelope?.['object']) ?? '');
  return envelope && pages !== undefined ? splitPages(envelope, pages) : splitEnvelope(body, CHANNELS);
}
