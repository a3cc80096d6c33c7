import { createHmac } from 'node:crypto';
import type {
  ChannelUpdate,
  GatewayContext,
  JsonValue,
  UnhandledUpdate,
  Verification,
  WebhookRequest,
} from '../../contract/index.js';
import { equalsInConstantTime, splitEnvelope } from '../graph/index.js';

/** Meta's bodies, and so Meta's size (Meta: webhooks/overview). */
export const MAX_BYTES = 3 * 1024 * 1024;

const CHANNELS: ReadonlyMap<string, string> = new Map([['whatsapp_business_account', 'whatsapp']]);

/**
 * 360dialog forwards no signature of Meta's. What proves a request is the secret in the header that `subscribe` has registered, or
 * 360dialog's own signature, the hex HMAC-SHA256 of the body, where somebody has agreed on a secret with it (partners).
 */
export function verify({ headers, body }: WebhookRequest, { settings }: GatewayContext): Verification {
  const secret = settings['webhook_secret'];
  if (!secret) return { ok: false, why: 'not-configured' };
  const given = one(headers['authorization']);
  const signature = one(headers['x-360dialog-signature']);
  if (!given && !signature) return { ok: false, why: 'unsigned' };
  const expected = createHmac('sha256', secret).update(body).digest('hex');
  // both are looked at, so that the time taken says nothing about either
  const isNamed = equalsInConstantTime((given ?? '').replace(/^Bearer /i, ''), secret);
  const isSigned = equalsInConstantTime((signature ?? '').replace(/^sha256=/i, '').toLowerCase(), expected);
  return isNamed || isSigned ? { ok: true } : { ok: false, why: 'forged' };
}

/** Meta's envelope, as it is. */
export function split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[] {
  return splitEnvelope(body, CHANNELS);
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' || header === undefined ? header : header[0];
}
