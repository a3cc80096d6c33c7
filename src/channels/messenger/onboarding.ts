import { createHmac } from 'node:crypto';
import type {
  CallOutcome,
  GatewayCall,
  GatewayContext,
  GrantedSettings,
  OnboardingFacet,
  OnboardingReturn,
  Revocation,
  WebhookRequest,
} from '../../contract/index.js';
import {
  asId,
  asObject,
  asText,
  debugToken,
  equalsInConstantTime,
  graphClient,
  isTokenRefusal,
  parseJson,
} from '../graph/index.js';
import { SETUP_TOKEN } from '../page/index.js';

/** Facebook Login, and what it is called back with when a person removes the app. */
export const onboarding: OnboardingFacet = { start, read, exchange, revocation, livesOn };

const PAGES = 'pages_show_list,pages_messaging,pages_manage_metadata,business_management';

/** What accounts beside WhatsApp's take. */
const PAGE_SCOPES: ReadonlyMap<string, string> = new Map([
  ['facebook', PAGES],
  ['instagram', `${PAGES},instagram_basic,instagram_manage_messages`],
]);

/** Meta: facebook-login/guides/advanced/manual-flow; a configuration of Facebook Login for Business names its own permissions */
function start(state: string, { settings, callbackUrl }: GatewayContext, channel: string) {
  const { client_id: clientId, client_secret: secret, oauth_config_id: configuration } = settings;
  if (!clientId || !secret) return { missing: 'client_id and client_secret: the dialog belongs to the app' };
  const base = (settings['oauth_url'] ?? 'https://www.facebook.com').replace(/\/+$/, '');
  const asked = configuration
    ? { config_id: configuration, override_default_response_type: 'true' }
    : { scope: PAGE_SCOPES.get(channel) ?? settings['oauth_scopes'] ?? '', auth_type: 'rerequest' };
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: callbackUrl,
    response_type: 'code',
    display: 'popup',
    state,
    ...asked,
  });
  return { url: `${base}/${settings['version'] ?? 'v26.0'}/dialog/oauth?${query.toString()}` };
}

function read(query: URLSearchParams): OnboardingReturn {
  const code = query.get('code');
  if (code && !query.has('error')) return { status: 'granted', code };
  const isPersons = query.get('error_reason') === 'user_denied' || query.get('error') === 'access_denied';
  if (isPersons) return { status: 'refused', reason: 'The sign-in was cancelled.' };
  const said = query.get('error_description') ?? query.get('error_message') ?? query.get('error') ?? 'no reason given';
  return { status: 'refused', reason: `Meta refused: ${said}` };
}

/** Meta: facebook-login/guides/advanced/manual-flow, `GET /oauth/access_token`; a code lives for 30 seconds. */
async function exchange(code: string, call: GatewayCall, channel: string): Promise<CallOutcome<GrantedSettings>> {
  const { client_id: id = '', client_secret: secret = '' } = call.settings;
  const query = { client_id: id, client_secret: secret, redirect_uri: call.callbackUrl, code };
  const answer = await graphClient(call, `${id}|${secret}`).call({ path: 'oauth/access_token', query });
  if (answer.status !== 'ok') return answer;
  const token = asText(asObject(answer.value)?.['access_token']);
  if (token === undefined) return { status: 'unreachable', reason: 'the answer carries no access_token' };
  if (!PAGE_SCOPES.has(channel)) return { status: 'ok', value: { whatsapp_token: token } };
  return { status: 'ok', value: { [SETUP_TOKEN]: (await longLived(token, call)) ?? token } };
}

/**
 * Tokens of pages live as long as the token of the person who gave them, and for good when that is a long-lived one (Meta:
 * facebook-login/guides/access-tokens/get-long-lived). Where Meta gives none, the short one must do.
 */
async function longLived(token: string, call: GatewayCall): Promise<string | undefined> {
  const { client_id: id = '', client_secret: secret = '' } = call.settings;
  const query = { grant_type: 'fb_exchange_token', client_id: id, client_secret: secret, fb_exchange_token: token };
  const answer = await graphClient(call, `${id}|${secret}`).call({ path: 'oauth/access_token', query });
  return answer.status === 'ok' ? asText(asObject(answer.value)?.['access_token']) : undefined;
}

const FORM = /^application\/x-www-form-urlencoded\b/i;

/**
 * `signed_request=<base64url(HMAC-SHA256)>.<base64url(JSON)>`, signed with the app secret over the second part as it stands (Meta:
 * facebook-login/guides/advanced/deauthorize-callback).
 */
function revocation({ headers, body }: WebhookRequest, { settings }: GatewayContext): Revocation | undefined {
  const type = headers['content-type'];
  if (typeof type !== 'string' || !FORM.test(type)) return undefined;
  const signed = new URLSearchParams(body.toString('utf8')).get('signed_request');
  if (signed === null) return undefined;
  const { client_secret: secret, client_secret_previous: previous } = settings;
  if (!secret) return { ok: false, why: 'not-configured' };
  const [signature = '', payload = '', ...more] = signed.split('.');
  const matches = [secret, previous].map(
    (key) =>
      !!key &&
      equalsInConstantTime(createHmac('sha256', key).update(payload).digest('base64url'), signature.replace(/=+$/, '')),
  );
  const told = asObject(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  const isSha256 = (asText(told?.['algorithm']) ?? '').toUpperCase() === 'HMAC-SHA256';
  const by = asId(told?.['user_id']);
  if (!matches.includes(true) || more.length > 0 || !isSha256 || by === undefined) return { ok: false, why: 'forged' };
  return { ok: true, by };
}

/** Whose token it is, Meta says; of a token that is dead, or of which it says nothing, the worst is assumed. */
async function livesOn(by: string, call: GatewayCall): Promise<CallOutcome<boolean>> {
  const facts = await debugToken(call);
  if (facts.status === 'refused') return isTokenRefusal(facts.remote) ? { status: 'ok', value: true } : facts;
  if (facts.status !== 'ok') return facts;
  const { isValid, userId } = facts.value;
  return { status: 'ok', value: !isValid || userId === undefined || userId === by };
}
