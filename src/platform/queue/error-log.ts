import type { Log } from '../logging/log.js';

/**
 * A listener for the `error` events of a queue or worker. A service that is away makes many of the same: one line tells of it,
 * and the next one comes when it is something else. Without a listener BullMQ prints them past the log.
 */
export function errorLog(log: Log, queue: string): (error: Error) => void {
  let last: string | undefined;
  return (error) => {
    if (error.message === last) return;
    last = error.message;
    log.warn({ err: error, queue }, 'the queue has a fault; work goes on when it is over');
  };
}
