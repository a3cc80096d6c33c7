import type { Capabilities } from '../../contract/index.js';

const MB = 1024 * 1024;

/**
 * core.telegram.org/bots/api. Lengths of text in UTF-16 code units, as the API counts entities, after they are parsed: texts go
 * without a `parse_mode`, so they are what is counted. Callback data in bytes of UTF-8.
 */
export const LIMITS = {
  text: 4096,
  caption: 1024,
  callbackData: 64,
  /** not documented: beyond these the API answers with a refusal, or phones show an ellipsis */
  buttons: 100,
  label: 128,
  contacts: 1,
} as const;

/** Header and footer have no place of their own. */
const FRAME = { bodyMax: LIMITS.text, headerMax: 0, footerMax: 0 };
const LABELLED = { labelMax: LIMITS.label, ...FRAME };

/** Sizes: "Sending files". Paces: bots/faq, "My bot is hitting limits". */
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
    'native',
  ],
  text: { maxLength: LIMITS.text, unit: 'utf16' },
  media: {
    image: { maxBytes: 10 * MB, captionMax: LIMITS.caption, filename: false },
    video: { maxBytes: 50 * MB, captionMax: LIMITS.caption, filename: false },
    audio: { maxBytes: 50 * MB, captionMax: LIMITS.caption, filename: true },
    document: { maxBytes: 50 * MB, captionMax: LIMITS.caption, filename: true },
    // telegram.org/stickers: what is larger is shown as a file
    sticker: { maxBytes: 512 * 1024, captionMax: 0, filename: false },
  },
  choice: [{ style: 'buttons', maxOptions: LIMITS.buttons, idMax: LIMITS.callbackData, beside: ['url'], ...LABELLED }],
  // there is no button that calls a number, and none that asks for an email address
  single: { url: LABELLED, 'ask-phone': LABELLED, 'ask-location': LABELLED },
  location: { link: false },
  template: false,
  addressing: 'user-id',
  window: null,
  // nothing is told of a message after it was accepted
  receipts: [],
  settles: 'none',
  limits: {
    throughput: { default: 30, countsInbound: false },
    pair: { everyMs: 1_000, burst: 3, group: { everyMs: 3_500, burst: 3 } },
  },
};
