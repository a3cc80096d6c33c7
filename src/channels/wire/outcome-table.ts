import type { OutcomeAction, OutcomeRow, OutcomeScope, OutcomeTable } from '../../contract/index.js';

/** One line of a network's error table; several codes in a row that mean the same share one. */
export type OutcomeLine = readonly [
  code: number | string | readonly [first: number, last: number],
  ours: string,
  action: OutcomeAction,
  scope: OutcomeScope,
  title: string,
  advice?: string | undefined,
  /** in milliseconds */
  delayMs?: number | undefined,
  more?: Pick<OutcomeRow, 'classes' | 'slows' | 'mendable' | 'lost'>,
];

/** The table that the lines make: of two lines about one code the later one counts. */
export function outcomeTable(lines: readonly OutcomeLine[]): OutcomeTable {
  return new Map(
    lines.flatMap(([code, ours, action, scope, title, advice, delayMs, more]) => {
      const row: OutcomeRow = {
        code: ours,
        title,
        action,
        scope,
        ...(advice !== undefined && { advice }),
        ...(delayMs !== undefined && { delayMs }),
        ...more,
      };
      return codesOf(code).map((each) => [each, row] as const);
    }),
  );
}

function codesOf(code: OutcomeLine[0]): readonly (number | string)[] {
  if (typeof code !== 'object') return [code];
  const [first, last] = code;
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}
