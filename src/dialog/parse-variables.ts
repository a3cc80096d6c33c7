import { isJsonObject } from '../contract/index.js';
import type { FieldError } from '../platform/problem/problem.js';
import type { DialogVariables } from './dialog.repository.js';

const MAX_COUNT = 100;
const MAX_LENGTH = 4_096;
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Dialog variables that a bot or an operator sets: names and strings, a hundred at most. */
export function parseVariables(value: unknown): { variables: DialogVariables } | { errors: readonly FieldError[] } {
  if (!isJsonObject(value)) return { errors: [wrong('variables', 'must be an object of strings by name')] };
  const entries = Object.entries(value);
  if (entries.length > MAX_COUNT)
    return { errors: [wrong('variables', `has ${entries.length} entries, allowed are ${MAX_COUNT}`)] };
  const errors = entries.flatMap(([name, text]) => {
    const path = `variables.${name.slice(0, 64)}`;
    if (!/^[A-Za-z_][\w.-]{0,63}$/.test(name))
      return [wrong(path, 'must be named with letters, digits, _ . - (64 at most)')];
    if (typeof text !== 'string') return [wrong(path, 'must be a string')];
    if (text.length > MAX_LENGTH) return [wrong(path, `has ${text.length} characters, allowed are ${MAX_LENGTH}`)];
    return UNSTORABLE.test(text) ? [wrong(path, 'contains U+0000 or a lone surrogate')] : [];
  });
  return errors.length > 0 ? { errors } : { variables: value as DialogVariables };
}

function wrong(path: string, message: string): FieldError {
  return { path, code: 'invalid', message: `${path} ${message}` };
}
