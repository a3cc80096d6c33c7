import type { Capabilities } from '../../contract/index.js';
import type { PageLimits } from '../page/index.js';

const MB = 1024 * 1024;

/** Meta: instagram-platform, messaging-api. Texts are counted in bytes of UTF-8. */
export const LIMITS: PageLimits = {
  text: 1000,
  quickReplies: 13,
  quickReplyTitle: 20,
  payload: 1000,
  templateButtons: 3,
  templateText: 80,
  buttonTitle: 20,
};

const FRAME = { headerMax: 0, footerMax: 0 };
const ON_CARD = { labelMax: LIMITS.buttonTitle, bodyMax: LIMITS.templateText, ...FRAME, yields: true } as const;

export const capabilities: Capabilities = {
  outbound: ['text', 'image', 'video', 'audio', 'document', 'reaction', 'buttons', 'native'],
  text: { maxLength: LIMITS.text, unit: 'utf8-byte' },
  media: {
    image: { maxBytes: 8 * MB, captionMax: 0, filename: false, mimeTypes: ['image/png', 'image/jpeg'] },
    video: { maxBytes: 25 * MB, captionMax: 0, filename: false },
    audio: {
      maxBytes: 25 * MB,
      captionMax: 0,
      filename: false,
      mimeTypes: ['audio/aac', 'audio/m4a', 'audio/x-m4a', 'audio/wav', 'audio/x-wav', 'audio/mp4'],
    },
    document: { maxBytes: 25 * MB, captionMax: 0, filename: false, mimeTypes: ['application/pdf'] },
  },
  choice: [
    { style: 'buttons', maxOptions: LIMITS.templateButtons, idMax: LIMITS.payload, beside: ['url'], ...ON_CARD },
    {
      style: 'buttons',
      maxOptions: LIMITS.quickReplies,
      labelMax: LIMITS.quickReplyTitle,
      idMax: LIMITS.payload,
      bodyMax: LIMITS.text,
      ...FRAME,
      note: 'The buttons became quick replies, which go when one of them is tapped or something is written.',
    },
  ],
  single: { url: ON_CARD },
  template: false,
  addressing: 'user-id',
  window: { durationMs: 24 * 60 * 60 * 1000, outside: 'closed', humanMs: 7 * 24 * 60 * 60 * 1000 },
  receipts: ['sent', 'read'],
  receiptsUpTo: true,
  // an echo names no more than the app that sent it
  settles: 'none',
  limits: { throughput: { default: 50, countsInbound: false } },
};
