import type { Content, JsonObject, MessageReceived } from '../../contract/index.js';
import { asId, asNumber, asObject, asText, defined } from '../wire/index.js';
import { readContent } from './parse-content.js';
import { Broken, type Place, type Reading, idOf, readPlace, readTime } from './reading.js';

/** `/start <payload>` of a deep link (core.telegram.org/bots/features, "Deep Linking"): 1 to 64 of `A-Za-z0-9_-`. */
const START = /^\/start(?:@\w+)? ([\w-]{1,64})$/;

/** core.telegram.org/bots/api, Message. Throws `Broken` when it has no id, chat or date. */
export function readMessage(message: JsonObject, { account }: Reading): MessageReceived {
  const place = placeOf(message);
  const providerId = requireId(message);
  const occurredAt = readTime(message['date']);
  const moved = readMigration(message, place);
  if (moved) return { type: 'message', account, occurredAt, opensWindow: false, group: true, ...moved };
  const read = readContent(message);
  const ref = place.isPrivate && read.content.type === 'text' ? START.exec(read.content.text)?.[1] : undefined;
  return defined({
    type: 'message' as const,
    account,
    providerId,
    occurredAt,
    ...read,
    ...whose(place),
    opensWindow: read.content.type !== 'system',
    replyTo: repliesTo(message),
    forwarded: isForwarded(message) ? ('once' as const) : undefined,
    referral: ref === undefined ? undefined : { source: 'deep_link', ref },
    variables: place.isPrivate ? variablesOf(place, ref) : undefined,
  });
}

/** The new text or caption; files and all else of a message can be edited too. */
export function readEdit(message: JsonObject, { account, updateId }: Reading): MessageReceived {
  const place = placeOf(message);
  const { content, ...read } = readContent(message);
  const edit: Content = { type: 'edit', messageId: requireId(message), content };
  return defined({
    type: 'message' as const,
    account,
    // an edit has no id of its own
    providerId: `update:${updateId}`,
    occurredAt: readTime(message['edit_date'] ?? message['date']),
    content: edit,
    ...read,
    ...whose(place),
    opensWindow: false,
  });
}

/** Whom the dialog is with, and who of several people it was. */
export function whose({ sender, author, isPrivate }: Place) {
  return { sender, ...(!isPrivate && { group: true as const, ...(author && { author }) }) };
}

/** The name that people are found by, and what their link brought along. */
function variablesOf({ sender }: Place, ref: string | undefined): Readonly<Record<string, string>> {
  return { username: sender.username ?? '', ...(ref !== undefined && { ref }) };
}

function placeOf(message: JsonObject): Place {
  return readPlace(asObject(message['chat']), asObject(message['from']) ?? asObject(message['sender_chat']));
}

function requireId(message: JsonObject): string {
  const id = idOf(message);
  if (id === undefined) throw new Broken('message_id or chat.id is missing');
  return id;
}

function repliesTo(message: JsonObject): { readonly providerId: string } | undefined {
  const providerId = idOf(asObject(message['reply_to_message']));
  return providerId === undefined ? undefined : { providerId };
}

/** `forward_date` in versions before 7.0. */
function isForwarded(message: JsonObject): boolean {
  return asObject(message['forward_origin']) !== undefined || asNumber(message['forward_date']) !== undefined;
}

/**
 * A group became a supergroup and goes by another id. It is told twice, in the old chat and in the new one, in any order: both are
 * one event.
 */
function readMigration(
  message: JsonObject,
  { chatId, sender }: Place,
): Pick<MessageReceived, 'providerId' | 'sender' | 'content' | 'moved'> | undefined {
  const [to, from] = [asId(message['migrate_to_chat_id']), asId(message['migrate_from_chat_id'])];
  if (to === undefined && from === undefined) return undefined;
  const [before, after] = to === undefined ? [from ?? '', chatId] : [chatId, to];
  return {
    providerId: `migrate:${before}:${after}`,
    sender: { ...defined({ name: asText(sender.name) }), userId: before },
    content: { type: 'system', event: 'group_migrated', userId: after, previousUserId: before },
    moved: { userId: after },
  };
}
