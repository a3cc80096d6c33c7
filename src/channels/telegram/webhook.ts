import type {
  ChannelUpdate,
  GatewayContext,
  JsonValue,
  UnhandledUpdate,
  Verification,
  WebhookRequest,
} from '../../contract/index.js';
import { asNumber, asObject, equalsInConstantTime } from '../wire/index.js';

/** Updates have a few kilobytes; the API names no limit. */
export const MAX_BYTES = 1024 * 1024;

/** There is no signature: Telegram repeats the secret that setWebhook gave it (core.telegram.org/bots/api, setWebhook). */
export function verify({ headers }: WebhookRequest, { settings }: GatewayContext): Verification {
  const expected = settings['webhook_secret'];
  if (!expected) return { ok: false, why: 'not-configured' };
  const given = headers['x-telegram-bot-api-secret-token'];
  if (typeof given !== 'string' || given === '') return { ok: false, why: 'unsigned' };
  return equalsInConstantTime(given, expected) ? { ok: true } : { ok: false, why: 'forged' };
}

/** One update per request. It does not say which bot it is for: whose callback it came to does. */
export function split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[] {
  if (asNumber(asObject(body)?.['update_id']) === undefined) {
    const detail = 'the body is not an update: it has no update_id';
    return [{ type: 'unhandled', code: 'body.invalid', detail, path: '', raw: body }];
  }
  return [{ channel: 'telegram', path: '', body }];
}
