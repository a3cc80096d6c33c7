import {
  isJsonObject,
  type Button,
  type ButtonsContent,
  type Content,
  type ContactsContent,
  type ContentProblem,
  type MediaContent,
  type NativeContent,
  type ReactionContent,
  singleKindOf,
} from '../../contract/index.js';
import { asObject, asObjects, asText } from '../wire/index.js';
import { capabilities, LIMITS } from './capabilities.js';
import { readProviderId } from './message-id.js';
import { isNativeMethod } from './native.js';
import { OUR_ID } from './render.js';
import { isText, isWebUrl, Problems } from './problems.js';

/** Every limit of Telegram that can be judged without asking it (core.telegram.org/bots/api, "Available methods"). */
export function check(content: Content): readonly ContentProblem[] {
  const problems = new Problems();
  checkContent(content, problems);
  return problems.list;
}

function checkContent(content: Content, problems: Problems): void {
  switch (content.type) {
    case 'text':
      return problems.text('content.text', content.text, LIMITS.text);
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return checkMedia(content, problems);
    case 'location': {
      const within = (value: unknown, max: number): boolean => typeof value === 'number' && Math.abs(value) <= max;
      if (content.url !== undefined) problems.unsupported('content.url', 'Telegram shows no link on a location');
      if (!within(content.latitude, 90)) problems.invalid('content.latitude', 'must be a number from -90 to 90');
      if (!within(content.longitude, 180)) problems.invalid('content.longitude', 'must be a number from -180 to 180');
      return;
    }
    case 'contacts':
      return checkContacts(content, problems);
    case 'reaction':
      return checkReaction(content, problems);
    case 'buttons':
      return checkButtons(content, problems);
    case 'native':
      return checkNative(content, problems);
    default: {
      const { type } = content as { type: unknown };
      const message = `Telegram cannot send ${String(type)}; it can send ${capabilities.outbound.join(', ')}`;
      return problems.unsupported('content.type', message);
    }
  }
}

/** An id (ours, or a `file_id` of Telegram's), or a link that Telegram fetches; the id wins where both are given. */
function checkMedia({ type, media, caption }: MediaContent, problems: Problems): void {
  const { id, url } = media ?? {};
  if (id !== undefined && !isText(id)) problems.invalid('content.media.id', 'must be the id of a file');
  if (id === undefined && url === undefined) problems.invalid('content.media', 'must have an id or a url');
  if (id === undefined && url !== undefined && !/^https?:/i.test(url)) {
    problems.invalid('content.media.url', 'must be an http or https link');
  }
  if (caption === undefined) return;
  const captionMax = capabilities.media[type]?.captionMax ?? 0;
  if (captionMax > 0) problems.text('content.caption', caption, captionMax);
  else problems.unsupported('content.caption', `Telegram shows no caption with ${type}; send it as a text`);
}

function checkContacts({ contacts }: ContactsContent, problems: Problems): void {
  if (contacts.length !== LIMITS.contacts) {
    const given = `has ${contacts.length} cards; Telegram takes one per message`;
    return problems.unsupported('content.contacts', given);
  }
  const [card] = contacts;
  if (!isText(asObjects(card?.['phones'])[0]?.['phone'])) {
    problems.invalid('content.contacts[0].phones', 'must have a phone number first: {"phone": "+…"}');
  }
  const name = asObject(card?.['name']);
  if (!isText(asText(name?.['first_name']) ?? name?.['formatted_name'])) {
    problems.invalid('content.contacts[0].name', 'must have a first_name or a formatted_name');
  }
}

function checkReaction({ messageId, emoji }: ReactionContent, problems: Problems): void {
  if (!isText(messageId)) problems.invalid('content.messageId', 'must name the message that is reacted to');
  // ids of ours become the network's later on
  else if (!OUR_ID.test(messageId) && !readProviderId(messageId) && !/^\d{1,15}$/.test(messageId)) {
    problems.invalid('content.messageId', 'must be an id of ours, or <chat id>:<message id> of Telegram’s');
  }
  const isOne = emoji === '' || (isText(emoji) && [...new Intl.Segmenter().segment(emoji)].length === 1);
  if (!isOne) problems.invalid('content.emoji', 'must be one emoji, or empty to take it back');
}

function checkButtons({ text, header, footer, buttons }: ButtonsContent, problems: Problems): void {
  problems.text('content.text', text, LIMITS.text);
  if (header !== undefined) problems.unsupported('content.header', 'Telegram has no place for a header');
  if (footer !== undefined) problems.unsupported('content.footer', 'Telegram has no place for a footer');
  if (buttons.length === 0) problems.invalid('content.buttons', 'must have at least one button');
  if (buttons.length > LIMITS.buttons) {
    problems.unsupported('content.buttons', `has ${buttons.length} buttons; Telegram allows ${LIMITS.buttons}`);
  }
  buttons.forEach((button, index) => checkButton(button, `content.buttons[${index}]`, buttons.length === 1, problems));
  const replies = buttons.filter(({ type }) => type === 'reply').map(({ id, title }) => id ?? title);
  if (new Set(replies).size < replies.length) problems.invalid('content.buttons', 'ids must differ from one another');
}

function checkButton(button: Button, path: string, isAlone: boolean, problems: Problems): void {
  const { type, id, title, url } = button;
  problems.text(`${path}.title`, title, LIMITS.label);
  if (type === 'reply') {
    if (id === '') return problems.invalid(`${path}.id`, 'must not be empty');
    return problems.data(id === undefined ? `${path}.title` : `${path}.id`, id ?? title, LIMITS.callbackData);
  }
  const kind = singleKindOf(button);
  if (kind === 'url') {
    if (!isWebUrl(url)) problems.invalid(`${path}.url`, 'must be an http, https or tg link');
  } else if (!capabilities.single?.[kind]) {
    problems.unsupported(`${path}.type`, `Telegram has no button that does this (${kind})`);
  } else if (!isAlone) {
    problems.unsupported(`${path}.type`, 'a button that asks for something must stand alone');
  }
}

/** Whom it goes to stays ours: a payload that brings its own could go astray. */
function checkNative({ channel, payload }: NativeContent, problems: Problems): void {
  if (channel !== 'telegram') {
    problems.unsupported('content.channel', `must be telegram to go out on Telegram, not ${String(channel)}`);
  }
  if (!isJsonObject(payload)) return problems.invalid('content.payload', 'must be an object');
  const { method } = payload;
  if (!isText(method)) {
    problems.invalid('content.payload.method', 'must name a method of the Bot API, e.g. sendPoll');
  } else if (!isNativeMethod(method)) {
    problems.unsupported('content.payload.method', `${method} is not a method that acts in one chat`);
  }
  if (Object.hasOwn(payload, 'chat_id')) {
    problems.invalid('content.payload.chat_id', 'is set by the gateway and cannot be given');
  }
}
