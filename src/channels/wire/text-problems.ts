import { type Capabilities, type ContentProblem, textLength } from '../../contract/index.js';

/** What is wrong with a text that must say something, and must not be longer than the network takes. */
export function textProblems(
  path: string,
  text: string,
  { maxLength, unit }: Capabilities['text'],
): readonly ContentProblem[] {
  if (text.trim() === '') return [{ path, code: 'content.invalid', message: 'is empty' }];
  const length = textLength(text, unit);
  if (length <= maxLength) return [];
  const message = `is ${length} ${unit === 'utf8-byte' ? 'bytes' : 'characters'} long; ${maxLength} are allowed`;
  return [{ path, code: 'content.too_long', message }];
}
