import type { BotEvent } from '../../contract/index.js';
import type { CallResult } from '../call-target.js';
import type { Delivery } from '../event-queue.repository.js';
import { type InProcessHandler, RetryLaterError } from './handlers.js';

/**
 * Tells a handler of an event, in the shape in which it would be posted: a copy of its own, numbered by attempt. What it returns
 * counts as a webhook's 2xx with that body; what it throws, or silence, as a webhook that failed.
 *
 * @param timeoutSeconds how long it may take
 */
export async function callHandler(
  handler: InProcessHandler,
  timeoutSeconds: number,
  delivery: Delivery,
): Promise<CallResult> {
  const event = structuredClone({ ...delivery.body, attempt: delivery.attempts + 1 }) as unknown as BotEvent;
  const overdue = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<CallResult>((resolve) => {
    timer = setTimeout(() => {
      overdue.abort();
      resolve({ result: 'failed', reason: `${handler.name} did not answer within ${timeoutSeconds} s` });
    }, timeoutSeconds * 1_000);
  });
  try {
    return await Promise.race([answerOf(handler, event, overdue.signal), silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(handler: InProcessHandler, event: BotEvent, signal: AbortSignal): Promise<CallResult> {
  try {
    const answer: unknown = await handler.handle(event, { signal });
    return { result: 'delivered', text: JSON.stringify(answer) ?? '' };
  } catch (error) {
    const reason = `${handler.name} threw: ${error instanceof Error ? error.message : String(error)}`;
    return error instanceof RetryLaterError
      ? { result: 'failed', reason, retryAfterMs: Math.max(0, error.retryAfterMs) }
      : { result: 'failed', reason };
  }
}
