import { isTemplate } from '../../contract/index.js';
import { type Window, windowOf } from '../../dialog/window.js';
import type { MessagePart } from '../../dialog/message-status.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Submission } from './submission.js';

export interface WindowVerdict {
  /** at the moment at which the message may leave */
  readonly window: Window['state'];
  readonly part: MessagePart;
  /** when an open window closes */
  readonly expiresAt?: Date;
}

/**
 * Free-form content needs the customer's window. Closed: the fallback goes instead, or the message is refused. Unknown: tried
 * or refused, as the gateway says. What is native is the network's own business. One that is to leave after an open window has
 * closed is taken: the customer may write again before, and admission looks again when its turn comes.
 *
 * @throws Problem 422 `window.closed`
 */
export function judgeWindow(
  { gateway, sender, content, fallback, sendAt }: Submission,
  lastInboundAt: Date | null,
  now: Date,
): WindowVerdict {
  const { account, channel } = sender;
  const durationMs = channel.capabilities.window?.durationMs ?? null;
  const window = windowOf({ durationMs, lastInboundAt, connectedSince: account.connectedSince ?? null }, now);
  if (isTemplate(content) || content.type === 'native' || window.state === 'open') {
    const isOver = window.state === 'open' && sendAt && window.expiresAt && window.expiresAt <= sendAt;
    return {
      window: isOver ? 'unknown' : window.state,
      part: 'content',
      ...(window.expiresAt && { expiresAt: window.expiresAt }),
    };
  }
  const { windowUnknown } = gateway.type.policies(gateway.settings);
  if (window.state === 'unknown' && windowUnknown === 'try') return { window: 'unknown', part: 'content' };
  if (fallback) return { window: window.state, part: 'fallback' };
  const since = window.expiresAt
    ? `It closed at ${window.expiresAt.toISOString()}.`
    : 'This contact has not written within the last 24 h, as far as we know.';
  throw new Problem(
    422,
    'window.closed',
    `Free-form messages need a message of the customer within the last 24 h. ${since} Send a template, or give one as "fallback".`,
  );
}
