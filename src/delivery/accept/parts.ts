import type { Prepared } from './submission.js';

/**
 * The messages that a prepared one becomes, in their order: itself, and one for each further part of a text that was split. Only
 * the first quotes and has the fallback, which stands for the whole text.
 */
export function partsOf(prepared: Prepared): readonly Prepared[] {
  const { more, ...first } = prepared.submission;
  if (!more) return [prepared];
  const { fallback: _, ...rest } = first;
  return [
    { ...prepared, submission: first },
    ...more.map((part) => ({ ...prepared, quote: undefined, submission: { ...rest, ...part } })),
  ];
}
