import { invalidParameter } from './graph-error.js';
import type { GraphRequest } from './graph.types.js';
import { parameter } from './graph.types.js';
import type { JsonObject } from './world.types.js';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

export interface PageOptions {
  /** What links ask for; a nested edge has another list than the call it came in. */
  fields?: string | undefined;
  limit?: string | undefined;
  after?: string | undefined;
  before?: string | undefined;
}

/** The page options of a call to an edge. */
export function pageOptionsOf(request: GraphRequest): PageOptions {
  return {
    fields: parameter(request, 'fields'),
    limit: parameter(request, 'limit'),
    after: parameter(request, 'after'),
    before: parameter(request, 'before'),
  };
}

/**
 * One page of an edge with cursors and links. As at Meta, the links carry the access token, so whoever logs them leaks it;
 * the last page has no `next`. Meta: graph-api/results, "cursor-based pagination"
 * @param edge path of the edge without version, where links lead to.
 */
export function pageOf<T extends { id: string }>(
  items: readonly T[],
  options: PageOptions,
  request: GraphRequest,
  edge: string,
  view: (item: T) => JsonObject,
): JsonObject {
  const limit = limitOf(options.limit);
  const { start, end } = rangeOf(items, options, limit);
  const page = items.slice(start, end);
  const [firstItem, lastItem] = [page[0], page.at(-1)];
  if (firstItem === undefined || lastItem === undefined) {
    return { data: [] };
  }
  const link = (cursor: Record<string, string>): string => {
    const version = request.version === undefined ? '' : `/${request.version}`;
    const { after: _after, before: _before, ids: _ids, fields: _fields, ...query } = request.query;
    const fields = options.fields === undefined ? {} : { fields: options.fields };
    const all = { ...query, ...fields, access_token: request.token ?? '', limit: String(limit), ...cursor };
    return `${request.origin}${version}${edge}?${new URLSearchParams(all).toString()}`;
  };
  const cursors = { before: cursorOf(firstItem.id), after: cursorOf(lastItem.id) };
  return {
    data: page.map(view),
    paging: {
      cursors,
      ...(end < items.length ? { next: link({ after: cursors.after }) } : {}),
      ...(start > 0 ? { previous: link({ before: cursors.before }) } : {}),
    },
  };
}

function rangeOf<T extends { id: string }>(
  items: readonly T[],
  { after, before }: PageOptions,
  limit: number,
): { start: number; end: number } {
  if (before !== undefined) {
    const end = positionOf(items, before);
    return { start: Math.max(0, end - limit), end };
  }
  const start = after === undefined ? 0 : positionOf(items, after) + 1;
  return { start, end: Math.min(items.length, start + limit) };
}

function positionOf<T extends { id: string }>(items: readonly T[], cursor: string): number {
  const id = Buffer.from(cursor, 'base64').toString('latin1');
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) {
    throw invalidParameter('Invalid cursors values');
  }
  return index;
}

function cursorOf(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64');
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text);
  if (!Number.isInteger(limit) || limit < 1) {
    throw invalidParameter('Param limit must be a positive integer');
  }
  return Math.min(limit, MAX_LIMIT);
}
