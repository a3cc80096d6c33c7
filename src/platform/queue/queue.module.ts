import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Log } from '../logging/log.js';
import { LOG } from '../platform.tokens.js';
import { OwnBullModule } from './backend.js';
import { errorLog } from './error-log.js';
import { Kicker } from './kicker.js';
import { kickerToken } from './queue.tokens.js';
import { BULL_CONFIG_KEY, QUEUES } from './queues.js';
import type { QueueConnection } from './queue-connection.js';

// A dynamic module is identified by reference: built once, imported from here.
const registered = OwnBullModule.registerQueue(
  ...Object.values(QUEUES).map((name) => ({ name, configKey: BULL_CONFIG_KEY })),
);

const kickers: Provider[] = Object.values(QUEUES).map((name) => ({
  provide: kickerToken(name),
  useFactory: (queue: Queue, log: Log) => {
    queue.on('error', errorLog(log, name));
    return new Kicker(queue, log);
  },
  inject: [getQueueToken(name), LOG],
}));

@Module({})
export class QueueModule {
  static forRoot(connection: QueueConnection): DynamicModule {
    return {
      module: QueueModule,
      global: true,
      imports: [
        BullModule.forRoot(BULL_CONFIG_KEY, {
          connection: connection.options as never,
          prefix: connection.prefix,
          defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
        }),
        registered,
      ],
      providers: kickers,
      exports: [registered, ...Object.values(QUEUES).map(kickerToken)],
    };
  }
}
