import type { Content, JsonObject } from '../contract/index.js';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';
import type { Sender } from './choose-account.js';

/** A message that a caller wants sent, with everything looked up that needs no recipient. */
export interface Submission {
  readonly gateway: LoadedGateway;
  readonly sender: Sender;
  readonly content: Content;
  readonly fallback?: Content;
  /** our id of the message that this one answers */
  readonly replyTo?: string;
  readonly metadata?: JsonObject;
  readonly expiresAt?: Date;
  readonly origin: 'api' | 'bot';
}
