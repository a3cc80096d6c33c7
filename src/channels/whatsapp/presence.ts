import type { AccountCall, CallOutcome, JsonObject, PresenceFacet } from '../../contract/index.js';
import type { WhatsAppTransport } from './transport.js';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Marks of reading, and typing. Meta names no age beyond which a message cannot be marked; it keeps messages for 30 days, and
 * what is older has gone there. Meta: whatsapp/messages/mark-message-as-read, whatsapp/typing-indicators
 */
export function presenceOver(transport: WhatsAppTransport): PresenceFacet {
  const tell = async (providerId: string, more: JsonObject, call: AccountCall): Promise<CallOutcome> => {
    const answer = await transport.client(call).call({
      method: 'POST',
      path: transport.edgeOf(call.account, 'messages'),
      json: { messaging_product: 'whatsapp', status: 'read', message_id: providerId, ...more },
    });
    return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
  };
  return {
    markableMs: 30 * DAY_MS,
    markRead: ({ providerId }, call) => tell(providerId, {}, call),
    // for 25 seconds, or until the answer
    typing: ({ providerId }, call) => tell(providerId, { typing_indicator: { type: 'text' } }, call),
  };
}
