import type { BotEvent, BotEventType } from '../../contract/index.js';

/** What a handler is given beside the event. */
export interface HandlerContext {
  /** aborts when the time is over: the event counts as not taken then, and what is answered later is not carried out */
  readonly signal: AbortSignal;
}

/** Somebody in this process who takes events. Throwing means: not taken, tell me again. */
export interface InProcessHandler {
  /** for people: a class's name */
  readonly name: string;
  readonly events: readonly (BotEventType | '*')[];
  readonly timeoutSeconds: number;
  handle(event: BotEvent, context: HandlerContext): unknown;
}

/** Answers for a gateway. */
export interface InProcessBot extends InProcessHandler {
  /** of the gateway */
  readonly uri: string;
}

/** Hears of all gateways, and answers nothing. Its name tells it from the others, in this and in every later process. */
export type InProcessListener = InProcessHandler;

/** Everybody who takes events inside this process. */
export interface InProcessHandlers {
  readonly bots: readonly InProcessBot[];
  readonly listeners: readonly InProcessListener[];
}

export const NO_HANDLERS: InProcessHandlers = { bots: [], listeners: [] };

/** Injection token of the {@link InProcessHandlers}. */
export const IN_PROCESS_HANDLERS = Symbol('patchbay:in-process-handlers');

/** Thrown by a handler that wants to be told again no sooner than that; without it the time between attempts grows by itself. */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError';

  constructor(
    readonly retryAfterMs: number,
    message = 'asked to be told later',
  ) {
    super(message);
  }
}
