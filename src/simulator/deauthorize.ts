import { createHmac } from 'node:crypto';
import type { Platform } from './platform.js';
import type { WebhookResponse } from './webhook-transport.js';

export interface Deauthorization {
  /** @default the first app */
  appId?: string;
  /** @default `deauthorizeUrl` of the app */
  target?: string;
  /** Instead of the app's secret: a stranger's. */
  secret?: string;
}

/**
 * A person removes the app from its account: what it granted is void, and the application is told, with a `signed_request` of
 * `base64url(HMAC-SHA256) . base64url(JSON)`. Meta: facebook-login/guides/advanced/deauthorize-callback
 */
export function deauthorize(
  { world, clock, transport }: Platform,
  userId: string,
  given: Deauthorization,
): Promise<WebhookResponse> {
  const app = given.appId === undefined ? [...world.apps.values()][0] : world.app(given.appId);
  const target = given.target ?? app?.deauthorizeUrl;
  if (app === undefined || target === undefined) {
    throw new Error('to tell that somebody has removed an app takes an app with a deauthorizeUrl, or a target');
  }
  for (const token of world.tokens.values()) {
    if (token.userId === userId && token.appId === app.id && given.secret === undefined) token.valid = false;
  }
  const payload = Buffer.from(
    JSON.stringify({ algorithm: 'HMAC-SHA256', issued_at: clock.seconds(), user_id: userId }),
  ).toString('base64url');
  const signature = createHmac('sha256', given.secret ?? app.secret)
    .update(payload)
    .digest('base64url');
  const body = new URLSearchParams({ signed_request: `${signature}.${payload}` }).toString();
  return transport.post(target, Buffer.from(body), { 'content-type': 'application/x-www-form-urlencoded' });
}
