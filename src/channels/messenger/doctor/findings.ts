import type { CallOutcome, DoctorCall, JsonObject, KnownGroup, RemoteError } from '../../../contract/index.js';
import {
  asId,
  asObject,
  asText,
  debugToken,
  type GraphClient,
  graphClient,
  readAll,
  readIds,
  scrubError,
  type TokenFacts,
} from '../../graph/index.js';
import { inTurns } from './in-turns.js';
import { gatherPages, type PageFound } from './page-findings.js';

export const MANAGEMENT = 'whatsapp_business_management';
export const MESSAGING = 'whatsapp_business_messaging';

/** A number as Meta shows it now. */
export interface NumberFound {
  readonly address: string;
  readonly name: string;
  readonly active: boolean;
  /** Meta's fields, or why it does not show them */
  readonly node: CallOutcome<JsonObject>;
}

export interface GroupFound {
  readonly address: string;
  readonly name: string;
  readonly isActive: boolean;
  /** the apps that are subscribed to it */
  readonly apps: CallOutcome<JsonObject[]>;
  /** its own fields that are about money */
  readonly node: CallOutcome<JsonObject>;
  readonly numbers: readonly NumberFound[];
}

/** Everything that Meta was asked, before anybody judges it. */
export interface Findings {
  readonly call: DoctorCall;
  readonly token: CallOutcome<TokenFacts>;
  /** what Meta thinks of `appsecret_proof`; unknown: it did not get as far, or there is no secret */
  readonly proof: 'right' | 'wrong' | 'wanted' | 'unknown';
  /** the app's webhooks; undefined: not to be asked without client_id and client_secret */
  readonly subscriptions: CallOutcome<JsonObject[]> | undefined;
  /** undefined: not asked, because the token would not be let */
  readonly groups: readonly GroupFound[] | undefined;
  /** undefined: not asked, because every call would be refused */
  readonly pages: readonly PageFound[] | undefined;
}

/** Meta: graph-api/reference/whats-app-business-account-to-number-current-status; webhooks/override */
const NUMBER_FIELDS =
  'id,display_phone_number,verified_name,status,name_status,platform_type,code_verification_status,account_mode,' +
  'whatsapp_business_manager_messaging_limit,health_status,webhook_configuration';
/** One field that a version or a token does not know is refused with all the others. */
const NUMBER_FIELDS_BY_NEED = [NUMBER_FIELDS, 'id,status,name_status,webhook_configuration', 'id,status'];

/** Asks Meta for all that the steps are judged by; what depends on a token that is of no use is not asked. */
export async function gather(call: DoctorCall): Promise<Findings> {
  const { client_id: id, client_secret: secret } = call.settings;
  const [{ token, proof }, subscriptions] = await Promise.all([
    askToken(call),
    id && secret
      ? readAll(graphClient(call, `${id}|${secret}`), `${encodeURIComponent(id)}/subscriptions`, {})
      : undefined,
  ]);
  const mayRead =
    token.status === 'ok' && token.value.isValid && token.value.scopes.has(MANAGEMENT) && !isProofBad(proof);
  const [groups, pages] = await Promise.all([
    mayRead ? readGroups(call) : undefined,
    isProofBad(proof) ? undefined : gatherPages(call),
  ]);
  return { call, token, proof, subscriptions, groups, pages };
}

export function isProofBad(proof: Findings['proof']): boolean {
  return proof === 'wrong' || proof === 'wanted';
}

