import type { Content, JsonObject } from '../../contract/index.js';
import type { MessagePart } from '../../dialog/message-status.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import type { TemplateVerdict } from '../../template/template-judge.service.js';
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
  /** what is known of the templates that it names; looked up when it is taken */
  readonly templates?: Partial<Record<MessagePart, TemplateVerdict>>;
}
