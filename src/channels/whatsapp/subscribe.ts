import type { CallOutcome, GatewayCall, JsonObject, JsonValue, RemoteError } from '../../contract/index.js';
import { asId, asObject, asText, debugToken, graphClient, isTokenRefusal, readAll } from '../graph/index.js';

type Subscribed = CallOutcome<{ readonly warning?: string }>;

const pathOf = (group: string): string => `${encodeURIComponent(group)}/subscribed_apps`;

/**
 * Makes Meta send this account's events to our app. Safe to repeat, and able to repair a subscription that was lost at Meta.
 * A POST without a body also clears the account's callback override (Meta: webhooks/override), so the overrides are looked at
 * first: another owner's stays as it is, our own is set again.
 */
export async function subscribe(group: string, call: GatewayCall): Promise<Subscribed> {
  const listed = await readAll(graphClient(call), pathOf(group), {});
  if (listed.status === 'unreachable') return listed;
  const overriding = listed.status === 'ok' ? listed.value.filter((app) => overrideOf(app) !== undefined) : [];
  if (overriding.length === 0) return post(group, call);

  const ourApp = await ourAppId(call);
  if (ourApp.status !== 'ok') return ourApp;
  const override = overrideOf(overriding.find((app) => appIdOf(app) === ourApp.value));
  if (override === undefined) return post(group, call);
  if (!override.startsWith(`${call.publicUrl.replace(/\/+$/, '')}/`)) {
    const warning = `Meta sends the messages of this account to ${override}; that override was left as it is.`;
    return { status: 'ok', value: { warning } };
  }
  const token = call.settings['verify_token'] ?? '';
  return post(group, call, { override_callback_uri: override, verify_token: token });
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
