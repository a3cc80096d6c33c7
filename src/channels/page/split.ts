import type { ChannelUpdate, JsonObject, JsonValue, UnhandledUpdate } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';

type Piece = ChannelUpdate | UnhandledUpdate;

/** Lists of an entry whose items are about one person each. */
const LISTS = ['messaging', 'standby'] as const;

/**
 * A webhook about pages or Instagram accounts → a piece for each item. The entry names the account; what it says of all its items
 * travels with each. What is broken becomes an unhandled piece, so that its neighbours go on and nothing is lost.
 */
export function splitPages(body: JsonObject, channel: string): readonly Piece[] {
  const entries = body['entry'];
  if (!Array.isArray(entries)) return [unhandled('entry is not a list', 'entry', body)];
  return entries.flatMap((entry, index) => splitEntry(channel, entry, `entry[${index}]`));
}

function splitEntry(channel: string, value: JsonValue, path: string): Piece[] {
  const entry = asObject(value);
  if (entry === undefined) return [unhandled('the entry is not an object', path, value)];
  const address = asId(entry['id']);
  if (address === undefined) return [unhandled('the entry names no account', `${path}.id`, value)];
  const account = channel === 'facebook' ? { address, group: address } : { address };
  const time = entry['time'];
  const pieces: Piece[] = [];
  for (const list of [...LISTS, 'changes']) {
    const items = entry[list];
    if (items === undefined || items === null) continue;
    if (!Array.isArray(items)) {
      pieces.push(unhandled(`${list} is not a list`, `${path}.${list}`, value, address));
      continue;
    }
    for (const [index, item] of items.entries()) {
      const where = `${path}.${list}[${index}]`;
      pieces.push(toPiece(channel, list, item, { account, path: where, time }));
    }
  }
  return pieces.length > 0 ? pieces : [unhandled('neither messaging nor standby nor changes', path, value, address)];
}

function toPiece(
  channel: string,
  list: string,
  value: JsonValue,
  { account, path, time }: Pick<ChannelUpdate, 'account' | 'path'> & { time: JsonValue | undefined },
): Piece {
  const item = asObject(value);
  if (item === undefined || (list === 'changes' && asText(item['field']) === undefined)) {
    return unhandled('the item is not an object that says what it is', path, value, account?.address);
  }
  const body = defined({ [list === 'changes' ? 'change' : list]: item, time });
  return defined({ channel, account, group: account?.group, path, body });
}

function unhandled(detail: string, path: string, raw: JsonValue, address?: string): UnhandledUpdate {
  return {
    type: 'unhandled',
    code: 'item.broken',
    detail,
    path,
    raw,
    ...(address !== undefined && { account: { address } }),
  };
}
