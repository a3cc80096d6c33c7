import type { CallOutcome, GatewayCall, JsonObject, JsonValue, RemoteError } from '../../contract/index.js';
import { asId, asObject, asText, debugToken, graphClient, isTokenRefusal, readAll } from '../graph/index.js';

type Subscribed = CallOutcome<{ readonly warning?: string }>;

const pathOf = (group: string): string => `${encodeURIComponent(group)}/subscribed_apps`;

/** Meta: webhooks/override */
const LONGEST_OVERRIDE = 200;

/**
 * Makes Meta send this account's events to our app, and its messages to this gateway's own callback (an override, which Meta
 * asks for its challenge while the request runs; only where it is https). Safe to repeat, and able to repair a subscription that
 * was lost at Meta. A POST without a body clears the account's override (Meta: webhooks/override), so the overrides are looked
 * at first: another owner's stays as it is. What becomes of the override is a warning at most: the subscription is what was asked
 * for.
 */
export async function subscribe(group: string, call: GatewayCall, isShared = false): Promise<Subscribed> {
  const listed = await readAll(graphClient(call), pathOf(group), {});
  if (listed.status === 'unreachable') return listed;
  const overriding = listed.status === 'ok' ? listed.value.filter((app) => overrideOf(app) !== undefined) : [];
  const standing = overriding.length === 0 ? okOf(undefined) : await ourOverride(overriding, call);
  if (standing.status !== 'ok') return standing;
  const override = standing.value;
  if (override !== undefined && !isOurs(override, call)) {
    return okOf({
      warning: `Meta sends the messages of this account to ${override}; that override was left as it is.`,
    });
  }
  const wanted = wantedOverride(override, call, isShared);
  if (wanted.do === 'keep') return okOf({ warning: wanted.warning });
  if (wanted.do === 'without') return withWarning(await post(group, call), wanted.warning);
  const answer = await post(group, call, overrideBody(wanted.url, call));
  if (answer.status !== 'refused') return answer;
  const reason = `Meta did not take ${wanted.url} as this account's own callback: ${answer.remote.message}.`;
  // An override of ours that stands is better than none: Meta may only have failed to reach us just now.
  if (override !== undefined) return okOf({ warning: `${reason} The override ${override} stays as it was.` });
  return withWarning(await post(group, call), `${reason} Its messages go to the callback of the app.`);
}

/** Other gateways go on using the account: an override that leads to this one alone would lose their messages. */
export async function leave(group: string, call: GatewayCall): Promise<CallOutcome> {
  if (!isHttps(call)) return okOf(undefined);
  const listed = await readAll(graphClient(call), pathOf(group), {});
  if (listed.status !== 'ok') return listed;
  const standing = await ourOverride(listed.value, call);
  if (standing.status !== 'ok') return standing;
  if (standing.value !== call.callbackUrl) return okOf(undefined);
  const answer = await post(group, call);
  return answer.status === 'ok' ? okOf(undefined) : answer;
}

type Wanted =
  | { readonly do: 'set'; readonly url: string }
  | { readonly do: 'without'; readonly warning?: string }
  /** it belongs to another gateway of ours, which alone knows its verify token: nothing is to be posted */
  | { readonly do: 'keep'; readonly warning: string };

/** Which override this account is to have. Where several gateways use it, only the callback that they share reaches all. */
function wantedOverride(standing: string | undefined, call: GatewayCall, isShared: boolean): Wanted {
  if (!isHttps(call)) return standing === undefined ? { do: 'without' } : { do: 'set', url: standing };
  const url = isShared ? call.sharedCallbackUrl : call.callbackUrl;
  if (url === undefined) {
    const warning =
      'Several gateways use this account, and without client_id they have no callback in common: set it in each of them.';
    const isKept = standing !== undefined && standing !== call.callbackUrl;
    return isKept ? { do: 'keep', warning: `${warning} Its messages go to ${standing}.` } : { do: 'without', warning };
  }
  if (url.length <= LONGEST_OVERRIDE) return { do: 'set', url };
  const warning = `The callback has ${url.length} characters, and Meta takes ${LONGEST_OVERRIDE} as an account's own: its messages go to the callback of the app.`;
  return { do: 'without', warning };
}

function overrideBody(url: string, call: GatewayCall): JsonObject {
  return { override_callback_uri: url, verify_token: call.settings['verify_token'] ?? '' };
}

function isHttps(call: GatewayCall): boolean {
  return /^https:\/\//i.test(call.publicUrl);
}

function isOurs(url: string, call: GatewayCall): boolean {
  return url.startsWith(`${call.publicUrl.replace(/\/+$/, '')}/`);
}

function okOf<T>(value: T): CallOutcome<T> {
  return { status: 'ok', value };
}

function withWarning(outcome: Subscribed, warning: string | undefined): Subscribed {
  return outcome.status === 'ok' && warning !== undefined ? okOf({ warning }) : outcome;
}

export async function unsubscribe(group: string, call: GatewayCall): Promise<CallOutcome> {
  const answer = await graphClient(call).call({ method: 'DELETE', path: pathOf(group) });
  return answer.status === 'ok' ? confirmed(answer.value, undefined) : answer;
}

/** The account is not there, or not for us: 100 with subcode 33, 803, or the words that come with them. */
export function isGone(remote: RemoteError): boolean {
  if (isTokenRefusal(remote)) return false; // "the application does not exist" is about the token
  return (
    remote.code === 803 || (remote.code === 100 && remote.subcode === 33) || /does not exist/i.test(remote.message)
  );
}

async function post(group: string, call: GatewayCall, json?: JsonObject): Promise<Subscribed> {
  const answer = await graphClient(call).call({ method: 'POST', path: pathOf(group), ...(json && { json }) });
  return answer.status === 'ok' ? confirmed(answer.value, {}) : answer;
}

/** Graph says `{"success": true}`, older versions just `true`; anything else is no promise. */
function confirmed<T>(body: JsonValue, value: T): CallOutcome<T> {
  if (body === true || asObject(body)?.['success'] === true) return { status: 'ok', value };
  return { status: 'refused', remote: { code: 'http.200', message: 'Meta did not confirm it', httpStatus: 200 } };
}

/** The override of our own app among those of others. */
async function ourOverride(apps: readonly JsonObject[], call: GatewayCall): Promise<CallOutcome<string | undefined>> {
  const ourApp = await ourAppId(call);
  if (ourApp.status !== 'ok') return ourApp;
  return okOf(overrideOf(apps.find((app) => appIdOf(app) === ourApp.value)));
}

async function ourAppId(call: GatewayCall): Promise<CallOutcome<string | undefined>> {
  const clientId = call.settings['client_id'];
  if (clientId) return { status: 'ok', value: clientId };
  const facts = await debugToken(call);
  return facts.status === 'ok' ? { status: 'ok', value: facts.value.appId } : facts;
}

function overrideOf(app: JsonObject | undefined): string | undefined {
  return asText(app?.['override_callback_uri']);
}

function appIdOf(app: JsonObject): string | undefined {
  return asId(asObject(app['whatsapp_business_api_data'])?.['id']);
}
