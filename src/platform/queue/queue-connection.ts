import { Redis, type RedisOptions } from 'ioredis';
import { type PostgresAddress, driverOptions } from '../database/postgres-address.js';
import type { Log } from '../logging/log.js';

/** Where BullMQ keeps its jobs, and how to ask whether it answers. */
export interface QueueConnection {
  readonly backend: 'postgresql' | 'redis';
  readonly options: unknown;
  readonly prefix: string;
  /** undefined when the queue works, else what is wrong */
  check(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** BullMQ's tables have a schema of their own, apart from ours. This one, unless a host names another. */
const QUEUE_SCHEMA = 'patchbay_queue';

/** BullMQ on PostgreSQL: no second service to run. */
export function postgresQueue(
  address: PostgresAddress,
  installationId: string,
  schema: string = QUEUE_SCHEMA,
): QueueConnection {
  return {
    backend: 'postgresql',
    options: {
      ...driverOptions(address),
      schema,
      migrate: true,
      max: 3,
      application_name: 'patchbay-queue',
      keepAlive: true,
    },
    prefix: prefixOf(installationId),
    check: async () => undefined,
    close: async () => {},
  };
}

/**
 * BullMQ on Redis or Valkey. The installation's id in the prefix lets several installations share one server.
 *
 * @param server its URL, or what ioredis takes
 */
export async function redisQueue(
  server: string | RedisOptions,
  installationId: string,
  log: Log,
  prefix: string = prefixOf(installationId),
): Promise<QueueConnection> {
  const resilience: RedisOptions = {
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  };
  const redis = typeof server === 'string' ? new Redis(server, resilience) : new Redis({ ...server, ...resilience });
  let lastError: string | undefined;
  redis.on('error', (error: Error) => {
    if (error.message !== lastError) log.warn({ err: error }, 'Redis does not answer');
    lastError = error.message;
  });
  redis.on('ready', () => {
    lastError = undefined;
    void warnOfEviction(redis, log);
  });
  return {
    backend: 'redis',
    options: redis,
    prefix: `{${prefix}}`,
    check: async () => {
      if (redis.status !== 'ready') return `Redis is ${redis.status}${lastError ? `: ${lastError}` : ''}`;
      const answer = await Promise.race([
        redis.ping(),
        new Promise<string>((resolve) => setTimeout(resolve, 2_000, 'silent').unref()),
      ]);
      return answer === 'PONG' ? undefined : 'Redis does not answer a PING within 2 s';
    },
    close: async () => {
      redis.disconnect();
    },
  };
}

function prefixOf(installationId: string): string {
  return `patchbay-${installationId.slice(0, 8)}`;
}

/** A Redis that evicts keys under pressure loses jobs. The sweeper finds them again, but late. */
async function warnOfEviction(redis: Redis, log: Log): Promise<void> {
  try {
    const [, policy] = (await redis.config('GET', 'maxmemory-policy')) as string[];
    if (policy !== 'noeviction') {
      log.warn({ policy }, 'Redis may evict jobs: set maxmemory-policy to noeviction');
    }
  } catch (error) {
    log.debug({ err: error }, 'Redis does not let us read maxmemory-policy');
  }
}
