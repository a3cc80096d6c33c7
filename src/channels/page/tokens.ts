import type { CallOutcome, GatewayCall, RemoteError } from '../../contract/index.js';

/** The setting in whose place the token of a page stands; no person gives it for a whole gateway. */
export const PAGE_TOKEN = 'page_token';

/** The setting with the token that finds pages, where it is another one than WhatsApp's. */
export const SETUP_TOKEN = 'facebook_token';

const MISSING: RemoteError = {
  code: 'token.missing',
  message: 'No access token of this page is known: run setup with a token whose user has a role on the page.',
};

/** As the person, or system user, who has the pages. */
export function asOwner<C extends GatewayCall>(call: C): C {
  return withToken(call, call.settings[SETUP_TOKEN] || call.settings['whatsapp_token'] || '');
}

/** As the page itself, with the token that setup stored for it; undefined when there is none. */
export function asPage<C extends GatewayCall>(call: C): C | undefined {
  const token = call.settings[PAGE_TOKEN];
  return token ? withToken(call, token) : undefined;
}

export function noPageToken(): Extract<CallOutcome<never>, { status: 'refused' }> {
  return { status: 'refused', remote: MISSING };
}

/** What talks to Graph finds its token in one place; the one that stood there must still be told to nobody. */
function withToken<C extends GatewayCall>(call: C, token: string): C {
  const { settings } = call;
  return { ...call, settings: { ...settings, whatsapp_token: token, replaced_token: settings['whatsapp_token'] } };
}
