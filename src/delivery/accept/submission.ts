import type { Content, JsonObject } from '../../contract/index.js';
import type { MessagePart } from '../../dialog/message-status.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import type { TemplateVerdict } from '../../template/template-judge.service.js';
import type { MessageClass } from '../message-class.js';
import type { Sender } from './choose-account.js';
import type { Quote } from './quote.js';
import type { Recipient } from './recipient-resolver.service.js';

/** Who may be said to have written a message; absent: a program. */
export const AUTHORS = ['human'] as const;
export type Author = (typeof AUTHORS)[number];

/** A message that a caller wants sent, with everything looked up that needs no recipient. */
export interface Submission {
  readonly gateway: LoadedGateway;
  readonly sender: Sender;
  readonly content: Content;
  /** what will be changed, so that the channel can show it */
  readonly notes?: readonly string[];
  /** the parts of a long text that follow `content`, each a message of its own */
  readonly more?: readonly Pick<Submission, 'content' | 'notes'>[];
  readonly fallback?: Content;
  /** our id of the message that this one answers */
  readonly replyTo?: string;
  readonly metadata?: JsonObject;
  readonly author?: Author;
  /** the class that the caller asks for: its own or a lower one */
  readonly class?: MessageClass;
  /** not before this moment, which lies in the future */
  readonly sendAt?: Date;
  readonly expiresAt?: Date;
  /** seconds in which it should be delivered, from `sendAt` or now */
  readonly deliverWithin?: number;
  /** human: of the operator who has the dialog */
  readonly origin: 'api' | 'bot' | 'human';
  /** who that is */
  readonly operator?: string;
  /** one of many: what is free-form is no answer to anything that the person said */
  readonly isBulk?: boolean;
  /** what is known of the templates that it names; looked up when it is taken */
  readonly templates?: Partial<Record<MessagePart, TemplateVerdict>>;
}

/** A submission and whom it goes to. */
export interface Entry {
  readonly submission: Submission;
  readonly recipient: Recipient;
}

/** An entry that nothing speaks against but, perhaps, the customer's window. */
export interface Prepared extends Entry {
  readonly quote: Quote | undefined;
}
