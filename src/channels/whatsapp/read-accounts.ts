import type { AccountDescription, AccountGroup, CallOutcome, JsonObject, RemoteError } from '../../contract/index.js';
import {
  asId,
  asObject,
  asText,
  defined,
  isTokenRefusal,
  passingAsUnreachable,
  readAll,
  readIds,
  readRest,
  type GraphClient,
  type NodesRead,
} from '../graph/index.js';
import { phoneDigits } from './sender.js';

/** Meta: graph-api/reference/whats-app-business-account-to-number-current-status. */
const NUMBER_FIELDS =
  'id,display_phone_number,verified_name,status,quality_rating,code_verification_status,name_status,new_name_status,' +
  'platform_type,throughput,whatsapp_business_manager_messaging_limit,account_mode,is_official_business_account,' +
  'is_pin_enabled,is_on_biz_app,health_status';

/** Meta: graph-api/reference/whats-app-business-account. */
const ACCOUNT_FIELDS =
  'id,name,currency,timezone_id,country,account_review_status,business_verification_status,ownership_type,' +
  `owner_business_info,subscribed_apps,phone_numbers.limit(100){${NUMBER_FIELDS}}`;

/**
 * Not every version and token knows all the fields, and one unknown field is refused with all the others: asked in brief and
 * in briefer, what matters for sending last. The older name of the limit is one that newer versions do not know.
 */
const LEAST_NUMBER_FIELDS = 'id,display_phone_number,verified_name,status,quality_rating';
const ACCOUNT_FIELDS_BY_NEED = [ACCOUNT_FIELDS, 'id,name,owner_business_info', 'id,name'];
export const NUMBER_FIELDS_BY_NEED = [
  NUMBER_FIELDS,
  `${LEAST_NUMBER_FIELDS},throughput,whatsapp_business_manager_messaging_limit`,
  `${LEAST_NUMBER_FIELDS},throughput,messaging_limit_tier`,
  LEAST_NUMBER_FIELDS,
];

/** Accounts that may not be read in full are read in brief; one that may not be read at all is left out. */
export async function readAccounts(graph: GraphClient, ids: readonly string[]): Promise<CallOutcome<NodesRead>> {
  const nodes = new Map<string, JsonObject>();
  let refused: NodesRead['refused'] = new Map();
  let wanted = ids;
  for (const fields of ACCOUNT_FIELDS_BY_NEED) {
    const read = await readIds(graph, wanted, fields);
    if (read.status !== 'ok') return read;
    for (const [id, node] of read.value.nodes) nodes.set(id, node);
    ({ refused } = read.value);
    wanted = [...refused.keys()];
    if (wanted.length === 0) break;
  }
  return { status: 'ok', value: { nodes, refused } };
}

/** The numbers of an account that was read, every page followed. */
export async function readNumbers(
  graph: GraphClient,
  id: string,
  node: JsonObject,
): Promise<CallOutcome<JsonObject[]>> {
  const path = `${encodeURIComponent(id)}/phone_numbers`;
  const query = (fields: string) => ({ fields, limit: '100' });
  const inside = node['phone_numbers'];
  let read: CallOutcome<JsonObject[]> = { status: 'ok', value: [] };
  for (const fields of NUMBER_FIELDS_BY_NEED) {
    const isInside = fields === NUMBER_FIELDS && Array.isArray(asObject(inside)?.['data']);
    read = passingAsUnreachable(
      isInside ? await readRest(graph, path, query(fields), inside) : await readAll(graph, path, query(fields)),
    );
    if (read.status !== 'refused' || isTokenRefusal(read.remote)) return read;
  }
  return read.status === 'refused' ? afterRefusal(read.remote) : read;
}

/** An account whose numbers are not ours to see is still an account; a dead token is another matter. */
function afterRefusal(remote: RemoteError): CallOutcome<JsonObject[]> {
  return isTokenRefusal(remote) ? { status: 'refused', remote } : { status: 'ok', value: [] };
}

export function toGroup(id: string, { phone_numbers: _, ...details }: JsonObject, numbers: JsonObject[]): AccountGroup {
  return defined({
    address: id,
    name: asText(details['name']) ?? id,
    portfolio: asId(asObject(details['owner_business_info'])?.['id']),
    details,
    accounts: numbers.flatMap((number) => toAccount(number) ?? []),
  });
}

export function toAccount(details: JsonObject): AccountDescription | undefined {
  const address = asId(details['id']);
  if (address === undefined) return undefined;
  const display = asText(details['display_phone_number']);
  const name = asText(details['verified_name']) ?? display ?? address;
  return defined({ address, name, phone: phoneDigits(display), details });
}
