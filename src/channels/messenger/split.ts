import type { ChannelUpdate, JsonValue, UnhandledUpdate } from '../../contract/index.js';
import { splitEnvelope } from '../graph/index.js';

/** `object` of a webhook → the channel that reads its changes. */
const CHANNELS: ReadonlyMap<string, string> = new Map([['whatsapp_business_account', 'whatsapp']]);

/** A webhook of Meta's → pieces, each for one of the channels that this gateway type joins. */
export function split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[] {
  return splitEnvelope(body, CHANNELS);
}
