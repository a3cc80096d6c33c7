import type { Capabilities } from '../../contract/index.js';

const MB = 1024 * 1024;

/** Lengths of text, in code points (Meta: whatsapp/messages/send-messages, /interactive-*-messages). */
export const LIMITS = {
  text: 4096,
  caption: 1024,
  header: 60,
  footer: 60,
  buttons: 3,
  buttonsText: 1024,
  buttonTitle: 20,
  buttonId: 256,
  listText: 4096,
  listButton: 20,
  listSections: 10,
  listRows: 10,
  sectionTitle: 24,
  rowTitle: 24,
  rowId: 200,
  rowDescription: 72,
  templateButtons: 10,
  templateCode: 15,
} as const;

/** Sizes: whatsapp/business-phone-numbers/media. Window: whatsapp/messages/send-messages, "customer service windows". */
export const capabilities: Capabilities = {
  outbound: [
    'text',
    'image',
    'video',
    'audio',
    'document',
    'sticker',
    'location',
    'contacts',
    'reaction',
    'buttons',
    'list',
    'template',
    'native',
  ],
  text: { maxLength: LIMITS.text, unit: 'code-point' },
  media: {
    image: { maxBytes: 5 * MB, captionMax: LIMITS.caption, mimeTypes: ['image/jpeg', 'image/png'] },
    video: { maxBytes: 16 * MB, captionMax: LIMITS.caption, mimeTypes: ['video/mp4', 'video/3gpp'] },
    audio: {
      maxBytes: 16 * MB,
      captionMax: 0,
      mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
    },
    document: { maxBytes: 100 * MB, captionMax: LIMITS.caption },
    sticker: { maxBytes: 500 * 1024, captionMax: 0, mimeTypes: ['image/webp'] },
  },
  choice: [
    {
      style: 'buttons',
      maxOptions: LIMITS.buttons,
      labelMax: LIMITS.buttonTitle,
      idMax: LIMITS.buttonId,
      bodyMax: LIMITS.buttonsText,
    },
    {
      style: 'list',
      maxOptions: LIMITS.listRows,
      labelMax: LIMITS.rowTitle,
      idMax: LIMITS.rowId,
      bodyMax: LIMITS.listText,
      descriptionMax: LIMITS.rowDescription,
    },
  ],
  template: true,
  window: { durationMs: 24 * 60 * 60 * 1000, outside: 'template-only' },
  receipts: ['sent', 'delivered', 'read', 'played', 'failed'],
  settles: 'attempt-reference',
  // whatsapp/throughput; whatsapp/about-the-platform, "rate limits"; whatsapp/messaging-limits
  limits: {
    throughput: { default: 80, countsInbound: true },
    pair: { everyMs: 6000, burst: 45 },
    tier: { unknown: 250 },
  },
};
