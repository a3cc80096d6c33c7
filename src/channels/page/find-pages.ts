import type { CallOutcome, GatewayCall, JsonObject } from '../../contract/index.js';
import {
  addAll,
  byBusinesses,
  byToken,
  gather,
  graphClient,
  passingAsUnreachable,
  readIds,
  type Way,
} from '../graph/index.js';
import { asOwner } from './tokens.js';

const WAYS: readonly Way[] = [
  byToken(['pages_messaging', 'pages_manage_metadata', 'pages_show_list']),
  // on which the user, or system user, has a role (Meta: graph-api/reference/user/accounts)
  ({ graph, found }) => addAll(graph, 'me/accounts', found),
  // Meta: business/{owned,client}_pages
  byBusinesses(['owned_pages', 'client_pages']),
];

/** Every page that the owner's token may act for, read with these fields. */
export async function findPages(
  call: GatewayCall,
  fields: string,
): Promise<CallOutcome<ReadonlyMap<string, JsonObject>>> {
  const own = asOwner(call);
  const ids = await gather(own, WAYS);
  if (ids.status !== 'ok') return ids;
  const read = passingAsUnreachable(await readIds(graphClient(own), ids.value, fields));
  if (read.status !== 'ok') return read;
  const [anyRefusal] = read.value.refused.values();
  if (read.value.nodes.size === 0 && anyRefusal) return { status: 'refused', remote: anyRefusal };
  return { status: 'ok', value: read.value.nodes };
}
