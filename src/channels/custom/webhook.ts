import {
  type ChannelUpdate,
  type GatewayContext,
  isJsonObject,
  type JsonValue,
  type UnhandledUpdate,
  type Verification,
  type WebhookRequest,
} from '../../contract/index.js';
import { asId } from './read.js';
import { isSigned } from './signature.js';

export const MAX_BYTES = 1024 * 1024;

/** More signatures than any rotation needs are somebody's attempt to keep us busy. */
const MAX_SIGNATURES = 10;

/** As the Standard Webhooks specification says: headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
export function verify({ headers, body }: WebhookRequest, { settings }: GatewayContext, now: Date): Verification {
  const { secret, inbound_secret: inbound, secret_previous: previous } = settings;
  const current = inbound ?? secret;
  if (!current) return { ok: false, why: 'not-configured' };
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    one(headers[name]),
  );
  if (!id || !timestamp || !signature) return { ok: false, why: 'unsigned' };
  const secrets = previous ? [current, previous] : [current];
  const isFew = signature.split(' ').length <= MAX_SIGNATURES;
  if (!isFew || !isSigned(signature, secrets, { id, timestamp, body })) return { ok: false, why: 'forged' };
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
  const offMs = Math.abs(now.getTime() - seconds * 1_000);
  return offMs <= Number(settings['tolerance_seconds'] ?? 300) * 1_000 ? { ok: true } : { ok: false, why: 'stale' };
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' || header === undefined ? header : header[0];
}

/** One event, or many in `events`. */
export function split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[] {
  const events = isJsonObject(body) ? body['events'] : undefined;
  if (Array.isArray(events)) return events.map((event, index) => piece(event, `events[${index}]`));
  if (isJsonObject(body) && events === undefined) return [piece(body, '')];
  const detail = 'the body is neither an event nor an object with a list of events';
  return [{ type: 'unhandled', code: 'body.invalid', detail, path: '', raw: body }];
}

/** An account that is not named is found when the event is read. */
function piece(body: JsonValue, path: string): ChannelUpdate {
  const address = isJsonObject(body) ? asId(body['account']) : undefined;
  return { channel: 'custom', ...(address !== undefined && { account: { address } }), path, body };
}
