import { Problem } from '../problem/problem.js';
import { isId } from '../ids/ids.js';

export const MAX_PAGE = 200;
export const DEFAULT_PAGE = 50;

/** One page of a list, newest first; `next` is the cursor of the page after it, or null at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Makes a page of rows of which one more than `limit` was asked for; `positionOf` is what the next page starts behind. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => string,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    next: last !== undefined && rows.length > limit ? encodeCursor(positionOf(last)) : null,
  };
}

export function encodeCursor(position: string): string {
  return Buffer.from(position, 'utf8').toString('base64url');
}

/** @throws Problem 400 `cursor.malformed` when the cursor is not one of ours */
export function decodeCursor(cursor: string, isPosition: (position: string) => boolean): string {
  const position = Buffer.from(cursor, 'base64url').toString('utf8');
  if (isPosition(position) && encodeCursor(position) === cursor) return position;
  throw new Problem(400, 'cursor.malformed', 'The cursor is not one that a list of this API gave.', [
    { path: 'cursor', code: 'cursor.malformed', message: 'pass the value of `next` as it was given' },
  ]);
}

/** The id that the page starts behind, of a list that is ordered by id. */
export function idOfCursor(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : decodeCursor(cursor, isId);
}
