import type { OutcomeTable } from '../../contract/index.js';
import { type OutcomeLine, outcomeTable } from '../wire/index.js';

const SECOND = 1_000;
const LOST = { lost: true } as const;

const NEW_TOKEN = 'Put the token that @BotFather shows into token, then run setup and subscribe.';

// prettier-ignore
const LINES: readonly OutcomeLine[] = [
  // the bot
  [401, 'token.invalid', 'hold', 'gateway', 'The token is not accepted', NEW_TOKEN],
  [404, 'token.invalid', 'hold', 'gateway', 'There is no bot with this token', NEW_TOKEN],
  [409, 'provider.conflict', 'retry', 'message', 'Another system uses this bot at the same moment', 'One bot has one webhook: end the other use of it.', 5 * SECOND],

  // paces
  [420, 'rate.account', 'retry', 'account', 'The bot sends faster than it may', undefined, 2 * SECOND],
  [429, 'rate.account', 'retry', 'account', 'The bot sends faster than it may', undefined, 2 * SECOND],
  ['429.group', 'rate.pair', 'retry', 'contact', 'Too many messages to this group in a short time', undefined, 3 * SECOND, { slows: 'pair' }],

  // Telegram's own side
  [500, 'provider.unavailable', 'retry', 'message', 'Telegram had an unknown error', undefined, 2 * SECOND],
  [502, 'provider.unavailable', 'retry', 'message', 'Telegram is restarting', undefined, 2 * SECOND],
  [503, 'provider.unavailable', 'retry', 'message', 'Telegram is overloaded or down', undefined, 2 * SECOND],
  [504, 'provider.unavailable', 'retry', 'message', 'Telegram took too long', undefined, 2 * SECOND],

  // the person, or the group
  ['400.chat_not_found', 'recipient.unknown', 'fail', 'contact', 'The bot knows no such chat', 'People must write to the bot first; a group must have it as a member.'],
  ['400.chat_upgraded', 'recipient.moved', 'retry', 'contact', 'The group goes by another id now', undefined, 2 * SECOND],
  ['400.voice_forbidden', 'recipient.restricted', 'fail', 'contact', 'The person takes no voice messages', 'Send it as a file, or as text.'],
  ['400.no_rights', 'recipient.restricted', 'fail', 'contact', 'The bot may not write this in the chat', 'Its administrators decide that.'],
  ['400.private_only', 'content.unsupported', 'fail', 'message', 'A phone number or location can be asked for in private chats only'],
  ['400.topic', 'recipient.restricted', 'fail', 'contact', 'The topic of the chat is closed or gone'],
  ['403.blocked', 'recipient.unreachable', 'fail', 'contact', 'The person has blocked the bot', undefined, undefined, LOST],
  ['403.deactivated', 'recipient.unreachable', 'fail', 'contact', 'The person has no account any more', undefined, undefined, LOST],
  ['403.left_group', 'recipient.unreachable', 'fail', 'contact', 'The bot is no member of the group any more', 'Somebody has to add it again.', undefined, LOST],
  ['403.not_started', 'recipient.unreachable', 'fail', 'contact', 'The person has not started the bot yet', 'They must press Start: send them a link https://t.me/<bot>?start=…'],
  [403, 'recipient.unreachable', 'fail', 'contact', 'The bot may not write to this chat'],

  // what is being sent
  ['400.text_too_long', 'content.too_long', 'fail', 'message', 'The text is too long'],
  ['400.caption_too_long', 'content.too_long', 'fail', 'message', 'The caption is too long'],
  ['400.text_empty', 'content.invalid', 'fail', 'message', 'Nothing is left of the text', 'It has nothing in it that can be seen.'],
  ['400.buttons', 'content.invalid', 'fail', 'message', 'A button is not valid', 'Look at its link.'],
  ['400.reaction', 'content.invalid', 'fail', 'message', 'The reaction is not possible', 'Telegram knows a fixed set of emoji, and chats may allow fewer; or the message is gone.'],
  ['400.file_too_big', 'media.too_large', 'fail', 'message', 'The file is too large'],
  ['400.file', 'media.invalid', 'fail', 'message', 'Telegram cannot use the file', 'Check its type, and that its link is public; by link up to 5 MB (photo) or 20 MB.'],
  ['http.413', 'media.too_large', 'fail', 'message', 'The file is too large'],
  [413, 'media.too_large', 'fail', 'message', 'The file is too large'],
  [400, 'request.invalid', 'fail', 'message', 'Telegram calls the request wrong', 'See the details.'],
];

/**
 * What Telegram's refusals of a message mean (core.telegram.org/bots/api, "Making requests"; bots/faq, "Broadcasting"). A number is
 * the `error_code`; `errors.ts` gives those whose description matters a code of their own. `429.group` is a 429 of a group.
 */
export const outcomes: OutcomeTable = outcomeTable(LINES);
