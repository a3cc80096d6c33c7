/** Deeper input is nothing anybody means, and recursion over it (validation, hashing) would exhaust the stack. */
const MAX_DEPTH = 64;

/** Names that mean something to JavaScript objects: libraries that copy objects stumble over them. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

export interface ShapeFault {
  readonly path: string;
  readonly code: 'depth.exceeded' | 'field.reserved';
  readonly message: string;
}

/** What makes parsed JSON unfit to be validated at all. Iterative, since the input decides how deep it goes. */
export function judgeShape(value: unknown): ShapeFault | undefined {
  const pending: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [];
  const visit = (child: unknown, path: string, depth: number): void => {
    if (typeof child === 'object' && child !== null) pending.push({ value: child, path, depth });
  };
  visit(value, '', 1);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { path, depth } = next;
    if (depth > MAX_DEPTH) {
      return { path: clip(path), code: 'depth.exceeded', message: `is nested more than ${MAX_DEPTH} levels deep` };
    }
    if (Array.isArray(next.value)) {
      for (const [index, child] of next.value.entries()) {
        if (typeof child === 'object') visit(child, `${path}[${index}]`, depth + 1);
      }
      continue;
    }
    for (const [name, child] of Object.entries(next.value as object)) {
      const own = path ? `${path}.${name}` : name;
      if (RESERVED.has(name))
        return { path: clip(own), code: 'field.reserved', message: `${name} cannot be a field name` };
      visit(child, own, depth + 1);
    }
  }
  return undefined;
}

function clip(path: string): string {
  return path.length > 200 ? `${path.slice(0, 199)}…` : path;
}
