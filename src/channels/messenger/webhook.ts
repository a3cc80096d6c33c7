import type { GatewayContext, Verification, WebhookReply, WebhookRequest } from '../../contract/index.js';
import { equalsInConstantTime, verifyHmac } from '../wire/index.js';

/** Meta sends up to 3 MB at once (Meta: webhooks/overview). */
export const MAX_BYTES = 3 * 1024 * 1024;

/**
 * Meta asks, before it sends anything to a URL, that the URL repeats a challenge to whoever knows the verify token (Meta:
 * webhooks/create-webhook-endpoint). Plain text, so that a browser that is led here never reads the challenge as a page.
 */
export function handshake({ method, query }: WebhookRequest, { settings }: GatewayContext): WebhookReply | undefined {
  const mode = query.get('hub.mode');
  if (method !== 'GET' || mode === null) return undefined;
  const challenge = query.get('hub.challenge');
  const expected = settings['verify_token'];
  const isOurs = !!expected && equalsInConstantTime(query.get('hub.verify_token') ?? '', expected);
  if (mode === 'subscribe' && isOurs && challenge !== null) {
    return { status: 200, contentType: 'text/plain', body: challenge };
  }
  return { status: 403, contentType: 'text/plain', body: 'The verify token is not the one of this gateway.' };
}

/**
 * `X-Hub-Signature-256: sha256=<hex>` is the HMAC-SHA256 of the bytes as received, keyed with the app secret (Meta:
 * webhooks/overview). The bytes matter: Meta escapes non-ASCII as `\uXXXX`, so JSON that was parsed and printed again never
 * matches. The previous secret counts only beside a current one: without `client_secret` nothing is configured.
 */
export function verify({ headers, body }: WebhookRequest, { settings }: GatewayContext): Verification {
  if (settings['verify_signature'] === 'off') return { ok: true };
  const { client_secret: secret, client_secret_previous: previous } = settings;
  if (!secret) return { ok: false, why: 'not-configured' };
  return verifyHmac({ body, header: headers['x-hub-signature-256'], secrets: [secret, previous], prefix: 'sha256=' });
}
