import type { AccountIdentity } from '../../contract/index.js';

/** Opens a chat with the number on whatever device it is followed on, with the text begun (Meta: wa.me links). */
export function link({ phone }: AccountIdentity, text?: string): string | undefined {
  if (phone === undefined) return undefined;
  const begun = text === undefined || text === '' ? '' : `?text=${encodeURIComponent(text)}`;
  return `https://wa.me/${phone}${begun}`;
}
