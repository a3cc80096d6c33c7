import {
  type Button,
  type ButtonsContent,
  type Content,
  type JsonObject,
  type MediaContent,
  type OutboundMessage,
  type OutboundPart,
  singleKindOf,
} from '../../contract/index.js';
import { defined } from '../graph/index.js';
import type { PageNetwork } from './network.js';
import { metaIdOf } from './reading.js';
import { payloadOf, shownAs } from './show-buttons.js';

/**
 * The body of `POST /{page}/messages` (Meta: messenger-platform/reference/send-api), without the attempt reference. What a human
 * writes may go later than the 24 hours, and is marked as theirs then. An action carries nothing of a message (Meta:
 * messenger-platform/send-messages/sender-actions).
 */
export function render(network: PageNetwork, { to, content, replyTo, late }: OutboundMessage): OutboundPart {
  const recipient = { id: to.userId ?? '' };
  if (content.type === 'native') {
    const isAction = Object.hasOwn(content.payload, 'sender_action');
    return { payload: { ...(!isAction && kindOf(late)), ...content.payload, recipient } };
  }
  if (content.type === 'reaction')
    return {
      payload: { recipient, ...renderReaction(metaIdOf(content.messageId) ?? content.messageId, content.emoji) },
    };
  // where Meta has no name for what is quoted, the answer goes without
  const mid = replyTo === undefined ? undefined : metaIdOf(replyTo);
  const quoted = mid === undefined ? undefined : { mid };
  const message = renderMessage(content, network);
  return { payload: defined({ recipient, ...kindOf(late), message, reply_to: quoted }) };
}

function kindOf(late: OutboundMessage['late']): JsonObject {
  return late === 'human' ? { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' } : { messaging_type: 'RESPONSE' };
}

function renderReaction(messageId: string, emoji: string): JsonObject {
  if (emoji === '') return { sender_action: 'unreact', payload: { message_id: messageId } };
  return { sender_action: 'react', payload: { message_id: messageId, reaction: emoji } };
}

function renderMessage(content: Content, network: PageNetwork): JsonObject {
  switch (content.type) {
    case 'text':
      return { text: content.text };
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
      return { attachment: renderMedia(content) };
    case 'buttons':
      return shownAs(content, network) === 'template' ? renderTemplate(content, network) : renderQuickReplies(content);
    default:
      throw new Error(`render was called with ${content.type}, which check refuses`);
  }
}

/** A file that was brought to the network was brought as what it is by its type, and must be sent as that. */
function renderMedia({ type, media }: MediaContent): JsonObject {
  const kind = type === 'document' ? 'file' : type;
  if (media.id === undefined) return { type: kind, payload: defined({ url: media.url, is_reusable: false }) };
  return {
    type: media.mimeType === undefined ? kind : fileKindOf(media.mimeType),
    payload: { attachment_id: media.id },
  };
}

/** What the network takes a file of this type for. */
export function fileKindOf(mimeType: string): 'image' | 'video' | 'audio' | 'file' {
  const [kind] = mimeType.split('/');
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'file';
}

function renderTemplate({ text, buttons }: ButtonsContent, { template }: PageNetwork): JsonObject {
  const shown = buttons.map(renderButton);
  const payload =
    template === 'button'
      ? { template_type: 'button', text, buttons: shown }
      : { template_type: 'generic', elements: [{ title: text, buttons: shown }] };
  return { attachment: { type: 'template', payload } };
}

function renderButton(button: Button): JsonObject {
  const { title, url, phone } = button;
  switch (singleKindOf(button)) {
    case 'call':
      return defined({ type: 'phone_number', title, payload: phone });
    case 'url':
      return button.type === 'reply'
        ? { type: 'postback', title, payload: payloadOf(button) }
        : defined({ type: 'web_url', title, url });
    default:
      throw new Error(`render was called with a button of the type ${button.type}, which check refuses`);
  }
}

function renderQuickReplies({ text, buttons }: ButtonsContent): JsonObject {
  return {
    text,
    quick_replies: buttons.map((button) => {
      if (button.type === 'phone') return { content_type: 'user_phone_number' };
      if (button.type === 'email') return { content_type: 'user_email' };
      return { content_type: 'text', title: button.title, payload: payloadOf(button) };
    }),
  };
}
