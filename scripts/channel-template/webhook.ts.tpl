import type {
  ChannelUpdate,
  GatewayContext,
  JsonValue,
  UnhandledUpdate,
  Verification,
  WebhookRequest,
} from '../../contract/index.js';

/** TODO: how much the network posts at once, with the source. */
export const MAX_BYTES = 1024 * 1024;

/** Whether a request is the network's (docs/channels.md#verify). */
export function verify(_request: WebhookRequest, _context: GatewayContext): Verification {
  // TODO: compare what the headers carry with what they must carry, over request.body, in constant time
  return { ok: false, why: 'not-configured' };
}

/** A body → the things in it (docs/channels.md#parse). */
export function split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[] {
  // TODO: a piece for each thing in the body, before anything in it is judged
  return [{ channel: '__name__', path: '', body }];
}
