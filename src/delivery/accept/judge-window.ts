import { type Capabilities, isTemplate } from '../../contract/index.js';
import { type Window, windowOf } from '../../dialog/window.js';
import type { MessagePart } from '../../dialog/message-status.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Submission } from './submission.js';

export interface WindowVerdict {
  /** at the moment at which the message may leave */
  readonly window: Window['state'];
  readonly part: MessagePart;
  /** when an open window closes, or the time that a human has after it */
  readonly expiresAt?: Date;
  /** the window is closed, and it goes because a human wrote it */
  readonly late?: 'human';
}

/**
 * Free-form content needs the customer's window. Closed: the fallback goes instead, or the message is refused. Unknown: tried
 * or refused, as the gateway says. What is native is the network's own business. One that is to leave after an open window has
 * closed is taken: the customer may write again before, and admission looks again when its turn comes; what a human may write then
 * goes in any case.
 *
 * @throws Problem 422 `window.closed`
 */
export function judgeWindow(
  { gateway, sender, content, fallback, sendAt, author }: Submission,
  lastInboundAt: Date | null,
  now: Date,
): WindowVerdict {
  const { account, channel } = sender;
  const durationMs = channel.capabilities.window?.durationMs ?? null;
  const window = windowOf({ durationMs, lastInboundAt, connectedSince: account.connectedSince ?? null }, now);
  const late = lateOf(author, channel.capabilities, lastInboundAt, sendAt ?? now);
  const isFreeForm = !isTemplate(content) && content.type !== 'native';
  if (!isFreeForm || window.state === 'open') {
    const isOver = window.state === 'open' && sendAt && window.expiresAt && window.expiresAt <= sendAt;
    if (isOver && isFreeForm && late) return { window: 'unknown', ...late };
    return {
      window: isOver ? 'unknown' : window.state,
      part: 'content',
      ...(window.expiresAt && { expiresAt: window.expiresAt }),
    };
  }
  if (late) return { window: window.state, ...late };
  const { windowUnknown } = gateway.type.policies(gateway.settings);
  if (window.state === 'unknown' && windowUnknown === 'try') return { window: 'unknown', part: 'content' };
  if (fallback) return { window: window.state, part: 'fallback' };
  const since = window.expiresAt
    ? `It closed at ${window.expiresAt.toISOString()}.`
    : 'This contact has not written within the last 24 h, as far as we know.';
  const detail = `Free-form messages need a message of the customer within the last 24 h. ${since}`;
  throw new Problem(422, 'window.closed', `${detail} ${adviceOf(channel.capabilities)}`);
}

/** What a human may still write at that moment, after the window. */
function lateOf(
  author: Submission['author'],
  { window }: Capabilities,
  lastInboundAt: Date | null,
  at: Date,
): Pick<WindowVerdict, 'part' | 'late' | 'expiresAt'> | undefined {
  if (author !== 'human' || !lastInboundAt || window?.humanMs === undefined) return undefined;
  const until = new Date(lastInboundAt.getTime() + window.humanMs);
  return until > at ? { part: 'content', late: 'human', expiresAt: until } : undefined;
}

function adviceOf({ template, window }: Capabilities): string {
  if (template) return 'Send a template, or give one as "fallback".';
  if (window?.humanMs === undefined) return 'Wait until they write.';
  const days = Math.round(window.humanMs / 86_400_000);
  return `Wait until they write; what a human wrote ("author": "human") may go for ${days} days after their last message.`;
}
