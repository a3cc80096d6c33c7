import type { ChannelUpdate, JsonObject, JsonValue, UnhandledUpdate } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';

type Piece = ChannelUpdate | UnhandledUpdate;

/** `object` of a webhook → the channel that reads its changes. */
const CHANNELS: ReadonlyMap<string, string> = new Map([['whatsapp_business_account', 'whatsapp']]);

/**
 * Meta puts up to 1,000 updates of any accounts and numbers of an app into one body (Meta: webhooks/create-webhook-endpoint).
 * One piece per change. What is broken becomes an unhandled piece, so that its neighbours go on and nothing is lost.
 */
export function split(body: JsonValue): readonly Piece[] {
  const envelope = asObject(body);
  if (envelope === undefined) return [unhandled('body.invalid', 'the body is not a JSON object', '', body)];
  const object = asText(envelope['object']);
  const channel = CHANNELS.get(object ?? '');
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
  const address = asId(asObject(asObject(change['value'])?.['metadata'])?.['phone_number_id']);
  const account = address === undefined ? undefined : defined({ address, group });
  // the entry's time stands in for a missing one further down, so it travels with the change
  const time = entry['time'];
  return defined({ channel, account, group, path, body: time === undefined ? change : { ...change, time } });
}

function unhandled(code: string, detail: string, path: string, raw: JsonValue, group?: string): UnhandledUpdate {
  return { type: 'unhandled', code, detail, path, raw, ...(group && { group }) };
}
