import type { AccountCall, JsonObject, ProviderAnswer, Settings } from '../../contract/index.js';
import { sign } from './signature.js';

/**
 * Posts one envelope, signed as the Standard Webhooks specification says.
 *
 * @param id of the request, and its idempotency key: the same id is the same envelope
 */
export async function post(envelope: JsonObject, id: string, call: AccountCall, now: Date): Promise<ProviderAnswer> {
  const { settings } = call;
  const body = JSON.stringify(envelope);
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const secrets = [settings['secret'], settings['secret_previous']].filter((secret) => secret !== undefined);
  return call.http.request({
    method: 'POST',
    url: targetOf(settings),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'Patchbay',
      'idempotency-key': id,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': secrets.map((secret) => sign(secret, { id, timestamp, body })).join(' '),
    },
    body,
  });
}

/** The other side knows them, and may say them when it says what it could not check. */
export function secretsOf(settings: Settings): readonly (string | undefined)[] {
  return [settings['secret'], settings['secret_previous'], settings['inbound_secret']];
}

/** `api_url` stands in for scheme and host of `url`. */
function targetOf(settings: Settings): string {
  const { url = '', api_url: base } = settings;
  if (!base || !URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return `${base.replace(/\/+$/, '')}${pathname}${search}`;
}
