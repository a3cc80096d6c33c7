import type { AccountGroup, CallOutcome, GatewayCall } from '../../contract/index.js';
import { graphClient, passingAsUnreachable } from '../graph/index.js';
import { findBusinesses } from './find-businesses.js';
import { readAccounts, readNumbers, toGroup } from './read-accounts.js';

/** Every account with its numbers, complete or not at all. */
export async function discover(call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>> {
  const ids = await findBusinesses(call);
  if (ids.status !== 'ok' || ids.value.length === 0) return ids.status === 'ok' ? { status: 'ok', value: [] } : ids;
  const graph = graphClient(call);
  const read = passingAsUnreachable(await readAccounts(graph, ids.value));
  if (read.status !== 'ok') return read;
  const { nodes, refused } = read.value;
  const [anyRefusal] = refused.values();
  if (nodes.size === 0 && anyRefusal) return { status: 'refused', remote: anyRefusal };
  const groups: AccountGroup[] = [];
  for (const [id, node] of nodes) {
    const numbers = await readNumbers(graph, id, node);
    if (numbers.status !== 'ok') return numbers;
    groups.push(toGroup(id, node, numbers.value));
  }
  return { status: 'ok', value: groups };
}
