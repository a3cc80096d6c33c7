import { type Capabilities, MEDIA_TYPES } from '../../contract/index.js';

const MB = 1024 * 1024;

/** Lengths that any system should bear; nobody knows the limits of a network that nobody knows. */
export const LIMITS = { text: 20_000, label: 200, id: 256, options: 100, description: 1_000, sections: 20 } as const;

const FRAME = { headerMax: LIMITS.description, footerMax: LIMITS.description };
const SINGLE = { labelMax: LIMITS.label, bodyMax: LIMITS.text, ...FRAME };
const CHOICE = { maxOptions: LIMITS.options, idMax: LIMITS.id, ...SINGLE };
const FILE = { maxBytes: 100 * MB, captionMax: LIMITS.text, filename: true };

/** Everything that can be said goes out as it is: what is shown of it is the other side's to decide. */
export const capabilities: Capabilities = {
  outbound: ['text', ...MEDIA_TYPES, 'location', 'contacts', 'reaction', 'buttons', 'list', 'template', 'native'],
  text: { maxLength: LIMITS.text, unit: 'code-point' },
  media: Object.fromEntries(MEDIA_TYPES.map((type) => [type, FILE])),
  choice: [
    { style: 'buttons', ...CHOICE },
    { style: 'list', ...CHOICE, descriptionMax: LIMITS.description, maxSections: LIMITS.sections },
  ],
  single: { url: SINGLE, call: SINGLE, 'ask-phone': SINGLE, 'ask-location': SINGLE, 'ask-email': SINGLE },
  location: { link: true },
  template: true,
  window: null,
  receipts: ['sent', 'delivered', 'read', 'played', 'failed'],
  settles: 'attempt-reference',
};
