import type { Capabilities } from '../../contract/index.js';

const MB = 1024 * 1024;

/** Lengths of text, in code points (Meta: whatsapp/messages/send-messages, /interactive-*-messages). */
export const LIMITS = {
  text: 4096,
  interactiveText: 1024,
  caption: 1024,
  header: 60,
  footer: 60,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  buttonPhone: 20,
  listText: 4096,
  listButton: 20,
  listSections: 10,
  listRows: 10,
  sectionTitle: 24,
  rowTitle: 24,
  rowId: 200,
  rowDescription: 72,
  contacts: 257,
  templateHeader: 60,
  templateButtons: 10,
  templateUrl: 2000,
  templateCode: 15,
} as const;

/** Header and footer of interactive messages. */
const FRAME = { headerMax: LIMITS.header, footerMax: LIMITS.footer };

/** A request for something of the customer's: a text, and a button that WhatsApp labels itself. */
const REQUEST = { labelMax: 0, bodyMax: LIMITS.interactiveText, headerMax: 0, footerMax: 0, isLabelFixed: true };

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
    image: { maxBytes: 5 * MB, captionMax: LIMITS.caption, filename: false, mimeTypes: ['image/jpeg', 'image/png'] },
    video: { maxBytes: 16 * MB, captionMax: LIMITS.caption, filename: false, mimeTypes: ['video/mp4', 'video/3gpp'] },
    audio: {
      maxBytes: 16 * MB,
      captionMax: 0,
      filename: false,
      mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
    },
    document: { maxBytes: 100 * MB, captionMax: LIMITS.caption, filename: true },
    sticker: { maxBytes: 500 * 1024, captionMax: 0, filename: false, mimeTypes: ['image/webp'] },
  },
  choice: [
    {
      style: 'buttons',
      maxOptions: LIMITS.buttons,
      labelMax: LIMITS.buttonTitle,
      idMax: LIMITS.buttonId,
      bodyMax: LIMITS.interactiveText,
      ...FRAME,
    },
    {
      style: 'list',
      maxOptions: LIMITS.listRows,
      labelMax: LIMITS.rowTitle,
      idMax: LIMITS.rowId,
      bodyMax: LIMITS.listText,
      descriptionMax: LIMITS.rowDescription,
      maxSections: LIMITS.listSections,
      ...FRAME,
    },
  ],
  // there is no button that calls a number, and none that asks for an email address
  single: {
    url: { labelMax: LIMITS.buttonTitle, bodyMax: LIMITS.interactiveText, ...FRAME },
    'ask-location': REQUEST,
    'ask-phone': REQUEST,
  },
  location: { link: false },
  template: true,
  // 131062: one-tap, zero-tap and copy-code templates (whatsapp/business-scoped-user-ids)
  phoneOnlyTemplates: ['authentication'],
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
