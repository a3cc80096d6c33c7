import { type Button, type ButtonsContent, singleKindOf, textLength } from '../../contract/index.js';
import type { PageNetwork } from './network.js';

/** How buttons are shown: ones that stay with the message, or answers that go when one is tapped or anything is written. */
export type Shown = 'template' | 'quick-replies';

/** Asked for by a quick reply of its own kind, which the network labels itself. */
const ASKED: ReadonlySet<string> = new Set(['ask-phone', 'ask-email']);

/** Buttons that stay where they fit; pure, and the same for `check` and `render`. */
export function shownAs({ text, buttons }: ButtonsContent, { limits, capabilities }: PageNetwork): Shown {
  if (buttons.some((button) => ASKED.has(singleKindOf(button)) && button.type !== 'reply')) return 'quick-replies';
  if (buttons.some(({ type }) => type !== 'reply')) return 'template';
  const fits =
    buttons.length <= limits.templateButtons && textLength(text, capabilities.text.unit) <= limits.templateText;
  return fits ? 'template' : 'quick-replies';
}

/** What comes back when it is pressed. */
export function payloadOf({ id, title }: Button): string {
  return id ?? title;
}
