import { GraphError } from './graph-error.js';

/** One field of a `fields=` list: `phone_numbers.limit(25){id,status}`. */
export interface FieldSpec {
  name: string;
  modifiers: Record<string, string>;
  /** The nested list; undefined when there was none. */
  fields: FieldSpec[] | undefined;
}

/**
 * Parses Graph's field expansion. Meta: graph-api, "field expansion"
 * @throws GraphError (2500) on a syntax error, as Graph does.
 */
export function parseFields(text: string): FieldSpec[] {
  const scanner = { text, at: 0 };
  const fields = parseList(scanner);
  if (scanner.at < text.length) {
    throw syntaxError(scanner);
  }
  return fields;
}

/** The list as text again, for links. */
export function formatFields(fields: readonly FieldSpec[]): string {
  return fields
    .map(({ name, modifiers, fields: nested }) => {
      const suffix = Object.entries(modifiers).map(([modifier, value]) => `.${modifier}(${value})`);
      return `${name}${suffix.join('')}${nested === undefined ? '' : `{${formatFields(nested)}}`}`;
    })
    .join(',');
}

interface Scanner {
  text: string;
  at: number;
}

function parseList(scanner: Scanner): FieldSpec[] {
  const fields: FieldSpec[] = [];
  do {
    const name = word(scanner);
    if (name === '') {
      throw syntaxError(scanner);
    }
    const modifiers: Record<string, string> = {};
    while (take(scanner, '.')) {
      const modifier = word(scanner);
      modifiers[modifier] = argument(scanner);
    }
    let nested: FieldSpec[] | undefined;
    if (take(scanner, '{')) {
      nested = parseList(scanner);
      if (!take(scanner, '}')) {
        throw syntaxError(scanner);
      }
    }
    fields.push({ name, modifiers, fields: nested });
  } while (take(scanner, ','));
  return fields;
}

function word(scanner: Scanner): string {
  const found = /^\s*([A-Za-z0-9_]*)\s*/.exec(scanner.text.slice(scanner.at));
  scanner.at += found?.[0].length ?? 0;
  return found?.[1] ?? '';
}

function argument(scanner: Scanner): string {
  if (!take(scanner, '(')) {
    throw syntaxError(scanner);
  }
  const start = scanner.at;
  for (let depth = 1; depth > 0; scanner.at += 1) {
    const char = scanner.text[scanner.at];
    if (char === undefined) {
      throw syntaxError(scanner);
    }
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
  }
  return scanner.text.slice(start, scanner.at - 1);
}

function take(scanner: Scanner, char: string): boolean {
  if (scanner.text[scanner.at] !== char) {
    return false;
  }
  scanner.at += 1;
  return true;
}

function syntaxError({ text, at }: Scanner): GraphError {
  const what = `Syntax error "Expected name." at character ${at}: ${text.slice(at)}`;
  return new GraphError({ code: 2500, message: what });
}
