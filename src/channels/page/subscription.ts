import type { CallOutcome, GatewayCall, JsonObject, JsonValue, RemoteError } from '../../contract/index.js';
import { asId, asList, asObject, asText, debugToken, graphClient, isTokenRefusal, readAll } from '../graph/index.js';
import { asOwner, asPage, noPageToken } from './tokens.js';

/**
 * The subscription of our app to a page (Meta: graph-api/reference/page/subscribed_apps). There is one for both networks: a page
 * and its Instagram account. Whose it is, is told by its fields: `MARK` stands for Instagram, which needs the page subscribed and
 * cares little for what, and `PAGE_FIELDS` for the page. Each network adds its own and leaves the other's.
 */
const MARK = 'name';

/** Without it nothing at all comes, so both have it. */
const SHARED = 'messages';

/** What the page itself is told of. */
export const PAGE_FIELDS = [
  SHARED,
  'messaging_postbacks',
  'messaging_optins',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'message_reactions',
  'messaging_referrals',
  'messaging_handovers',
  'standby',
  'message_edits',
] as const;

type User = 'page' | 'instagram';

const OWN: Readonly<Record<User, readonly string[]>> = { page: PAGE_FIELDS, instagram: [SHARED, MARK] };

type Subscribed = CallOutcome<{ readonly warning?: string }>;

/** Safe to repeat, and able to repair a subscription that was lost at Meta. */
export async function subscribe(user: User, page: string, call: GatewayCall): Promise<Subscribed> {
  const own = asPage(call);
  if (!own) return noPageToken();
  const fields = await fieldsOf(page, call, own);
  if (fields.status !== 'ok') return fields;
  const answer = await post(page, [...OWN[user], ...fields.value], own);
  return answer.status === 'ok' ? { status: 'ok', value: {} } : answer;
}

export async function unsubscribe(user: User, page: string, call: GatewayCall): Promise<CallOutcome> {
  const own = asPage(call);
  if (!own) return noPageToken();
  const fields = await fieldsOf(page, call, own);
  if (fields.status !== 'ok') return fields;
  const theirs = fields.value.filter((field) => !OWN[user].includes(field));
  const isUsed = user === 'page' ? theirs.includes(MARK) : theirs.includes('messaging_postbacks');
  if (isUsed) return post(page, [SHARED, ...theirs], own);
  const answer = await graphClient(own).call({ method: 'DELETE', path: pathOf(page) });
  return answer.status === 'ok' ? confirmed(answer.value) : answer;
}

/** The page is not there, or not for us: 100 with subcode 33, 803, or the words that come with them. */
export function isGone(remote: RemoteError): boolean {
  if (isTokenRefusal(remote)) return false; // "the application does not exist" is about the token
  return (
    remote.code === 803 || (remote.code === 100 && remote.subcode === 33) || /does not exist/i.test(remote.message)
  );
}

/** What our app is subscribed to now. */
async function fieldsOf(page: string, call: GatewayCall, own: GatewayCall): Promise<CallOutcome<readonly string[]>> {
  const listed = await readAll(graphClient(own), pathOf(page), {});
  if (listed.status !== 'ok') return listed;
  const ourApp = await ourAppId(call);
  if (ourApp.status !== 'ok') return ourApp;
  return { status: 'ok', value: subscribedFields(listed.value, ourApp.value) ?? [] };
}

/** The fields that an app among those of a page is told of; undefined: it is not subscribed. */
export function subscribedFields(
  apps: readonly JsonObject[],
  appId: string | undefined,
): readonly string[] | undefined {
  const app = apps.find((each) => asId(each['id']) === appId);
  return app && asList(app['subscribed_fields']).flatMap(nameOf);
}

/** A name, or an object that has one: Meta shows both. */
function nameOf(field: JsonValue): readonly string[] {
  const name = asText(field) ?? asText(asObject(field)?.['name']);
  return name === undefined ? [] : [name];
}

async function ourAppId(call: GatewayCall): Promise<CallOutcome<string | undefined>> {
  const clientId = call.settings['client_id'];
  if (clientId) return { status: 'ok', value: clientId };
  const facts = await debugToken(asOwner(call));
  return facts.status === 'ok' ? { status: 'ok', value: facts.value.appId } : facts;
}

async function post(page: string, fields: readonly string[], call: GatewayCall): Promise<CallOutcome> {
  const form = { subscribed_fields: [...new Set(fields)].join(',') };
  const answer = await graphClient(call).call({ method: 'POST', path: pathOf(page), form });
  return answer.status === 'ok' ? confirmed(answer.value) : answer;
}

const pathOf = (page: string): string => `${encodeURIComponent(page)}/subscribed_apps`;

/** Graph says `{"success": true}`, older versions just `true`; anything else is no promise. */
function confirmed(body: JsonValue): CallOutcome {
  if (body === true || (asObject(body) as JsonObject | undefined)?.['success'] === true) {
    return { status: 'ok', value: undefined };
  }
  return { status: 'refused', remote: { code: 'http.200', message: 'Meta did not confirm it', httpStatus: 200 } };
}
