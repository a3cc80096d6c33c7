import {
  type AccountAddress,
  type ChannelUpdate,
  type ConversationClosed,
  type GatewayContext,
  type InboundEvent,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type MessageReceived,
  type ReceiptReceived,
  type RemoteError,
  type UnhandledUpdate,
} from '../../contract/index.js';
import { parseContent } from './parse-content.js';
import { accountsOf, asId, asText, Broken, groupOf, needId, needPerson, needTime } from './read.js';

type Read = (item: JsonObject, account: AccountAddress) => InboundEvent;

const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['message', readMessage],
  ['status', readStatus],
  ['close', readClose],
]);

/** One signed event → what it means. Total: what makes no sense becomes an unhandled item that says what was expected. */
export function parse(
  update: ChannelUpdate,
  context: Pick<GatewayContext, 'gateway' | 'settings'>,
): readonly InboundEvent[] {
  const { body: item } = update;
  try {
    if (!isJsonObject(item)) throw new Broken('not an object');
    const type = asText(item['type']);
    const read = READERS.get(type ?? '');
    if (!read) return [unknownType(update, type)];
    return [read(item, accountOf(item, context))];
  } catch (error) {
    if (error instanceof Broken) return [unhandled(update, 'item.broken', error.message)];
    throw error;
  }
}

function readMessage(item: JsonObject, account: AccountAddress): MessageReceived {
  const replyTo = asId(item['replyTo']);
  return {
    type: 'message',
    account,
    providerId: needId(item['id'], 'id'),
    sender: needPerson(item['from']),
    occurredAt: needTime(item['at']),
    ...parseContent(item['content']),
    opensWindow: true,
    ...(replyTo !== undefined && { replyTo: { providerId: replyTo } }),
    ...(isJsonObject(item['referral']) && { referral: item['referral'] }),
  };
}

/** Names the message by the id that was answered, by our attempt, or by both; with the attempt, it settles a doubt. */
function readStatus(item: JsonObject, account: AccountAddress): ReceiptReceived {
  const attempt = asId(item['attempt']);
  const providerId = asId(item['id']) ?? attempt;
  if (providerId === undefined) throw new Broken('a status must name the id or the attempt of a message');
  const error = errorOf(item['error']);
  return {
    type: 'receipt',
    account,
    providerId,
    status: needId(item['status'], 'status'),
    occurredAt: needTime(item['at']),
    ...(attempt !== undefined && { attempt }),
    ...(error && { error }),
    raw: item,
  };
}

function readClose(item: JsonObject, account: AccountAddress): ConversationClosed {
  return { type: 'closed', account, person: needPerson(item['from']), occurredAt: needTime(item['at']) };
}

export function errorOf(value: JsonValue | undefined): RemoteError | undefined {
  const given = isJsonObject(value) ? value : { message: value };
  const [code, message] = [asId(given['code']), asText(given['message']) ?? asText(given['detail'])];
  if (code === undefined && message === undefined) return undefined;
  return { code: code ?? 'unknown', message: message ?? code ?? '' };
}

/** May be left out where there is only one. */
function accountOf(
  item: JsonObject,
  { gateway, settings }: Pick<GatewayContext, 'gateway' | 'settings'>,
): AccountAddress {
  const group = groupOf(gateway);
  const given = item['account'];
  if (given !== undefined && given !== null) return { address: needId(given, 'account'), group };
  const [only, ...others] = accountsOf(settings, gateway);
  if (only && others.length === 0) return { address: only.address, group };
  throw new Broken('account is missing, and the gateway has several');
}

function unknownType(update: ChannelUpdate, type: string | undefined): UnhandledUpdate {
  const known = [...READERS.keys()].join(', ');
  if (type === undefined) return unhandled(update, 'item.broken', `type is missing; it must be one of ${known}`);
  return unhandled(update, 'type.unknown', `the type ${type} is not known; it must be one of ${known}`);
}

function unhandled({ account, path, body }: ChannelUpdate, code: string, detail: string): UnhandledUpdate {
  return { type: 'unhandled', ...(account && { account }), code, detail, path, raw: body };
}
