import type { CallOutcome, GatewayCall, JsonObject, RemoteError } from '../../contract/index.js';
import {
  asId,
  debugToken,
  graphClient,
  isTokenRefusal,
  passingAsUnreachable,
  readAll,
  readIds,
  type GraphClient,
} from '../graph/index.js';
import { asOwner } from './tokens.js';

/** What the ways have found so far; each one adds to it. */
interface Search {
  readonly call: GatewayCall;
  readonly graph: GraphClient;
  readonly pages: Set<string>;
  readonly businesses: Set<string>;
}

type Way = (search: Search) => Promise<CallOutcome>;

const OK: CallOutcome = { status: 'ok', value: undefined };
const LIST = { fields: 'id,name', limit: '100' };
const WAYS: readonly Way[] = [byToken, byRole, byBusinesses];

/** Permissions whose targets are pages. */
const PAGE_SCOPES = ['pages_messaging', 'pages_manage_metadata', 'pages_show_list'];

/**
 * Every page that the owner's token may act for, read with these fields. No way shows all of them to every kind of token, so all
 * are walked and merged: what was granted to the token itself, the pages of its user, those of the user's businesses. A way that
 * Meta refuses is skipped; one that gets no answer ends the search, because a partial list would make stored pages look gone.
 */
export async function findPages(
  call: GatewayCall,
  fields: string,
): Promise<CallOutcome<ReadonlyMap<string, JsonObject>>> {
  const own = asOwner(call);
  const graph = graphClient(own);
  const search: Search = { call: own, graph, pages: new Set(), businesses: new Set() };
  const refusals: RemoteError[] = [];
  for (const way of WAYS) {
    const outcome = passingAsUnreachable(await way(search));
    if (outcome.status === 'unreachable') return outcome;
    if (outcome.status === 'refused') refusals.push(outcome.remote);
  }
  const telling = refusals.find(isTokenRefusal) ?? refusals[0];
  if (refusals.length === WAYS.length && search.pages.size === 0 && telling)
    return { status: 'refused', remote: telling };
  const read = passingAsUnreachable(await readIds(graph, [...search.pages], fields));
  if (read.status !== 'ok') return read;
  const [anyRefusal] = read.value.refused.values();
  if (read.value.nodes.size === 0 && anyRefusal) return { status: 'refused', remote: anyRefusal };
  return { status: 'ok', value: read.value.nodes };
}

/** What was granted to the token itself; without target ids the grant is for all pages of the user, and names none. */
async function byToken({ call, pages, businesses }: Search): Promise<CallOutcome> {
  const facts = await debugToken(call);
  if (facts.status !== 'ok') return facts;
  if (!facts.value.isValid) {
    const message = facts.value.problem ?? 'the access token is not valid';
    return { status: 'refused', remote: { code: 190, message, type: 'OAuthException' } };
  }
  for (const scope of PAGE_SCOPES) for (const id of facts.value.targets.get(scope) ?? []) pages.add(id);
  for (const id of facts.value.targets.get('business_management') ?? []) businesses.add(id);
  return OK;
}

/** Pages on which the user, or system user, has a role (Meta: graph-api/reference/user/accounts). */
async function byRole({ graph, pages }: Search): Promise<CallOutcome> {
  return addAll(graph, 'me/accounts', pages);
}

/** What the businesses own and what their clients share with them (Meta: business/{owned,client}_pages). */
async function byBusinesses({ graph, pages, businesses }: Search): Promise<CallOutcome> {
  const mine = await addAll(graph, 'me/businesses', businesses);
  if (mine.status === 'unreachable' || (mine.status === 'refused' && businesses.size === 0)) return mine;
  let refused: CallOutcome | undefined;
  let isAnswered = false;
  for (const business of businesses) {
    for (const edge of ['owned_pages', 'client_pages']) {
      const outcome = passingAsUnreachable(await addAll(graph, `${encodeURIComponent(business)}/${edge}`, pages));
      if (outcome.status === 'unreachable') return outcome;
      if (outcome.status === 'ok') isAnswered = true;
      else refused ??= outcome;
    }
  }
  return isAnswered || refused === undefined ? OK : refused;
}

async function addAll(graph: GraphClient, path: string, ids: Set<string>): Promise<CallOutcome> {
  const items = await readAll(graph, path, LIST);
  if (items.status !== 'ok') return items;
  for (const item of items.value) {
    const id = asId(item['id']);
    if (id !== undefined) ids.add(id);
  }
  return OK;
}
