import { BullModule } from '@nestjs/bullmq';
import { Queue, type QueueOptions, createPostgresBackend, createRedisBackend } from 'bullmq';

/**
 * Which of its backends BullMQ is to use for a connection of ours. It is handed to every queue and worker by name: BullMQ's
 * process-wide default is left to whoever else uses BullMQ in this process, and does not matter to us.
 */
export function backendOf(connection: unknown): typeof createRedisBackend {
  const isPostgres = typeof connection === 'object' && connection !== null && 'schema' in connection;
  // Queues and workers are typed by the default backend, which we use nothing of.
  return isPostgres ? (createPostgresBackend as unknown as typeof createRedisBackend) : createRedisBackend;
}

class BackedQueue extends Queue {
  constructor(name: string, options: QueueOptions) {
    super(name, options, backendOf(options.connection));
  }
}

/** Nest's module with queues that know their backend. The class is set on this one, so a host's `BullModule` makes its own. */
export class OwnBullModule extends BullModule {}
OwnBullModule.queueClass = BackedQueue;
