import {
  isJsonObject,
  type Button,
  type ButtonsContent,
  type Content,
  type ContentProblem,
  type MediaContent,
  type NativeContent,
  singleKindOf,
} from '../../contract/index.js';
import type { PageNetwork } from './network.js';
import { isText, isWebUrl, Problems } from './problems.js';
import { payloadOf, shownAs } from './show-buttons.js';

/** Every limit of a network that can be judged without asking it (Meta: messenger-platform/reference/send-api; instagram-platform, messaging-api). */
export function check(network: PageNetwork, content: Content): readonly ContentProblem[] {
  const problems = new Problems(network);
  checkContent(content, problems);
  return problems.list;
}

function checkContent(content: Content, problems: Problems): void {
  const { network } = problems;
  switch (content.type) {
    case 'text':
      return problems.text('content.text', content.text, network.limits.text);
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
      return checkMedia(content, problems);
    case 'reaction':
      if (!isText(content.messageId)) problems.invalid('content.messageId', 'must name the message that is reacted to');
      if (!isReaction(content.emoji)) problems.invalid('content.emoji', 'must be one emoji, or empty to take it back');
      return;
    case 'buttons':
      return checkButtons(content, problems);
    case 'native':
      return checkNative(content, problems);
    default: {
      const { type } = content as { type: unknown };
      const can = network.capabilities.outbound.join(', ');
      return problems.unsupported('content.type', `${network.title} cannot send ${String(type)}; it can send ${can}`);
    }
  }
}

function isReaction(value: unknown): boolean {
  if (value === '') return true;
  return isText(value) && [...new Intl.Segmenter().segment(value)].length === 1;
}

/** A link that the network fetches, or a file that was brought to it; the id wins where both are given. */
function checkMedia({ type, media, caption }: MediaContent, problems: Problems): void {
  const { id, url } = media ?? {};
  if (id !== undefined && !isText(id)) problems.invalid('content.media.id', 'must be the id of a file');
  if (id === undefined && !isWebUrl(url)) problems.invalid('content.media', 'must have an id or an http or https url');
  if (caption !== undefined) {
    problems.unsupported(
      'content.caption',
      `${problems.network.title} shows no caption with ${type}; send it as a text`,
    );
  }
}

function checkButtons(content: ButtonsContent, problems: Problems): void {
  const { limits, title: name } = problems.network;
  const { text, header, footer, buttons } = content;
  const shown = shownAs(content, problems.network);
  problems.text('content.text', text, shown === 'template' ? limits.templateText : limits.text);
  if (header !== undefined) problems.unsupported('content.header', `${name} has no place for a header`);
  if (footer !== undefined) problems.unsupported('content.footer', `${name} has no place for a footer`);
  if (buttons.length === 0) problems.invalid('content.buttons', 'must have at least one button');
  const most = shown === 'template' ? limits.templateButtons : limits.quickReplies;
  problems.tooMany('content.buttons', buttons.length, most, 'buttons');
  buttons.forEach((button, index) => checkButton(button, `content.buttons[${index}]`, buttons.length === 1, problems));
  const replies = buttons.filter(({ type }) => type === 'reply').map(payloadOf);
  if (new Set(replies).size < replies.length) problems.invalid('content.buttons', 'ids must differ from one another');
}

function checkButton(button: Button, path: string, isAlone: boolean, problems: Problems): void {
  const { limits, capabilities, title: name } = problems.network;
  const { type, id, url, phone } = button;
  problems.text(`${path}.title`, button.title, limits.buttonTitle);
  if (type === 'reply') {
    if (id !== undefined) problems.text(`${path}.id`, id, limits.payload);
    return;
  }
  const kind = singleKindOf(button);
  if (!capabilities.single?.[kind]) {
    return problems.unsupported(`${path}.type`, `${name} has no button that does this (${kind})`);
  }
  if (kind === 'url' && !isWebUrl(url)) problems.invalid(`${path}.url`, 'must be an http or https link');
  if (kind === 'call' && !/^\+\d{3,20}$/.test(phone ?? '')) {
    problems.invalid(`${path}.phone`, 'must be a phone number with + and country code');
  }
  if (kind.startsWith('ask-') && !isAlone) {
    problems.unsupported(`${path}.type`, 'a button that asks for something must stand alone');
  }
}

/** Addressing and correlation of a native payload stay ours: a payload that brings its own could go astray. */
function checkNative({ channel, payload }: NativeContent, problems: Problems): void {
  const { network } = problems;
  if (channel !== network.channel) {
    problems.unsupported('content.channel', `must be ${network.channel} to go out on ${network.title}, not ${channel}`);
  }
  if (!isJsonObject(payload)) return problems.invalid('content.payload', 'must be an object');
  if (!isJsonObject(payload['message']) && !isText(payload['sender_action'])) {
    problems.invalid('content.payload', 'must have a message or a sender_action');
  }
  if (Object.hasOwn(payload, 'recipient')) {
    problems.invalid('content.payload.recipient', 'is set by the gateway and cannot be given');
  }
  if (isJsonObject(payload['message']) && Object.hasOwn(payload['message'], 'metadata')) {
    problems.invalid('content.payload.message.metadata', 'is set by the gateway and cannot be given');
  }
}
