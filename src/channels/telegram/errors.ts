import type { JsonObject, RemoteError } from '../../contract/index.js';
import { asNumber, asText, defined } from '../wire/index.js';

type Reason = readonly [status: number, words: RegExp, code: string];

/**
 * Telegram's error codes are those of HTTP; what is meant stands in the description alone, whose words "are subject to change"
 * (core.telegram.org/bots/api, "Making requests"). So the words that matter get a code of ours, the number in front, and all
 * others keep the number: a description that changes is judged more roughly, and never wrongly.
 */
const REASONS: readonly Reason[] = [
  [400, /chat not found|PEER_ID_INVALID|user not found|chat_id is empty/i, '400.chat_not_found'],
  [400, /upgraded to a supergroup/i, '400.chat_upgraded'],
  [400, /(?:message|text) is too long/i, '400.text_too_long'],
  [400, /caption is too long|MEDIA_CAPTION_TOO_LONG/i, '400.caption_too_long'],
  [400, /text is empty|text must be non-empty/i, '400.text_empty'],
  [400, /BUTTON_(?:\w+_)?INVALID|button URL|REPLY_MARKUP_INVALID|inline keyboard|reply markup/i, '400.buttons'],
  [400, /can be requested in private chats only/i, '400.private_only'],
  [400, /REACTION|message to react/i, '400.reaction'],
  [400, /file is too big|file is too large/i, '400.file_too_big'],
  [400, /VOICE_MESSAGES_FORBIDDEN/i, '400.voice_forbidden'],
  [
    400,
    /not enough rights|no rights to send|need administrator rights|CHAT_\w*FORBIDDEN|CHAT_WRITE|CHAT_RESTRICTED/i,
    '400.no_rights',
  ],
  [400, /TOPIC_|message thread not found/i, '400.topic'],
  [
    400,
    /wrong (?:remote )?file|file identifier|HTTP URL|WEBPAGE|web page content|PHOTO_|IMAGE_|VIDEO_|can't use file|file must be/i,
    '400.file',
  ],
  [403, /blocked by the user/i, '403.blocked'],
  [403, /user is deactivated/i, '403.deactivated'],
  [403, /can't initiate conversation/i, '403.not_started'],
  [403, /kicked|not a member|was deleted/i, '403.left_group'],
];

/** `{ok: false, error_code, description}`; undefined when it is not that. */
export function readError(body: JsonObject, httpStatus: number): RemoteError | undefined {
  const status = asNumber(body['error_code']) ?? httpStatus;
  const description = asText(body['description']);
  if (description === undefined && asNumber(body['error_code']) === undefined) return undefined;
  const message = description ?? `HTTP ${status}`;
  const reason = REASONS.find(([wanted, words]) => wanted === status && words.test(message));
  return defined({ code: reason?.[2] ?? status, message, details: description, httpStatus: status });
}
