import { Matches, type ValidationOptions } from 'class-validator';

/** U+0000 and half of a surrogate pair cannot be stored in PostgreSQL. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const CONTROL = /[\p{Cc}\p{Surrogate}]/u;

export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Storable, and free of control characters, so that it can stand in a header or a log line. */
export function isPlainText(text: string): boolean {
  return !CONTROL.test(text);
}

/** One line of text: no control characters, no half of a surrogate pair. */
export function IsPlainText(options?: ValidationOptions): PropertyDecorator {
  return Matches(/^[^\p{Cc}\p{Surrogate}]*$/u, {
    message: '$property must not contain control characters or half of a surrogate pair',
    ...options,
  });
}
