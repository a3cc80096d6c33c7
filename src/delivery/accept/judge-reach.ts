import { Problem } from '../../platform/problem/problem.js';

const LOST =
  'The person has blocked or left this account, so nothing reaches them. They can be written to again when they come back or write.';

/**
 * Whoever has blocked or left an account gets nothing, whatever it is.
 *
 * @throws Problem 422 `recipient.unreachable`
 */
export function judgeReach({ isLost }: { readonly isLost: boolean }): void {
  if (isLost)
    throw new Problem(422, 'recipient.unreachable', LOST, [
      { path: 'to', code: 'recipient.unreachable', message: LOST },
    ]);
}
