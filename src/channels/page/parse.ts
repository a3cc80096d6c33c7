import type {
  ChannelUpdate,
  GatewayContext,
  InboundEvent,
  JsonObject,
  JsonValue,
  ReceiptReceived,
  ReceiptsUpTo,
} from '../../contract/index.js';
import { asId, asList, asNumber, asObject, asText, defined } from '../graph/index.js';
import { readEcho, readMessages } from './parse-message.js';
import {
  HANDOVERS,
  readEdit,
  readHandover,
  readOptin,
  readPostback,
  readReaction,
  readReferral,
} from './parse-notice.js';
import { Broken, type ItemContext, readMoment, readTime, senderOf } from './reading.js';

/** Fields of `changes[]` that are known and of no use here: what is said in public. */
const PUBLIC_FIELDS = new Set([
  'feed',
  'comments',
  'live_comments',
  'mentions',
  'mention',
  'story_insights',
  'ratings',
  'conversations',
  'name',
]);

type Read = (item: JsonObject, told: JsonObject, context: ItemContext) => readonly InboundEvent[];

/** What an item may be about, by its member; looked for in this order, as a referral may stand beside a message. */
const KINDS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['message', (item, told, context) => (told['is_echo'] === true ? readEcho : readMessages)(item, told, context)],
  ['postback', one(readPostback)],
  ['reaction', one(readReaction)],
  ['message_edit', one(readEdit)],
  ['delivery', readDelivery],
  ['read', readRead],
  ['optin', one(readOptin)],
  ['referral', one(readReferral)],
  ...HANDOVERS.map((kind): [string, Read] => [
    kind,
    (item, told, context) => [readHandover(item, kind, told, context)],
  ]),
]);

/**
 * One item of a webhook → events (Meta: messenger-platform/reference/webhook-events). Total: whatever the JSON, it answers with
 * events; what makes no sense becomes an unhandled one.
 */
export function parse(
  update: ChannelUpdate,
  { settings }: Pick<GatewayContext, 'settings'> = { settings: {} },
): readonly InboundEvent[] {
  const body = asObject(update.body);
  const change = asObject(body?.['change']);
  if (change) return [ofChange(update, change)];
  const list = (['messaging', 'standby'] as const).find((name) => asObject(body?.[name]) !== undefined);
  const item = list && asObject(body?.[list]);
  const { account } = update;
  if (list === undefined || item === undefined || account === undefined) {
    return [unhandled(update, 'item.broken', 'neither an item nor a change')];
  }
  const kind = [...KINDS.keys()].find((name) => asObject(item[name]) !== undefined);
  const read = kind === undefined ? undefined : KINDS.get(kind);
  if (kind === undefined || read === undefined) {
    const named = Object.keys(item).filter((key) => !['sender', 'recipient', 'timestamp'].includes(key));
    return [unhandled(update, 'type.unknown', `an item with ${named.join(', ') || 'nothing in it'} is not known`)];
  }
  try {
    return read(item, asObject(item[kind]) ?? {}, {
      account,
      channel: update.channel === 'instagram' ? 'instagram' : 'facebook',
      appId: settings['client_id'] || undefined,
      entryTime: asNumber(body?.['time']),
      standby: list === 'standby' || undefined,
    });
  } catch (error) {
    if (error instanceof Broken) return [unhandled(update, 'item.broken', error.message)];
    throw error;
  }
}

function one(read: (item: JsonObject, told: JsonObject, context: ItemContext) => InboundEvent): Read {
  return (item, told, context) => [read(item, told, context)];
}

/** The messages that are named, and all before the mark (webhook-events/message-deliveries). */
function readDelivery(item: JsonObject, delivery: JsonObject, context: ItemContext): readonly InboundEvent[] {
  const userId = senderOf(item, context);
  const upTo = readMoment(delivery['watermark']);
  const occurredAt = upTo ?? readTime(item, context);
  const named = asList(delivery['mids'])
    .flatMap((mid) => asId(mid) ?? [])
    .map((mid) => receipt(item, context, mid, 'delivered', userId, occurredAt));
  if (named.length === 0 && upTo === undefined) throw new Broken('delivery has neither mids nor a watermark');
  return [...named, ...(upTo ? [mark(item, context, 'delivered', userId, upTo)] : [])];
}

/** All before the mark on Messenger; on Instagram the message that is named, and those before it. */
function readRead(item: JsonObject, read: JsonObject, context: ItemContext): readonly InboundEvent[] {
  const userId = senderOf(item, context);
  const mid = asId(read['mid']);
  const upTo = readMoment(read['watermark']) ?? (mid === undefined ? undefined : readTime(item, context));
  if (upTo === undefined) throw new Broken('read has neither a watermark nor a mid');
  return [
    ...(mid === undefined ? [] : [receipt(item, context, mid, 'read', userId, upTo)]),
    mark(item, context, 'read', userId, upTo),
  ];
}

function receipt(
  item: JsonObject,
  { account }: ItemContext,
  providerId: string,
  status: 'delivered' | 'read',
  userId: string,
  occurredAt: Date,
): ReceiptReceived {
  return { type: 'receipt', account, providerId, status, occurredAt, recipient: { userId }, raw: item };
}

function mark(
  item: JsonObject,
  { account }: ItemContext,
  status: 'delivered' | 'read',
  userId: string,
  upTo: Date,
): ReceiptsUpTo {
  return { type: 'receipts', account, person: { userId }, status, upTo, raw: item };
}

function ofChange(update: ChannelUpdate, change: JsonObject): InboundEvent {
  const field = asText(change['field']) ?? '';
  const { account, group, path } = update;
  if (PUBLIC_FIELDS.has(field))
    return defined({ type: 'unused' as const, account, group, kind: field, count: 1, path });
  return unhandled(update, 'field.unknown', `webhook field ${field} is not known`);
}

function unhandled({ account, group, path, body }: ChannelUpdate, code: string, detail: string): InboundEvent {
  const raw: JsonValue = body;
  return defined({ type: 'unhandled' as const, account, group, code, detail, path, raw });
}
