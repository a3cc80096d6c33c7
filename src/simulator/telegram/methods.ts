import type { Chats } from './chats.js';
import { botView } from './chats.js';
import type { Files } from './files.js';
import { judgeAction, judgeCaption, judgeMarkup, judgeReaction, judgeText } from './judge.js';
import type { Pace } from './pace.js';
import type { ApiRequest } from './request.js';
import { badRequest, isJson, type Json, type SimAction, type SimBot, type SimChat, type SimSent } from './types.js';

/** What methods work on. */
export interface World {
  readonly chats: Chats;
  readonly files: Files;
  readonly pace: Pace;
  nowMs(): number;
  sent(sent: SimSent): void;
  acted(action: SimAction): void;
  /** @returns false when it was answered already, or nobody pressed it */
  answer(callback: string): boolean;
}

type Method = (request: ApiRequest, bot: SimBot, world: World) => unknown;

/** Method and what of the message it makes out of its parameters. */
type Make = (params: Json) => Json;

const MEDIA: Readonly<Record<string, string>> = {
  sendPhoto: 'photo',
  sendDocument: 'document',
  sendVideo: 'video',
  sendAudio: 'audio',
  sendVoice: 'voice',
  sendAnimation: 'animation',
  sendSticker: 'sticker',
};

const OTHERS: Readonly<Record<string, Make>> = {
  sendMessage: ({ text }) => ({ text: judgeText(text) }),
  sendLocation: (params) => ({ location: pointOf(params) }),
  sendVenue: (params) => {
    const { title, address } = params;
    if (!isText(title) || !isText(address)) throw badRequest('title and address must be non-empty');
    return { location: pointOf(params), venue: { location: pointOf(params), title, address } };
  },
  sendContact: ({ phone_number: phone, first_name: first, last_name: last, vcard }) => {
    if (!isText(phone)) throw badRequest('phone number must be non-empty');
    if (!isText(first)) throw badRequest('first name must be non-empty');
    return { contact: defined({ phone_number: phone, first_name: first, last_name: last, vcard }) };
  },
  sendPoll: ({ question, options }) => {
    if (!isText(question) || !Array.isArray(options) || options.length < 2) {
      throw badRequest('poll must have a question and at least 2 options');
    }
    return { poll: { question, options } };
  },
};

/** Everything but what concerns the webhook. Throws `ApiError` in Telegram's words. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['getMe', (_, bot) => ({ ...botView(bot), can_join_groups: true, can_read_all_group_messages: false })],
  ['getFile', ({ params }, _, { files }) => files.find(params['file_id'])],
  ['answerCallbackQuery', answerCallback],
  ['setMessageReaction', setReaction],
  ['deleteMessage', deleteMessage],
  ['sendChatAction', act],
  ...Object.entries(MEDIA).map(([method, kind]): [string, Method] => [method, sendMedia(kind)]),
  ...Object.entries(OTHERS).map(([method, make]): [string, Method] => [
    method,
    (request, bot, world) => send(request, bot, world, make(request.params)),
  ]),
]);

function sendMedia(kind: string): Method {
  return (request, bot, world) => {
    judgeCaption(request.params['caption']);
    const upload = request.files.get(kind);
    const file = upload
      ? world.files.put(kind, upload.bytes, upload.mimeType, upload.filename)
      : world.files.named(kind, request.params[kind]);
    const what = defined({ [kind]: file.view, caption: request.params['caption'] });
    return send(request, bot, world, what, file.bytes);
  };
}

function send({ method, params }: ApiRequest, bot: SimBot, world: World, what: Json, bytes?: Buffer): Json {
  const chat = world.chats.writable(params['chat_id']);
  judgeMarkup(params['reply_markup'], chat);
  const quoted = quotedIn(params['reply_parameters'], chat);
  world.pace.take(chat, world.nowMs());
  const message = world.chats.put(
    chat,
    botView(bot),
    defined({ ...what, reply_to_message: quoted, reply_markup: params['reply_markup'] }),
  );
  world.sent({ method, chat: chat.id, message, ...(bytes && { bytes }) });
  return message;
}

function quotedIn(reply: unknown, chat: SimChat): Json | undefined {
  if (!isJson(reply)) return undefined;
  const found = chat.messages.get(Number(reply['message_id']));
  if (!found && reply['allow_sending_without_reply'] !== true) throw badRequest('message to be replied not found');
  return found;
}

function setReaction({ method, params }: ApiRequest, _: SimBot, world: World): true {
  const chat = world.chats.writable(params['chat_id']);
  const message = chat.messages.get(Number(params['message_id']));
  if (!message) throw badRequest('message to react not found');
  judgeReaction(params['reaction']);
  world.sent({ method, chat: chat.id, message: { message_id: params['message_id'], reaction: params['reaction'] } });
  return true;
}

/** Seen for a moment, and no message: it takes no place of the pace. */
function act({ params }: ApiRequest, _: SimBot, world: World): true {
  const chat = world.chats.writable(params['chat_id']);
  world.acted({ chat: chat.id, action: judgeAction(params['action']) });
  return true;
}

function deleteMessage({ method, params }: ApiRequest, _: SimBot, world: World): true {
  const chat = world.chats.writable(params['chat_id']);
  if (!chat.messages.delete(Number(params['message_id']))) throw badRequest('message to delete not found');
  world.sent({ method, chat: chat.id, message: { message_id: params['message_id'] } });
  return true;
}

function answerCallback({ params }: ApiRequest, _: SimBot, world: World): true {
  if (world.answer(String(params['callback_query_id']))) return true;
  throw badRequest('query is too old and response timeout expired or query ID is invalid');
}

function pointOf({ latitude, longitude }: Json): Json {
  const point = { latitude: Number(latitude), longitude: Number(longitude) };
  if (!(Math.abs(point.latitude) <= 90) || !(Math.abs(point.longitude) <= 180)) {
    throw badRequest('invalid location specified');
  }
  return point;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function defined(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
