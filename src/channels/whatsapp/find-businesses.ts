import type { CallOutcome, GatewayCall } from '../../contract/index.js';
import { addAll, asId, asObject, byBusinesses, byToken, gather, type Search, type Way } from '../graph/index.js';

const WAYS: readonly Way[] = [
  byToken(['whatsapp_business_messaging', 'whatsapp_business_management']),
  byAssignment,
  // Meta: business/{owned,client}_whatsapp_business_accounts
  byBusinesses(['owned_whatsapp_business_accounts', 'client_whatsapp_business_accounts']),
];

/** The ids of every WhatsApp Business Account that the token may act for. */
export function findBusinesses(call: GatewayCall): Promise<CallOutcome<readonly string[]>> {
  return gather(call, WAYS);
}

/** What is assigned to the system user whose token it is (Meta: system-user/assigned_whatsapp_business_accounts). */
async function byAssignment({ graph, found }: Search): Promise<CallOutcome> {
  const me = await graph.call({ path: 'me', query: { fields: 'id,name' } });
  if (me.status !== 'ok') return me;
  const user = asId(asObject(me.value)?.['id']);
  if (user === undefined) return { status: 'ok', value: undefined };
  return addAll(graph, `${encodeURIComponent(user)}/assigned_whatsapp_business_accounts`, found);
}
