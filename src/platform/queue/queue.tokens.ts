import type { QueueName } from './queues.js';

const tokens = new Map<QueueName, symbol>();

/** Injection token of the {@link Kicker} of a queue. */
export function kickerToken(name: QueueName): symbol {
  const token = tokens.get(name) ?? Symbol(`patchbay:kicker:${name}`);
  tokens.set(name, token);
  return token;
}

/** The {@link QueueConnection} in use. */
export const QUEUE_CONNECTION = Symbol('patchbay:queue-connection');
