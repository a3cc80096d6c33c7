import { PERMISSIONS } from '../access/permissions.js';
import type { Principal } from '../access/principal.js';
import type { Content, JsonObject } from '../contract/index.js';
import { MessageBody } from '../delivery/accept/message.dto.js';
import type { SendMessageService } from '../delivery/accept/send-message.service.js';
import type { MessageClass } from '../delivery/message-class.js';
import { validateBody } from '../platform/http/validate-body.js';

/** To whom: E.164, or one of its members. */
export type OutgoingTo =
  | string
  | { readonly phone: string }
  | { readonly userId: string }
  | { readonly contact: string }
  | { readonly dialog: string };

/** The body of `POST /messages`. */
export interface OutgoingMessage {
  /** id or uri of the gateway */
  readonly gateway: string;
  /** may be left out where only one fits */
  readonly channel?: string;
  /** address of the sender; may be left out where only one fits */
  readonly account?: string;
  readonly to: OutgoingTo;
  readonly content: Content;
  /** a template that goes when free-form content may not */
  readonly fallback?: Content;
  /** id of the message that this one answers */
  readonly replyTo?: string;
  /** a lower class than the message has by itself */
  readonly class?: MessageClass;
  /** RFC 3339 */
  readonly sendAt?: string;
  /** seconds */
  readonly deliverWithin?: number;
  /** RFC 3339 */
  readonly expiresAt?: string;
  readonly metadata?: JsonObject;
}

/** What `POST /messages` answers. */
export interface SentMessage {
  readonly id: string;
  readonly status: string;
  /** id of the dialog */
  readonly dialog: string;
}

/** The host has the process, and with it everything in it. */
const HOST: Principal = {
  id: 'host',
  name: 'host',
  permissions: new Set(PERMISSIONS),
  gateways: null,
  isBootstrap: true,
};

/** @throws Problem what `POST /messages` would be answered with */
export async function sendAsHost(
  sending: SendMessageService,
  message: OutgoingMessage,
  idempotencyKey: string | undefined,
): Promise<SentMessage> {
  const body = validateBody(MessageBody, message);
  return (await sending.send(HOST, body, idempotencyKey)) as unknown as SentMessage;
}
