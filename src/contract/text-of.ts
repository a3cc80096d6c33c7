import type { Content } from './content.js';

/** A plain rendering of any content: what `message.text` carries to bots that only read text. */
export function textOf(content: Content): string {
  switch (content.type) {
    case 'text':
    case 'buttons':
    case 'list':
      return content.text;
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return content.caption ?? '';
    case 'location':
      return [content.name, content.address, `${content.latitude},${content.longitude}`].filter(Boolean).join(', ');
    case 'contacts':
      return content.contacts.map(contactName).filter(Boolean).join(', ');
    case 'reaction':
      return content.emoji;
    case 'choice':
      return content.title;
    case 'template':
      return content.name;
    case 'form':
      return content.body;
    case 'edit':
      return textOf(content.content);
    case 'order':
      return typeof content['text'] === 'string' ? content['text'] : '';
    case 'system':
      return typeof content['body'] === 'string' ? content['body'] : '';
    case 'revoke':
    case 'unsupported':
    case 'native':
      return '';
  }
}

function contactName(card: { [key: string]: unknown }): string {
  const name = card['name'];
  if (typeof name === 'string') return name;
  if (typeof name === 'object' && name !== null && 'formatted_name' in name) return String(name.formatted_name);
  return '';
}
