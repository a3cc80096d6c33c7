import type {
  AccountGroup,
  AccountsFacet,
  CallOutcome,
  GatewayCall,
  JsonObject,
  JsonValue,
} from '../../contract/index.js';
import { asId, asObject, asObjects, asText, defined, type GraphClient, passingAsUnreachable } from '../graph/index.js';
import { health, limits, nextTier, phoneDigits, present } from '../whatsapp/index.js';
import { dialog360Client } from './transport.js';

/** Fields of the number beside its health, which mirror Meta's; the more there are, the more may be refused. */
const FIELDS_BY_NEED = [
  'id,display_phone_number,verified_name,status,quality_rating,throughput,whatsapp_business_manager_messaging_limit',
  'display_phone_number,verified_name',
  '',
];

const WEBHOOK = 'v1/configs/webhook';

/** A key is one number's: there is nothing to be searched for, and nothing that serves others as well. */
export const accounts: AccountsFacet = {
  discover,
  subscribe,
  unsubscribe,
  isGone: () => false,
  health,
  limits,
  nextTier,
  present,
};

/** The number of the key, with the account and the portfolio that it stands in (360dialog: docs/messaging/health-status). */
async function discover(call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>> {
  const read = await readNumber(dialog360Client(call));
  if (read.status !== 'ok') return read;
  const { health_status: status, ...fields } = asObject(read.value) ?? {};
  const entities = asObjects(asObject(status)?.['entities']);
  const idOf = (type: string): string | undefined =>
    asId(entities.find((entity) => asText(entity['entity_type'])?.toUpperCase() === type)?.['id']);
  const address = idOf('PHONE_NUMBER') ?? asId(fields['id']);
  if (address === undefined) {
    const message = '360dialog did not say which number the API key belongs to';
    return { status: 'refused', remote: { code: '360dialog.number_unnamed', message } };
  }
  const display = asText(fields['display_phone_number']);
  const name = asText(fields['verified_name']) ?? display ?? address;
  const details: JsonObject = { ...fields, id: address, ...(status !== undefined && { health_status: status }) };
  const account = defined({ address, name, phone: phoneDigits(display), details });
  const group = idOf('WABA') ?? address;
  return {
    status: 'ok',
    value: [defined({ address: group, name, portfolio: idOf('BUSINESS'), details: {}, accounts: [account] })],
  };
}

async function readNumber(client: GraphClient): Promise<CallOutcome<JsonValue>> {
  let read: CallOutcome<JsonValue> = { status: 'ok', value: null };
  for (const fields of FIELDS_BY_NEED) {
    read = passingAsUnreachable(await client.call({ path: 'health_status', ...(fields && { query: { fields } }) }));
    // only a wrong parameter can be the fields' fault
    if (read.status !== 'refused' || (read.remote.code !== 100 && read.remote.code !== 'http.400')) return read;
  }
  return read;
}

/**
 * Makes 360dialog call this gateway for the number, with its secret in a header, as it forwards no signature of Meta's. A number
 * has one webhook: another owner's stays as it is.
 */
async function subscribe(_group: string, call: GatewayCall): Promise<CallOutcome<{ readonly warning?: string }>> {
  const client = dialog360Client(call);
  const set = await client.call({ path: WEBHOOK });
  if (set.status === 'unreachable') return set;
  const theirs = set.status === 'ok' ? asText(asObject(set.value)?.['url']) : undefined;
  if (theirs !== undefined && !isOurs(theirs, call.publicUrl)) {
    const warning =
      `360dialog sends what this number gets to ${hostOf(theirs)}; that webhook was left as it is. ` +
      'Take it out in the 360dialog Hub, then subscribe again.';
    return { status: 'ok', value: { warning } };
  }
  const headers = { authorization: `Bearer ${call.settings['webhook_secret'] ?? ''}` };
  const json: JsonObject = { url: call.callbackUrl, headers };
  const answer = await client.call({ method: 'POST', path: WEBHOOK, json });
  return answer.status === 'ok' ? { status: 'ok', value: {} } : answer;
}

/** 360dialog can only be told another address, never none: what still comes is stored, and given to no bot. */
async function unsubscribe(): Promise<CallOutcome> {
  return { status: 'ok', value: undefined };
}

function isOurs(url: string, publicUrl: string): boolean {
  return url.startsWith(`${publicUrl.replace(/\/+$/, '')}/`);
}

/** People put secrets into the paths of their webhooks. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'another address';
}
