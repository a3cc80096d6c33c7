import type { CallOutcome, GatewayCall, RemoteError } from '../../contract/index.js';
import { asId } from '../wire/index.js';
import { type GraphClient, graphClient } from './client.js';
import { debugToken } from './debug-token.js';
import { readAll } from './pages.js';
import { isTokenRefusal, passingAsUnreachable } from './remote-error.js';

/** What the ways have found so far; each one adds to it. */
export interface Search {
  readonly call: GatewayCall;
  readonly graph: GraphClient;
  /** ids of what is looked for */
  readonly found: Set<string>;
  readonly businesses: Set<string>;
}

export type Way = (search: Search) => Promise<CallOutcome>;

const OK: CallOutcome = { status: 'ok', value: undefined };
const LIST = { fields: 'id,name', limit: '100' };

/**
 * The ids of everything of a kind that the token may act for. No way shows all of it to every kind of token, so all ways are walked and
 * merged. A way that Meta refuses is skipped; one that gets no answer ends the search, because a partial list would make what is
 * stored look as if it were gone.
 */
export async function gather(call: GatewayCall, ways: readonly Way[]): Promise<CallOutcome<readonly string[]>> {
  const search: Search = { call, graph: graphClient(call), found: new Set(), businesses: new Set() };
  const refusals: RemoteError[] = [];
  for (const way of ways) {
    const outcome = passingAsUnreachable(await way(search));
    if (outcome.status === 'unreachable') return outcome;
    if (outcome.status === 'refused') refusals.push(outcome.remote);
  }
  const telling = refusals.find(isTokenRefusal) ?? refusals[0];
  const foundNoWay = refusals.length === ways.length && search.found.size === 0;
  return foundNoWay && telling ? { status: 'refused', remote: telling } : { status: 'ok', value: [...search.found] };
}

/** What was granted to the token itself; without target ids the grant is for all assets of the kind, and names none. */
export function byToken(scopes: readonly string[]): Way {
  return async ({ call, found, businesses }) => {
    const facts = await debugToken(call);
    if (facts.status !== 'ok') return facts;
    if (!facts.value.isValid) {
      const message = facts.value.problem ?? 'the access token is not valid';
      return { status: 'refused', remote: { code: 190, message, type: 'OAuthException' } };
    }
    const targets = (scope: string): readonly string[] => facts.value.targets.get(scope) ?? [];
    for (const scope of scopes) for (const id of targets(scope)) found.add(id);
    for (const id of targets('business_management')) businesses.add(id);
    return OK;
  };
}

/** What the businesses own and what their clients share with them: these edges of each business. */
export function byBusinesses(edges: readonly string[]): Way {
  return async ({ graph, found, businesses }) => {
    const mine = await addAll(graph, 'me/businesses', businesses);
    if (mine.status === 'unreachable' || (mine.status === 'refused' && businesses.size === 0)) return mine;
    let refused: CallOutcome | undefined;
    let isAnswered = false;
    for (const business of businesses) {
      for (const edge of edges) {
        const outcome = passingAsUnreachable(await addAll(graph, `${encodeURIComponent(business)}/${edge}`, found));
        if (outcome.status === 'unreachable') return outcome;
        if (outcome.status === 'ok') isAnswered = true;
        else refused ??= outcome;
      }
    }
    return isAnswered || refused === undefined ? OK : refused;
  };
}

/** Every id of an edge, every page of it followed. */
export async function addAll(graph: GraphClient, path: string, ids: Set<string>): Promise<CallOutcome> {
  const items = await readAll(graph, path, LIST);
  if (items.status !== 'ok') return items;
  for (const item of items.value) {
    const id = asId(item['id']);
    if (id !== undefined) ids.add(id);
  }
  return OK;
}
