import type { GatewayCall } from '../../contract/index.js';
import { type ApiClient, type ApiRequest, apiClient } from '../wire/index.js';
import { readGraphError } from './remote-error.js';
import { appSecretProof } from './signature.js';

/** Below the version, e.g. `me/businesses`; '' is the root, where many ids are read at once. */
export type GraphRequest = ApiRequest;
/** The API by any way that leads to it: Meta's own, or somebody's who passes it on. */
export type GraphClient = ApiClient;

/** Used only where a gateway's settings carry neither; the gateway type fills them in from its options. */
const DEFAULT_URL = 'https://graph.facebook.com';
const DEFAULT_VERSION = 'v26.0';

/**
 * Meta's Graph API over the client that the core lends. Every call carries the token as a header (never in the URL, which
 * ends in logs) and, when the app secret is known, `appsecret_proof` for that very token.
 */
export function graphClient(call: GatewayCall, token = call.settings['whatsapp_token'] ?? ''): GraphClient {
  const { settings } = call;
  const secret = settings['client_secret'];
  const proof = secret ? appSecretProof(token, secret) : undefined;
  const base = (settings['graph_url'] ?? DEFAULT_URL).replace(/\/+$/, '');
  return apiClient(call.http, {
    base: `${base}/${settings['version'] ?? DEFAULT_VERSION}`,
    headers: { authorization: `Bearer ${token}` },
    ...(proof && { query: { appsecret_proof: proof } }),
    secrets: [
      token,
      ...['whatsapp_token', 'replaced_token', 'facebook_token', 'page_token'].map((name) => settings[name]),
      secret,
      settings['client_secret_previous'],
      proof,
      settings['verify_token'],
    ],
    readError: readGraphError,
  });
}

/** Scheme, host and port of Graph as the gateway is set up. */
export function graphOrigin(settings: GatewayCall['settings']): string {
  return new URL(settings['graph_url'] ?? DEFAULT_URL).origin;
}
