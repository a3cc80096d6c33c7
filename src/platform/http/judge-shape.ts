import { isStorableText } from './is-plain-text.js';

/** Deeper input is nothing anybody means, and recursion over it (validation, hashing) would exhaust the stack. */
const MAX_DEPTH = 64;

/** More is nothing anybody means either, and validation of it would keep the process busy for seconds. */
const MAX_FIELDS = 1_000;
const MAX_ITEMS = 10_000;

/** Names that mean something to JavaScript objects: libraries that copy objects stumble over them. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

export interface ShapeFault {
  readonly path: string;
  readonly code: 'depth.exceeded' | 'size.exceeded' | 'field.reserved' | 'text.invalid';
  readonly message: string;
}

/**
 * What makes parsed JSON unfit to be validated at all, or to be stored anywhere. Iterative, since the input decides how deep it
 * goes.
 */
export function judgeShape(value: unknown): ShapeFault | undefined {
  const pending: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [];
  const visit = (child: unknown, path: string, depth: number): void => {
    const isText = typeof child === 'string';
    if ((typeof child === 'object' && child !== null) || (isText && !isStorableText(child)))
      pending.push({ value: child, path, depth });
  };
  visit(value, '', 1);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { path, depth } = next;
    if (typeof next.value === 'string') return unstorable(path);
    if (depth > MAX_DEPTH) {
      return { path: clip(path), code: 'depth.exceeded', message: `is nested more than ${MAX_DEPTH} levels deep` };
    }
    if (Array.isArray(next.value)) {
      if (next.value.length > MAX_ITEMS) {
        return { path: clip(path), code: 'size.exceeded', message: `has more than ${MAX_ITEMS} items` };
      }
      for (const [index, child] of next.value.entries()) {
        if (typeof child !== 'number') visit(child, `${path}[${index}]`, depth + 1);
      }
      continue;
    }
    const members = Object.entries(next.value as object);
    if (members.length > MAX_FIELDS) {
      return { path: clip(path), code: 'size.exceeded', message: `has more than ${MAX_FIELDS} fields` };
    }
    for (const [name, child] of members) {
      const own = path ? `${path}.${name}` : name;
      if (!isStorableText(name)) return unstorable(own);
      if (RESERVED.has(name))
        return { path: clip(own), code: 'field.reserved', message: `${name} cannot be a field name` };
      visit(child, own, depth + 1);
    }
  }
  return undefined;
}

function unstorable(path: string): ShapeFault {
  const clean = clip(path).replaceAll(/[\0\p{Surrogate}]/gu, '\u{fffd}');
  return {
    path: clean,
    code: 'text.invalid',
    message: 'contains U+0000 or half of a surrogate pair, which is not text',
  };
}

function clip(path: string): string {
  return path.length > 200 ? `${path.slice(0, 199)}…` : path;
}
