import type { JsonObject, ReachChanged } from '../../contract/index.js';
import { asObject, asText } from '../wire/index.js';
import { Broken, type Reading, readPlace, readTime } from './reading.js';

/**
 * What the bot is in a chat from now on (core.telegram.org/bots/api, ChatMemberUpdated): `kicked` from a private chat means that
 * the person blocked it. undefined: a channel, which has no conversation.
 */
export function readMembership(update: JsonObject, { account }: Reading): ReachChanged | undefined {
  const chat = asObject(update['chat']);
  if (chat?.['type'] === 'channel') return undefined;
  const member = asObject(update['new_chat_member']);
  const status = asText(member?.['status']);
  if (status === undefined) throw new Broken('new_chat_member.status is missing');
  const { sender, isPrivate } = readPlace(chat, undefined);
  const isOut =
    status === 'kicked' || status === 'left' || (status === 'restricted' && member?.['is_member'] === false);
  return {
    type: 'reach',
    account,
    person: sender,
    state: isOut ? 'lost' : 'back',
    occurredAt: readTime(update['date']),
    ...(!isPrivate && { group: true }),
  };
}
