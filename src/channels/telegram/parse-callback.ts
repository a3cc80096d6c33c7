import type { Content, JsonObject, MessageReceived } from '../../contract/index.js';
import { asId, asList, asObject, asObjects, asText, defined } from '../wire/index.js';
import { whose } from './parse-message.js';
import { Broken, type Reading, idOf, readPlace, timeOfArrival } from './reading.js';

/**
 * Somebody pressed a button (core.telegram.org/bots/api, CallbackQuery). It has no time of its own, and Telegram shows that it is
 * at work until it is answered.
 */
export function readCallback(query: JsonObject, reading: Reading): MessageReceived {
  const id = asId(query['id']);
  const from = asObject(query['from']);
  if (id === undefined || from === undefined) throw new Broken('the callback query has no id or sender');
  const message = asObject(query['message']);
  // a button under a message that was sent by way of another chat names no chat: the person is known all the same
  const place = readPlace(asObject(message?.['chat']) ?? { ...from, type: 'private' }, from);
  const pressed = idOf(message);
  return defined({
    type: 'message' as const,
    account: reading.account,
    providerId: `callback:${id}`,
    occurredAt: timeOfArrival(reading),
    content: readChoice(query, message),
    ...whose(place),
    opensWindow: true,
    replyTo: pressed === undefined ? undefined : { providerId: pressed },
    variables: place.isPrivate ? { username: place.sender.username ?? '' } : undefined,
    confirm: { callback_query_id: id },
  });
}

/** The label stands on the button in the message, where Telegram still shows that. */
function readChoice(query: JsonObject, message: JsonObject | undefined): Content {
  const data = query['data'];
  if (typeof data !== 'string') return { type: 'unsupported', providerType: 'callback_query', raw: query };
  const rows = asList(asObject(message?.['reply_markup'])?.['inline_keyboard']);
  const button = rows.flatMap((row) => asObjects(row)).find((one) => one['callback_data'] === data);
  return { type: 'choice', id: data, title: asText(button?.['text']) ?? data, of: 'button' };
}
