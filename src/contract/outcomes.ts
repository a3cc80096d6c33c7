import type { KnownFile } from './media.js';

/** What the other side said when it refused, in its own words. Never carries a secret. */
export interface RemoteError {
  /** the network's code; for an answer without one, `http.<status>` */
  readonly code: number | string;
  readonly message: string;
  readonly subcode?: number;
  readonly details?: string;
  readonly type?: string;
  readonly traceId?: string;
  readonly httpStatus?: number;
}

/** What became of one call that puts a message on the wire. */
export type SendOutcome =
  | {
      readonly status: 'accepted';
      readonly providerId: string;
      readonly recipient?: SendRecipient;
      /** of files that travelled with it: they need not again */
      readonly files?: readonly KnownFile[];
    }
  /** the network answered with its own error: the outcome table decides what follows, and not before `afterMs` */
  | { readonly status: 'refused'; readonly remote: RemoteError; readonly afterMs?: number }
  /** no bytes left this process: safe to try again; `afterMs`: before then it is in vain */
  | { readonly status: 'unsent'; readonly reason: string; readonly afterMs?: number }
  /** bytes may have left and no answer of the network came back: in doubt */
  | { readonly status: 'unknown'; readonly reason: string };

/** How the network itself names the recipient (aliases of one phone, its own user id). */
export interface SendRecipient {
  readonly phone?: string;
  readonly userId?: string;
}

/** What became of any other call. */
export type CallOutcome<T = void> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'refused'; readonly remote: RemoteError }
  | { readonly status: 'unreachable'; readonly reason: string };

export type OutcomeAction = 'retry' | 'fail' | 'fallback' | 'hold' | 'suppress';
export type OutcomeScope = 'message' | 'contact' | 'account' | 'class' | 'template' | 'portfolio' | 'gateway';

/** What kind of message it is, best first: a better one never waits for a lower one. */
export const MESSAGE_CLASSES = ['authentication', 'reply', 'utility', 'marketing'] as const;
export type MessageClass = (typeof MESSAGE_CLASSES)[number];

/**
 * What a provider code means, as data. The same row is used whether the code comes in the answer or later in a `failed`
 * receipt; after acceptance `retry` and `hold` no longer resend, `fallback` may.
 */
export interface OutcomeRow {
  /** ours, neutral and append-only, e.g. `recipient.unreachable` */
  readonly code: string;
  readonly title: string;
  readonly action: OutcomeAction;
  readonly scope: OutcomeScope;
  /** first delay of a retry, or length of a hold, in milliseconds */
  readonly delayMs?: number;
  /** of a hold: the classes that it stops; absent: all */
  readonly classes?: readonly MessageClass[];
  /**
   * of a hold: somebody can mend its cause, and then it ends before its time: when the network or a person tells news of the
   * account, or when a message of this account, or of any in its group, is delivered
   */
  readonly mendable?: 'account' | 'group';
  /** the network calls us too fast: whose pace it speaks of */
  readonly slows?: 'account' | 'pair';
  /** the person has left, and gets nothing more until they come back: of `fail` with the scope `contact` */
  readonly lost?: true;
  /** what a person should do about it */
  readonly advice?: string;
}

/**
 * Provider code → meaning; a row of `<code>.<subcode>` goes before that of the code alone. Codes that are not there behave by their
 * HTTP class.
 */
export type OutcomeTable = ReadonlyMap<number | string, OutcomeRow>;
