import { ApiError, badRequest, isJson, type Json, type SimChat } from './types.js';

/** Written from the API's own words (core.telegram.org/bots/api). */
const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_CALLBACK_DATA = 64;
const MB = 1024 * 1024;

/** As much of the fixed set as anybody uses (ReactionTypeEmoji). */
const REACTIONS = new Set(['👍', '👎', '❤', '🔥', '🥰', '👏', '😁', '🤔', '🤯', '😱', '🎉', '🤩', '🙏', '👌']);

export function judgeText(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') throw badRequest('message text is empty');
  if (text.length > MAX_TEXT) throw badRequest('message is too long');
  return text;
}

export function judgeCaption(value: unknown): void {
  if (typeof value === 'string' && value.length > MAX_CAPTION) throw badRequest('message caption is too long');
}

export function judgeSize(kind: string, bytes: number): void {
  if (bytes === 0) throw badRequest('file must be non-empty');
  if (bytes > (kind === 'photo' ? 10 : 50) * MB) throw new ApiError(413, 'Request Entity Too Large');
}

export function judgeReaction(reaction: unknown): void {
  const list: unknown[] = Array.isArray(reaction) ? reaction : [];
  for (const one of list) {
    const emoji = isJson(one) && one['type'] === 'emoji' ? one['emoji'] : undefined;
    if (typeof emoji !== 'string' || !REACTIONS.has(emoji)) throw badRequest('REACTION_INVALID');
  }
  if (list.length > 1) throw badRequest('REACTIONS_TOO_MANY');
}

/** What a bot can be seen doing (sendChatAction). */
const CHAT_ACTIONS = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
]);

export function judgeAction(action: unknown): string {
  if (typeof action === 'string' && CHAT_ACTIONS.has(action)) return action;
  throw badRequest('wrong parameter action in request');
}

export function judgeMarkup(value: unknown, { type }: SimChat): void {
  if (value === undefined) return;
  if (!isJson(value)) throw badRequest("can't parse reply keyboard markup JSON object");
  for (const row of rowsOf(value['inline_keyboard'])) for (const button of row) judgeInline(button);
  for (const row of rowsOf(value['keyboard'])) {
    for (const button of row) {
      const asks = isJson(button) && (button['request_contact'] === true || button['request_location'] === true);
      if (asks && type !== 'private') throw badRequest('phone number can be requested in private chats only');
      if (textOf(button) === '') throw badRequest('keyboard button text must be non-empty');
    }
  }
}

function judgeInline(button: unknown): void {
  if (!isJson(button) || textOf(button) === '') throw badRequest('inline keyboard button text must be non-empty');
  const kinds = ['callback_data', 'url', 'web_app', 'login_url'].filter((key) => button[key] !== undefined);
  if (kinds.length !== 1) throw badRequest('Text buttons are unallowed in the inline keyboard');
  const { callback_data: data, url } = button;
  const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 1;
  if (bytes < 1 || bytes > MAX_CALLBACK_DATA) throw badRequest('BUTTON_DATA_INVALID');
  if (url === undefined) return;
  const link = typeof url === 'string' ? url : '';
  if (!/^(?:https?|tg):\/\/./.test(link)) {
    throw badRequest(`inline keyboard button URL '${link}' is invalid: Wrong HTTP URL`);
  }
}

/** https, and ports that Telegram calls; a server of one's own (`--local`) takes http and any port (setWebhook). */
export function judgeWebhook({ url, secret_token: secret }: Json, isLocal: boolean): string {
  const target = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (!target) throw badRequest('bad webhook: invalid webhook URL specified');
  if (!isLocal && target.protocol !== 'https:') {
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  }
  if (!isLocal && !['', '443', '80', '88', '8443'].includes(target.port)) {
    throw badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
  }
  if (secret !== undefined && !(typeof secret === 'string' && /^[\w-]{1,256}$/.test(secret))) {
    throw badRequest('secret token contains unallowed characters');
  }
  return target.href;
}

function rowsOf(value: unknown): readonly (readonly unknown[])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((row) => Array.isArray(row))) {
    throw badRequest("can't parse keyboard button: expected an array of arrays");
  }
  return value as unknown[][];
}

function textOf(button: unknown): unknown {
  const text = isJson(button) ? button['text'] : button;
  return typeof text === 'string' ? text.trim() : '';
}
