import type { AccountAddress, JsonObject, JsonValue, PersonIdentity } from '../../contract/index.js';
import { asId, asNumber, asObject, asText, defined } from '../wire/index.js';
import { providerIdOf } from './message-id.js';

/** An item that cannot be used, with the reason; never leaves `parse`. */
export class Broken extends Error {}

/** What the parts of one update share. */
export interface Reading {
  readonly account: AccountAddress;
  readonly updateId: string;
  readonly receivedAt: Date | undefined;
}

/** Where something was said: a private chat is the person, a group is a conversation of several. */
export interface Place {
  readonly chatId: string;
  readonly isPrivate: boolean;
  /** whom the dialog is with */
  readonly sender: PersonIdentity;
  /** who of a group it was */
  readonly author?: PersonIdentity;
}

/** Later than this, seconds are no seconds. */
const YEAR_2100 = 4_102_444_800;

/** Unix seconds. */
export function readTime(value: JsonValue | undefined): Date {
  const seconds = asNumber(value);
  if (seconds === undefined || seconds <= 0 || seconds >= YEAR_2100)
    throw new Broken('date is not a number of seconds');
  return new Date(Math.floor(seconds * 1000));
}

/** For what carries no time: when it came, in whole seconds as all other times are, so that the order stays. */
export function timeOfArrival({ receivedAt }: Reading): Date {
  if (!receivedAt) throw new Broken('nobody knows when it came');
  return new Date(Math.floor(receivedAt.getTime() / 1000) * 1000);
}

/** @param by who did it: a user, or a chat in whose name somebody wrote */
export function readPlace(chat: JsonObject | undefined, by: JsonObject | undefined): Place {
  const chatId = asId(chat?.['id']);
  if (chat === undefined || chatId === undefined) throw new Broken('chat.id is missing');
  const type = asText(chat['type']);
  const isPrivate = type === undefined ? !chatId.startsWith('-') : type === 'private';
  const author = by && asId(by['id']) !== undefined ? personOf(by) : undefined;
  if (isPrivate) return { chatId, isPrivate, sender: { ...personOf(chat), ...author, userId: chatId } };
  return defined({ chatId, isPrivate, sender: personOf(chat), author });
}

/** A user, or a chat. */
export function personOf(one: JsonObject): PersonIdentity {
  const names = [asText(one['first_name']), asText(one['last_name'])].filter((name) => name !== undefined);
  return defined({
    userId: asId(one['id']),
    username: asText(one['username']),
    name: names.length > 0 ? names.join(' ') : asText(one['title']),
  });
}

/** The network's id of a message object. */
export function idOf(message: JsonObject | undefined): string | undefined {
  const chatId = asId(asObject(message?.['chat'])?.['id']);
  const messageId = asNumber(message?.['message_id']);
  return chatId === undefined || messageId === undefined ? undefined : providerIdOf(chatId, messageId);
}
