import type {
  Button,
  ButtonsContent,
  Content,
  JsonObject,
  ListContent,
  OutboundMessage,
  OutboundPart,
  Recipient,
} from '../../contract/index.js';
import { defined } from '../graph/index.js';
import { buttonId } from './check-choice.js';
import { renderMedia } from './render-media.js';
import { renderTemplate } from './render-template.js';

/** The body of `POST /{phone number id}/messages` (Meta: whatsapp/messages/send-messages), without the attempt reference. */
export function render(message: OutboundMessage): OutboundPart {
  const { content, replyTo, to } = message;
  // Meta quotes no message in a reaction: the reaction itself names it
  const quotes = replyTo !== undefined && content.type !== 'reaction';
  const payload = {
    ...renderContent(content),
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...address(to),
    ...(quotes && { context: { message_id: replyTo } }),
  };
  return { payload };
}

/** With a leading +, as without it Meta puts the sender's country code before the number. An id goes where there is no phone. */
function address(to: Recipient): JsonObject {
  return to.phone !== undefined ? { to: `+${to.phone.replace(/^\+/, '')}` } : defined({ recipient: to.userId });
}

function renderContent(content: Content): JsonObject {
  const { type } = content;
  switch (type) {
    case 'text':
      return { type, text: defined({ body: content.text, preview_url: content.preview }) };
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return { type, [type]: renderMedia(content) };
    case 'location': {
      const { latitude, longitude, name, address: street } = content;
      return { type, location: defined({ latitude, longitude, name, address: street }) };
    }
    case 'contacts':
      return { type, contacts: [...content.contacts] };
    case 'reaction':
      return { type, reaction: { message_id: content.messageId, emoji: content.emoji } };
    case 'buttons':
      return { type: 'interactive', interactive: renderButtons(content) };
    case 'list':
      return { type: 'interactive', interactive: renderList(content) };
    case 'template':
      return { type, template: renderTemplate(content) };
    case 'native':
      return { ...content.payload };
    default:
      throw new Error(`render was called with ${type}, which check refuses`);
  }
}

function renderButtons(content: ButtonsContent): JsonObject {
  const [first, ...others] = content.buttons;
  if (first && others.length === 0 && first.type !== 'reply') return renderSingle(content, first);
  const buttons = content.buttons.map((button) => ({
    type: 'reply',
    reply: { id: buttonId(button), title: button.title },
  }));
  return { type: 'button', ...frame(content), action: { buttons } };
}

/** Meta labels the two requests itself. */
function renderSingle(content: ButtonsContent, button: Button): JsonObject {
  switch (button.type) {
    case 'location':
      return { type: 'location_request_message', ...frame(content), action: { name: 'send_location' } };
    case 'phone':
      return { type: 'request_contact_info', ...frame(content), action: { name: 'request_contact_info' } };
    default: {
      const parameters = defined({ display_text: button.title, url: button.url });
      return { type: 'cta_url', ...frame(content), action: { name: 'cta_url', parameters } };
    }
  }
}

function renderList(content: ListContent): JsonObject {
  const sections = content.sections.map(({ title, rows }) =>
    defined({
      title,
      rows: rows.map(({ id, title: label, description }) => defined({ id, title: label, description })),
    }),
  );
  return { type: 'list', ...frame(content), action: { button: content.button, sections } };
}

function frame(content: ButtonsContent | ListContent): JsonObject {
  return defined({
    header: content.header === undefined ? undefined : { type: 'text', text: content.header },
    body: { text: content.text },
    footer: content.footer === undefined ? undefined : { text: content.footer },
  });
}
