import type {
  AccountCall,
  AccountDescription,
  AccountGroup,
  CallOutcome,
  GatewayCall,
  JsonObject,
  JsonValue,
  Reading,
  RefreshFacet,
} from '../../contract/index.js';
import { asObject, defined, graphClient, isTokenRefusal, metered, passingAsUnreachable } from '../graph/index.js';
import { NUMBER_FIELDS_BY_NEED, readAccounts, readNumbers, toAccount, toGroup } from './read-accounts.js';

/**
 * One call for an account with all its numbers, as long as there are no more than a hundred: Meta allows 200 an hour for an
 * account without a registered number, and 5,000 for others (Meta: graph-api/overview/rate-limiting).
 */
export const refresh: RefreshFacet = { group, account };

async function group(id: string, call: GatewayCall): Promise<CallOutcome<Reading<AccountGroup>>> {
  const meter = metered(call);
  const graph = graphClient(meter.call);
  const read = passingAsUnreachable(await readAccounts(graph, [id]));
  if (read.status !== 'ok') return read;
  const node = read.value.nodes.get(id);
  const refusal = read.value.refused.get(id);
  if (node === undefined) {
    return refusal
      ? { status: 'refused', remote: refusal }
      : { status: 'unreachable', reason: 'the answer leaves the account out' };
  }
  const numbers = await readNumbers(graph, id, node);
  if (numbers.status !== 'ok') return numbers;
  return { status: 'ok', value: defined({ found: toGroup(id, node, numbers.value), restMs: meter.restMs() }) };
}

async function account(call: AccountCall): Promise<CallOutcome<Reading<AccountDescription>>> {
  const meter = metered(call);
  const read = await readNumber(meter.call);
  if (read.status !== 'ok') return read;
  const found = toAccount({ ...read.value, id: call.account.address });
  return found
    ? { status: 'ok', value: defined({ found, restMs: meter.restMs() }) }
    : { status: 'unreachable', reason: 'the answer is no phone number' };
}

/** In brief where Meta does not know all the fields. */
async function readNumber(call: AccountCall): Promise<CallOutcome<JsonObject>> {
  const path = encodeURIComponent(call.account.address);
  let read: CallOutcome<JsonValue> = { status: 'unreachable', reason: 'nothing was asked' };
  for (const fields of NUMBER_FIELDS_BY_NEED) {
    read = passingAsUnreachable(await graphClient(call).call({ path, query: { fields } }));
    if (read.status !== 'refused' || isTokenRefusal(read.remote)) break;
  }
  return read.status === 'ok' ? { status: 'ok', value: asObject(read.value) ?? {} } : read;
}
