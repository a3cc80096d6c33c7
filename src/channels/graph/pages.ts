import type { CallOutcome, JsonObject, JsonValue } from '../../contract/index.js';
import type { GraphClient } from './client.js';
import { asObject, asObjects, asText } from '../wire/index.js';

type Query = Readonly<Record<string, string>>;

/** Meta's lists end long before this; a list that does not is a server gone wrong. */
const MAX_PAGES = 1_000;

/** Members of a `next` URL that are ours to set, never the other side's. */
const NOT_THEIRS = new Set(['access_token', 'appsecret_proof', 'fields', 'limit']);

/** All items of an edge, every page followed; a page that fails fails the whole, as a partial list would be a wrong one. */
export async function readAll(graph: GraphClient, path: string, query: Query): Promise<CallOutcome<JsonObject[]>> {
  return readOn(graph, path, query, query);
}

/** The rest of a list whose first page came inside another answer (a field expansion). */
export async function readRest(
  graph: GraphClient,
  path: string,
  query: Query,
  first: JsonValue | undefined,
): Promise<CallOutcome<JsonObject[]>> {
  const next = nextQuery(first);
  const items = itemsOf(first);
  if (next === undefined) return { status: 'ok', value: items };
  const rest = await readOn(graph, path, query, { ...query, ...next });
  return rest.status === 'ok' ? { status: 'ok', value: [...items, ...rest.value] } : rest;
}

async function readOn(
  graph: GraphClient,
  path: string,
  query: Query,
  start: Query,
): Promise<CallOutcome<JsonObject[]>> {
  const items: JsonObject[] = [];
  const seen = new Set<string>();
  for (let page: Query | undefined = start; page !== undefined;) {
    const key = JSON.stringify(page);
    if (seen.has(key) || seen.size >= MAX_PAGES) {
      return { status: 'unreachable', reason: `the pages of ${path} repeat themselves` };
    }
    seen.add(key);
    const answer: CallOutcome<JsonValue> = await graph.call({ path, query: page });
    if (answer.status !== 'ok') return answer;
    items.push(...itemsOf(answer.value));
    const next = nextQuery(answer.value);
    page = next && { ...query, ...next };
  }
  return { status: 'ok', value: items };
}

function itemsOf(page: JsonValue | undefined): JsonObject[] {
  return asObjects(asObject(page)?.['data']);
}

/**
 * Where the next page begins. `paging.next` is an absolute URL (Meta: graph-api/results): it only tells that there is one, and
 * its cursor is put on our own base URL, so that no answer can send us, and the token, to another host.
 */
function nextQuery(page: JsonValue | undefined): Query | undefined {
  const paging = asObject(asObject(page)?.['paging']);
  const next = asText(paging?.['next']);
  if (next === undefined) return undefined;
  const after = asText(asObject(paging?.['cursors'])?.['after']);
  if (after !== undefined) return { after };
  if (!URL.canParse(next)) return undefined;
  return Object.fromEntries([...new URL(next).searchParams].filter(([name]) => !NOT_THEIRS.has(name)));
}
