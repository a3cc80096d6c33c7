import type {
  ChannelUpdate,
  GatewayContext,
  InboundEvent,
  JsonObject,
  JsonValue,
  UnhandledUpdate,
} from '../../contract/index.js';
import { asId, asObject, defined } from '../wire/index.js';
import { UNUSED_UPDATES } from './fields.js';
import { readCallback } from './parse-callback.js';
import { readMembership } from './parse-membership.js';
import { readEdit, readMessage } from './parse-message.js';
import { readReaction } from './parse-reaction.js';
import { Broken, type Reading } from './reading.js';
import { botIdOf } from './token.js';

type Read = (item: JsonObject, reading: Reading) => InboundEvent | undefined;

const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['message', readMessage],
  ['edited_message', readEdit],
  ['callback_query', readCallback],
  ['message_reaction', readReaction],
  ['my_chat_member', readMembership],
]);

/**
 * One update → events (core.telegram.org/bots/api, Update). Total: whatever the JSON, it answers with events; what makes no sense
 * becomes an unhandled one. The update does not say which bot it is for; the token does.
 */
export function parse(update: ChannelUpdate, { settings }: Pick<GatewayContext, 'settings'>): readonly InboundEvent[] {
  const body = asObject(update.body);
  const updateId = asId(body?.['update_id']);
  const address = botIdOf(settings);
  if (body === undefined || updateId === undefined) return [unhandled(update, 'item.broken', 'no update_id', '')];
  if (address === undefined) return [unhandled(update, 'account.unknown', 'the token names no bot', '')];
  const account = { address, group: address };
  const kinds = Object.keys(body).filter((key) => key !== 'update_id');
  const kind = kinds.find((key) => READERS.has(key)) ?? kinds[0];
  if (kind === undefined) return [unhandled(update, 'item.broken', 'the update has nothing in it', '', account)];
  const read = READERS.get(kind);
  if (!read) {
    if (UNUSED_UPDATES.has(kind)) return [{ type: 'unused', account, kind, count: 1, path: update.path }];
    return [unhandled(update, 'type.unknown', `updates of the kind ${kind} are not known`, kind, account)];
  }
  const item = asObject(body[kind]);
  if (item === undefined) return [unhandled(update, 'item.broken', `${kind} is not an object`, kind, account)];
  try {
    const event = read(item, { account, updateId, receivedAt: update.receivedAt });
    return [event ?? { type: 'unused', account, kind, count: 1, path: update.path }];
  } catch (error) {
    if (error instanceof Broken) return [unhandled(update, 'item.broken', error.message, kind, account)];
    throw error;
  }
}

function unhandled(
  { path, body }: ChannelUpdate,
  code: string,
  detail: string,
  below: string,
  account?: Reading['account'],
): UnhandledUpdate {
  const raw: JsonValue = body ?? null;
  return defined({ type: 'unhandled' as const, account, code, detail, path: path + below, raw });
}
