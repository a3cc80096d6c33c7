import type { Capabilities } from '../../contract/index.js';
import type { PageLimits } from '../page/index.js';

const MB = 1024 * 1024;

/** Meta: messenger-platform/reference/send-api, /buttons, /quick-replies. What Meta counts is not documented: code points. */
export const LIMITS: PageLimits = {
  text: 2000,
  quickReplies: 13,
  quickReplyTitle: 20,
  payload: 1000,
  templateButtons: 3,
  templateText: 640,
  buttonTitle: 20,
};

/** Nothing stands above or below a text. */
const FRAME = { headerMax: 0, footerMax: 0 };
const ON_TEMPLATE = { labelMax: LIMITS.buttonTitle, bodyMax: LIMITS.templateText, ...FRAME, yields: true } as const;
const ASKED = { labelMax: 0, bodyMax: LIMITS.text, ...FRAME, isLabelFixed: true };

/** Sizes: messenger-platform/send-messages/saved-attachments. Paces: messenger-platform, "rate limiting". */
export const capabilities: Capabilities = {
  outbound: ['text', 'image', 'video', 'audio', 'document', 'reaction', 'buttons', 'native'],
  text: { maxLength: LIMITS.text, unit: 'code-point' },
  media: {
    image: { maxBytes: 8 * MB, captionMax: 0, filename: false },
    video: { maxBytes: 25 * MB, captionMax: 0, filename: false },
    audio: { maxBytes: 25 * MB, captionMax: 0, filename: false },
    document: { maxBytes: 25 * MB, captionMax: 0, filename: true },
  },
  choice: [
    {
      style: 'buttons',
      maxOptions: LIMITS.templateButtons,
      idMax: LIMITS.payload,
      beside: ['url', 'call'],
      ...ON_TEMPLATE,
    },
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
  // a quick reply asks for the phone number or address that the person has at Facebook; a location can be asked for no more
  single: { url: ON_TEMPLATE, call: ON_TEMPLATE, 'ask-phone': ASKED, 'ask-email': ASKED },
  template: false,
  addressing: 'user-id',
  // what a human writes: messenger-platform/policy, "human agent"
  window: { durationMs: 24 * 60 * 60 * 1000, outside: 'closed', humanMs: 7 * 24 * 60 * 60 * 1000 },
  receipts: ['sent', 'delivered', 'read'],
  receiptsUpTo: true,
  settles: 'attempt-reference',
  limits: { throughput: { default: 100, countsInbound: false } },
};
