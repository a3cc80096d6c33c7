import type { FieldError } from '../platform/problem/problem.js';

/** One price; `country` is ISO 3166 or `*` for every other one. */
export interface Rate {
  readonly market: string;
  readonly country: string;
  /** ISO 4217 */
  readonly currency: string;
  readonly category: string;
  /** decimal, as it stands in the file: money is no floating point number */
  readonly price: string;
  readonly validFrom: string;
}

export const RATE_CARD_COLUMNS = ['market', 'countries', 'currency', 'category', 'price', 'valid_from'] as const;

type Column = (typeof RATE_CARD_COLUMNS)[number];

const ERRORS_MAX = 50;
const FIELDS: Readonly<Record<Column, readonly [rule: RegExp, message: string]>> = {
  market: [/^.{1,100}$/u, 'must be a name of 1 to 100 characters'],
  countries: [/^(\*|[A-Z]{2}( [A-Z]{2})*)$/, 'must be ISO 3166 codes with spaces between them, or *'],
  currency: [/^[A-Z]{3}$/, 'must be an ISO 4217 code'],
  category: [/^[a-z][a-z_-]{0,49}$/, 'must be a category in lower case'],
  price: [/^\d{1,9}(\.\d{1,9})?$/, 'must be a decimal number'],
  valid_from: [/^\d{4}-\d{2}-\d{2}$/, 'must be a day like 2026-10-01'],
};

/** A dated rate card as CSV; lines that begin with # are remarks. All of it is right, or nothing of it is taken. */
export function parseRateCard(text: string): {
  readonly rates: readonly Rate[];
  readonly errors: readonly FieldError[];
} {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, at) => ({ line: line.trim(), number: at + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
  const [header, ...rows] = lines;
  const columns = header ? cells(header.line).map((name) => name.toLowerCase()) : [];
  const lost = RATE_CARD_COLUMNS.filter((name) => !columns.includes(name));
  if (lost.length > 0) {
    const message = `the first line must name the columns ${RATE_CARD_COLUMNS.join(', ')}; missing: ${lost.join(', ')}`;
    return { rates: [], errors: [{ path: 'line 1', code: 'rate_card.columns', message }] };
  }
  const rates = new Map<string, Rate>();
  const errors: FieldError[] = [];
  for (const { line, number } of rows) {
    const values = cells(line);
    const value = (name: Column): string => values[columns.indexOf(name)] ?? '';
    const wrong = RATE_CARD_COLUMNS.filter((name) => !FIELDS[name][0].test(value(name)) || !isDay(name, value(name)));
    if (values.length !== columns.length) {
      const message = `has ${values.length} cells, ${columns.length} are named`;
      errors.push({ path: `line ${number}`, code: 'rate_card.invalid', message });
      continue;
    }
    for (const name of wrong) {
      errors.push({ path: `line ${number}.${name}`, code: 'rate_card.invalid', message: FIELDS[name][1] });
    }
    if (wrong.length > 0) continue;
    for (const country of value('countries').split(' ')) {
      const rate: Rate = {
        market: value('market'),
        country,
        currency: value('currency'),
        category: value('category').replaceAll('_', '-'),
        price: value('price'),
        validFrom: value('valid_from'),
      };
      const key = [rate.country, rate.category, rate.currency, rate.validFrom].join('|');
      if (rates.has(key)) {
        const message = `gives ${country} a second price for ${rate.category} from ${rate.validFrom}`;
        errors.push({ path: `line ${number}`, code: 'rate_card.twice', message });
      }
      rates.set(key, rate);
    }
  }
  return errors.length > 0
    ? { rates: [], errors: errors.slice(0, ERRORS_MAX) }
    : { rates: [...rates.values()], errors };
}

function isDay(name: Column, value: string): boolean {
  return name !== 'valid_from' || new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true;
}

/** RFC 4180, without line breaks inside a cell. */
function cells(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
  );
}
