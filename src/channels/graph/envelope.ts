import type { ChannelUpdate, JsonObject, JsonValue, UnhandledUpdate } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../wire/index.js';

type Piece = ChannelUpdate | UnhandledUpdate;

/**
 * Meta puts up to 1,000 updates of any accounts and numbers of an app into one body (Meta: webhooks/create-webhook-endpoint).
 * One piece per change. What is broken becomes an unhandled piece, so that its neighbours go on and nothing is lost.
 *
 * @param channels `object` of a webhook → the channel that reads its changes
 */
export function splitEnvelope(body: JsonValue, channels: ReadonlyMap<string, string>): readonly Piece[] {
  const envelope = asObject(body);
  if (envelope === undefined) return [unhandled('body.invalid', 'the body is not a JSON object', '', body)];
  const object = asText(envelope['object']);
  const channel = channels.get(object ?? '');
  if (channel === undefined) {
    const detail = object === undefined ? 'the body names no object' : `webhooks of object ${object} are not known`;
    return [unhandled('object.unknown', detail, 'object', body)];
  }
  const entries = envelope['entry'];
  if (!Array.isArray(entries)) return [unhandled('item.broken', 'entry is not a list', 'entry', body)];
  return entries.flatMap((entry, index) => splitEntry(channel, entry, `entry[${index}]`));
}

function splitEntry(channel: string, value: JsonValue, path: string): Piece[] {
  const entry = asObject(value);
  if (entry === undefined) return [unhandled('item.broken', 'the entry is not an object', path, value)];
  const changes = entry['changes'];
  const group = asId(entry['id']);
  if (!Array.isArray(changes)) {
    return [unhandled('item.broken', 'changes is not a list', `${path}.changes`, value, group)];
  }
  return changes.map((change, index) => toPiece(channel, change, entry, `${path}.changes[${index}]`));
}

function toPiece(channel: string, value: JsonValue, entry: JsonObject, path: string): Piece {
  const change = asObject(value);
  const group = asId(entry['id']);
  if (change === undefined) return unhandled('item.broken', 'the change is not an object', path, value, group);
  if (asText(change['field']) === undefined) {
    return unhandled('item.broken', 'the change names no field', `${path}.field`, value, group);
  }
  const address = numberOf(asObject(change['value']));
  const account = address === undefined ? undefined : defined({ address, group });
  // what the entry says of all its changes travels with each of them
  const shared = Object.fromEntries(SHARED.flatMap((key) => (entry[key] === undefined ? [] : [[key, entry[key]]])));
  return defined({ channel, account, group, path, body: { ...change, ...shared } });
}

/** Members of an entry that its changes need: the time that stands in for a missing one, and the ids of the new account model. */
const SHARED = ['time', 'messaging_account_id', 'waac_id'];

/** Where handovers name the number: Meta's example has `recipient`, its reference `metadata` like everything else. */
function numberOf(value: JsonObject | undefined): string | undefined {
  const places = [value?.['metadata'], value?.['recipient']].map(asObject);
  return places.map((place) => asId(place?.['phone_number_id'])).find((id) => id !== undefined);
}

function unhandled(code: string, detail: string, path: string, raw: JsonValue, group?: string): UnhandledUpdate {
  return { type: 'unhandled', code, detail, path, raw, ...(group && { group }) };
}
