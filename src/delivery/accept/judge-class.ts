import { isTemplate } from '../../contract/index.js';
import type { MessagePart } from '../../dialog/message-status.js';
import type { Window } from '../../dialog/window.js';
import { Problem } from '../../platform/problem/problem.js';
import { type MessageClass, rankOfClass } from '../message-class.js';
import type { Submission } from './submission.js';

/**
 * Fixed when the message is taken: the class that it has by what it is, or a lower one that the caller asked for.
 *
 * @param window of the moment at which it may leave
 * @throws Problem 422 `class.too_high`
 */
export function judgeClass(submission: Submission, window: Window['state'], part: MessagePart): MessageClass {
  const own = classOf(submission, window, part);
  const asked = submission.class;
  if (asked === undefined || rankOfClass(asked) >= rankOfClass(own)) return asked ?? own;
  const message = `The class may only be lowered: this message is ${own}, and ${asked} is a better class.`;
  throw new Problem(422, 'class.too_high', message, [{ path: 'class', code: 'class.too_high', message }]);
}

/** All parts of one bot answer share a line, so that they keep their order. A template of no known category counts as the lowest. */
function classOf(submission: Submission, window: Window['state'], part: MessagePart): MessageClass {
  const { content, fallback, origin, replyTo, templates, isBulk } = submission;
  if (origin === 'bot') return 'reply';
  const going = part === 'fallback' ? fallback : content;
  const template = going && isTemplate(going) ? (templates?.[part]?.class ?? 'marketing') : undefined;
  if (template === 'authentication') return template;
  if (replyTo !== undefined) return 'reply';
  return template ?? (window === 'open' && !isBulk ? 'reply' : 'utility');
}