/** A wrong app secret makes every call with it fail: the token is then judged without, to tell one from the other. */
async function askToken(call: DoctorCall): Promise<Pick<Findings, 'token' | 'proof'>> {
  const token = await debugToken(call);
  const hasSecret = !!call.settings['client_secret'];
  if (token.status === 'ok') return { token, proof: hasSecret ? 'right' : 'unknown' };
  if (token.status !== 'refused' || !isAboutProof(token.remote)) return { token, proof: 'unknown' };
  if (!hasSecret) return { token, proof: 'wanted' };
  const { client_secret: wrong, ...settings } = call.settings;
  const judged = await debugToken({ ...call, settings });
  // a call that does not know the secret cannot keep it out of what Meta says
  if (judged.status !== 'refused') return { token: judged, proof: 'wrong' };
  return { token: { ...judged, remote: scrubError(judged.remote, [wrong]) }, proof: 'wrong' };
}

export function isAboutProof({ message, details }: RemoteError): boolean {
  return /appsecret_proof/i.test(`${message} ${details ?? ''}`);
}

async function readGroups(call: DoctorCall): Promise<readonly GroupFound[]> {
  const graph = graphClient(call);
  const groups = examined(call.groups);
  const numbers = await readNumbers(
    graph,
    groups.flatMap(({ accounts }) => accounts.map(({ address }) => address)),
  );
  return inTurns(groups, async (group): Promise<GroupFound> => {
    const path = encodeURIComponent(group.address);
    const [apps, node] = await Promise.all([
      readAll(graph, `${path}/subscribed_apps`, {}),
      readNode(graph, path, 'id,name,primary_funding_id'),
    ]);
    return {
      address: group.address,
      name: group.name,
      isActive: group.accounts.some(({ active }) => active),
      apps,
      node,
      numbers: group.accounts.map(({ address, name, active }) => ({ address, name, active, node: numbers(address) })),
    };
  });
}

/** Those that are in use; when none is, all that are known: then they are still to be set up. */
function examined(groups: readonly KnownGroup[]): readonly KnownGroup[] {
  const own = groups.filter(({ channel }) => channel === 'whatsapp');
  const used = own.flatMap((group) => {
    const accounts = group.accounts.filter(({ active }) => active);
    return accounts.length > 0 ? [{ ...group, accounts }] : [];
  });
  return used.length > 0 ? used : own;
}

async function readNumbers(graph: GraphClient, ids: readonly string[]) {
  const nodes = new Map<string, CallOutcome<JsonObject>>();
  let wanted = ids;
  for (const fields of NUMBER_FIELDS_BY_NEED) {
    const read = await readIds(graph, wanted, fields);
    if (read.status !== 'ok') {
      for (const id of wanted) nodes.set(id, read);
      break;
    }
    for (const [id, value] of read.value.nodes) nodes.set(id, { status: 'ok', value });
    for (const [id, remote] of read.value.refused) nodes.set(id, { status: 'refused', remote });
    wanted = [...read.value.refused.keys()];
    if (wanted.length === 0) break;
  }
  return (id: string): CallOutcome<JsonObject> => nodes.get(id) ?? { status: 'unreachable', reason: 'not read' };
}

async function readNode(graph: GraphClient, path: string, fields: string): Promise<CallOutcome<JsonObject>> {
  const answer = await graph.call({ path, query: { fields } });
  return answer.status === 'ok' ? { status: 'ok', value: asObject(answer.value) ?? {} } : answer;
}

/** The id of the app that acts: the token's, whatever is configured. */
export function ourAppOf({ call, token }: Findings): string | undefined {
  return (token.status === 'ok' ? token.value.appId : undefined) ?? call.settings['client_id'];
}

/** Our app among those that are subscribed. */
export function ourSubscription(findings: Findings, apps: readonly JsonObject[]): JsonObject | undefined {
  const ours = ourAppOf(findings);
  return apps.find((app) => asId(asObject(app['whatsapp_business_api_data'])?.['id']) === ours);
}

/** The callback that a number, its account or the app has, each by itself. */
export function callbacksOf(node: JsonObject) {
  const configuration = asObject(node['webhook_configuration']);
  return {
    number: asText(configuration?.['phone_number']),
    account: asText(configuration?.['whatsapp_business_account']),
    app: asText(configuration?.['application']),
  };
}
