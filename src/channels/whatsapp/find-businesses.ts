import type { CallOutcome, GatewayCall, RemoteError } from '../../contract/index.js';
import {
  asId,
  asObject,
  debugToken,
  graphClient,
  isTokenRefusal,
  passingAsUnreachable,
  readAll,
  type GraphClient,
} from '../graph/index.js';

/** What the ways have found so far; each one adds to it. */
interface Search {
  readonly call: GatewayCall;
  readonly graph: GraphClient;
  readonly accounts: Set<string>;
  readonly businesses: Set<string>;
}

type Way = (search: Search) => Promise<CallOutcome>;

const OK: CallOutcome = { status: 'ok', value: undefined };
const LIST = { fields: 'id,name', limit: '100' };
const WAYS: readonly Way[] = [byToken, byAssignment, byBusinesses];

/**
 * The ids of every WhatsApp Business Account that the token may act for. No way shows all of them to every kind of token, so
 * all are walked and merged. A way that Meta refuses is skipped; one that gets no answer ends the search, because a partial
 * list would make stored accounts look as if they were gone.
 */
export async function findBusinesses(call: GatewayCall): Promise<CallOutcome<readonly string[]>> {
  const search: Search = { call, graph: graphClient(call), accounts: new Set(), businesses: new Set() };
  const refusals: RemoteError[] = [];
  for (const way of WAYS) {
    const outcome = passingAsUnreachable(await way(search));
    if (outcome.status === 'unreachable') return outcome;
    if (outcome.status === 'refused') refusals.push(outcome.remote);
  }
  const telling = refusals.find(isTokenRefusal) ?? refusals[0];
  const foundNoWay = refusals.length === WAYS.length && search.accounts.size === 0;
  return foundNoWay && telling ? { status: 'refused', remote: telling } : { status: 'ok', value: [...search.accounts] };
}

/** What was granted to the token itself; without target ids the grant is for all assets of the kind, and names none. */
async function byToken({ call, accounts, businesses }: Search): Promise<CallOutcome> {
  const facts = await debugToken(call);
  if (facts.status !== 'ok') return facts;
  if (!facts.value.isValid) {
    const message = facts.value.problem ?? 'the access token is not valid';
    return { status: 'refused', remote: { code: 190, message, type: 'OAuthException' } };
  }
  const targets = (scope: string): readonly string[] => facts.value.targets.get(scope) ?? [];
  for (const scope of ['whatsapp_business_messaging', 'whatsapp_business_management']) {
    for (const id of targets(scope)) accounts.add(id);
  }
  for (const id of targets('business_management')) businesses.add(id);
  return OK;
}

/** What is assigned to the system user whose token it is (Meta: system-user/assigned_whatsapp_business_accounts). */
async function byAssignment({ graph, accounts }: Search): Promise<CallOutcome> {
  const me = await graph.call({ path: 'me', query: { fields: 'id,name' } });
  if (me.status !== 'ok') return me;
  const user = asId(asObject(me.value)?.['id']);
  if (user === undefined) return OK;
  return addAll(graph, `${encodeURIComponent(user)}/assigned_whatsapp_business_accounts`, accounts);
}

/** What the businesses own and what their clients share with them (Meta: business/{owned,client}_whatsapp_business_accounts). */
async function byBusinesses({ graph, accounts, businesses }: Search): Promise<CallOutcome> {
  const mine = await addAll(graph, 'me/businesses', businesses);
  if (mine.status === 'unreachable' || (mine.status === 'refused' && businesses.size === 0)) return mine;
  let refused: CallOutcome | undefined;
  let isAnswered = false;
  for (const business of businesses) {
    for (const edge of ['owned_whatsapp_business_accounts', 'client_whatsapp_business_accounts']) {
      const outcome = passingAsUnreachable(await addAll(graph, `${encodeURIComponent(business)}/${edge}`, accounts));
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
