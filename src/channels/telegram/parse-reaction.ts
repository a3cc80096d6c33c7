import type { Content, JsonObject, MessageReceived } from '../../contract/index.js';
import { asNumber, asObject, asObjects, asText } from '../wire/index.js';
import { providerIdOf } from './message-id.js';
import { whose } from './parse-message.js';
import { Broken, type Reading, readPlace, readTime } from './reading.js';

/** Somebody changed what they think of a message (core.telegram.org/bots/api, MessageReactionUpdated). */
export function readReaction(update: JsonObject, { account, updateId }: Reading): MessageReceived {
  const place = readPlace(asObject(update['chat']), asObject(update['user']) ?? asObject(update['actor_chat']));
  const messageId = asNumber(update['message_id']);
  if (messageId === undefined) throw new Broken('message_id is missing');
  return {
    type: 'message',
    account,
    // it has no id of its own
    providerId: `update:${updateId}`,
    occurredAt: readTime(update['date']),
    content: readEmoji(update, providerIdOf(place.chatId, messageId)),
    ...whose(place),
    opensWindow: true,
  };
}

/** The newest one that is new; none left: it was taken back. Those that are pictures and no emoji are passed on whole. */
function readEmoji(update: JsonObject, messageId: string): Content {
  const emojiOf = (list: unknown): string[] => asObjects(list).flatMap((one) => asText(one['emoji']) ?? []);
  const before = new Set(emojiOf(update['old_reaction']));
  const after = emojiOf(update['new_reaction']);
  const emoji = after.findLast((one) => !before.has(one)) ?? after.at(-1);
  if (emoji !== undefined) return { type: 'reaction', messageId, emoji };
  if (asObjects(update['new_reaction']).length === 0) return { type: 'reaction', messageId, emoji: '' };
  return { type: 'unsupported', providerType: 'message_reaction', raw: update };
}
