import type { Held, HeldReason, MessageError } from '../../dialog/message-status.js';
import type { Window } from '../../dialog/window.js';
import { ownError } from '../judge.js';
import { FREE_FORM, type ClassRank, type MessageKind } from '../message-class.js';

/** Everything that decides whether a message may leave when its turn comes. Loaded in bulk by admission, singly by explain. */
export interface Turn {
  readonly class: ClassRank;
  readonly kind: MessageKind;
  /** its content may not go, there is something else that may */
  readonly hasFallback: boolean;
  readonly window: Window;
  /** whether free-form content is tried while it is not known if the window is open */
  readonly triesUnknown: boolean;
  /** the account, its gateway, or the stop switch, for this class */
  readonly obstacle?: Held;
  /** in plain words, what the person allowed or forbade */
  readonly consent?: string;
  /** the template that it goes by is paused */
  readonly template?: Held;
  /** what the person must be spared until then */
  readonly threadHold?: { readonly reason: HeldReason; readonly detail: string; readonly until: Date };
  /** when the pace to this person allows it; in the past: now */
  readonly pairFreeAt: Date;
  readonly tier: 'uncounted' | 'has-place' | 'free' | 'full';
  /** when the next place of the messaging limit becomes free, where that is known */
  readonly nextPlaceAt?: Date;
}

export type TurnVerdict =
  /** `opens`: it takes a place of the messaging limit, or shares one */
  | { readonly do: 'send'; readonly opens: boolean }
  | { readonly do: 'hold'; readonly held: Held; readonly until: Date | null }
  | { readonly do: 'fallback'; readonly detail: string }
  | { readonly do: 'fail'; readonly error: MessageError };

/**
 * Everything that keeps a message from leaving now, the most lasting first; none: it may go. Admission acts on the first, and
 * explain shows all of them: it is one function, so that what is explained is what is done.
 */
export function obstaclesOf(turn: Turn, now: Date): readonly Exclude<TurnVerdict, { do: 'send' }>[] {
  const found: Exclude<TurnVerdict, { do: 'send' }>[] = [];
  const hold = (held: Held, until: Date | null = null): void => {
    found.push({ do: 'hold', held, until });
  };
  if (turn.obstacle) hold(turn.obstacle);
  const closed = missedWindow(turn);
  if (closed) found.push(closed);
  if (turn.template) hold(turn.template);
  if (turn.consent !== undefined) hold({ reason: 'consent', detail: turn.consent });
  if (turn.threadHold && turn.threadHold.until > now) {
    const { reason, detail, until } = turn.threadHold;
    hold({ reason, detail, until: until.toISOString() }, until);
  }
  if (turn.pairFreeAt > now) {
    const detail = 'The network allows only so many messages to one person in a short time; this one waits its turn.';
    hold({ reason: 'pair', detail, until: turn.pairFreeAt.toISOString() }, turn.pairFreeAt);
  }
  if (turn.tier === 'full') hold(tierHeld(turn.nextPlaceAt));
  return found;
}

export function judgeTurn(turn: Turn, now: Date): TurnVerdict {
  return obstaclesOf(turn, now)[0] ?? { do: 'send', opens: turn.tier !== 'uncounted' };
}

/** Whether sending it now would open the person to the business: outside of a window, as far as we know. */
export function opensPerson(window: Window): boolean {
  return window.state !== 'open';
}

export function tierHeld(nextPlaceAt?: Date): Held {
  return {
    reason: 'tier',
    detail:
      'The messaging limit of the business is used up: so many people may be written to outside of the 24-hour window within a day. ' +
      'It goes when a place becomes free, or when the person writes.',
    ...(nextPlaceAt && { until: nextPlaceAt.toISOString() }),
  };
}

/** Free-form content whose window closed while it waited. */
function missedWindow({
  kind,
  window,
  triesUnknown,
  hasFallback,
}: Turn): (TurnVerdict & { do: 'fallback' | 'fail' }) | undefined {
  if (kind !== FREE_FORM || window.state === 'open') return undefined;
  if (window.state === 'unknown' && triesUnknown) return undefined;
  const since = window.expiresAt ? ` at ${window.expiresAt.toISOString()}` : '';
  const detail = `The 24-hour window closed${since}, before the turn of this message came.`;
  if (hasFallback) return { do: 'fallback', detail };
  return {
    do: 'fail',
    error: ownError(
      'window.closed',
      'The window closed before its turn',
      `${detail} Send a template, or give one as "fallback".`,
    ),
  };
}
