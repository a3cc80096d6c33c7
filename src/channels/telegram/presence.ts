import type { PresenceFacet } from '../../contract/index.js';
import { botClient } from './client.js';
import { asChatId } from './render.js';

/**
 * For five seconds, or until the bot's next message (core.telegram.org/bots/api, sendChatAction): in the chat, whatever was written
 * there and when. Bots have no way to show what they have read.
 */
export const presence: PresenceFacet = {
  async typing({ from }, call) {
    const params = { chat_id: asChatId(from.userId ?? ''), action: 'typing' };
    const answer = await botClient(call).call({ method: 'sendChatAction', params });
    return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
  },
};
