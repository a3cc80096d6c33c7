import type { GatewayCall } from '../../contract/index.js';
import { apiClient, type GraphClient } from '../graph/index.js';
import { isFileHost, type WhatsAppTransport } from '../whatsapp/index.js';
import { readError } from './read-error.js';

/** Cloud API numbers are served here; sandbox: https://waba-sandbox.360dialog.io. 360dialog: docs/messaging-api */
export const DEFAULT_URL = 'https://waba-v2.360dialog.io';

/**
 * The Cloud API as 360dialog passes it on: Meta's payloads, a key per number in place of a token, and so no number in the paths
 * (360dialog: docs/messaging-api/api-reference).
 */
export const dialog360Transport: WhatsAppTransport = {
  client: dialog360Client,
  edgeOf: (_account, edge) => edge,
  fileQuery: () => ({}),
  isTrusted: (url, call) => isFileHost(url) || isOurs(url, call),
  /** Meta's file host knows no key of 360dialog's: the same path is asked at 360dialog (docs/messaging/media). */
  fileAt: (url, call) => {
    if (!isFileHost(url) && !isOurs(url, call)) return undefined;
    const { pathname, search } = new URL(url);
    const there = isOurs(url, call) ? url : `${baseOf(call)}${pathname}${search}`;
    return { url: there, headers: keyOf(call), isHome: true };
  },
};

export function dialog360Client(call: GatewayCall): GraphClient {
  const { settings } = call;
  return apiClient(call.http, {
    base: baseOf(call),
    headers: keyOf(call),
    secrets: [settings['api_key'], settings['webhook_secret']],
    readError,
  });
}

function keyOf({ settings }: GatewayCall): Readonly<Record<string, string>> {
  return { 'd360-api-key': settings['api_key'] ?? '' };
}

function baseOf({ settings }: GatewayCall): string {
  return (settings['base_url'] ?? DEFAULT_URL).replace(/\/+$/, '');
}

function isOurs(url: string, call: GatewayCall): boolean {
  return URL.canParse(url) && url.startsWith(`${baseOf(call)}/`);
}
