import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock, SystemClock } from './clock/clock.js';
import type { Config } from './config/config.js';
import { Database } from './database/database.js';
import { PartitionKeeper } from './database/partition-keeper.js';
import { RetentionRepository } from './database/retention/retention.repository.js';
import { RetentionService } from './database/retention/retention.service.js';
import { CircuitBreaker } from './http-client/circuit-breaker.js';
import { HttpClient } from './http-client/http-client.js';
import type { PostgresAddress } from './database/postgres-address.js';
import type { Log } from './logging/log.js';
import { Metrics } from './metrics/metrics.js';
import { Notifications } from './notify/notifications.js';
import { CONFIG, INSTALLATION_ID, LOG, OUTSIDE_HTTP, PROVIDER_HTTP } from './platform.tokens.js';
import { ProcessRegistry } from './process/process-registry.js';
import { QueueModule } from './queue/queue.module.js';
import type { QueueConnection } from './queue/queue-connection.js';
import { QUEUE_CONNECTION } from './queue/queue.tokens.js';
import { Cipher } from './secrets/cipher.js';

/** What has been opened before Nest starts: the platform is handed in, not looked up. */
export interface PlatformOptions {
  readonly config: Config;
  readonly log: Log;
  readonly database: Database;
  readonly connectionString: PostgresAddress;
  readonly installationId: string;
  readonly encryptionKeys: readonly Buffer[];
  readonly queue: QueueConnection;
  readonly clock?: Clock;
  /** the database is this process's own: no other process works on it. Default: false */
  readonly alone?: boolean;
}

@Module({})
export class PlatformModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly processes: ProcessRegistry,
    private readonly notifications: Notifications,
    @Inject(PROVIDER_HTTP) private readonly providerHttp: HttpClient,
    @Inject(OUTSIDE_HTTP) private readonly outsideHttp: HttpClient,
  ) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const { config, log, database } = options;
    const metrics = new Metrics();
    const clock = options.clock ?? new SystemClock();
    const values: readonly (readonly [symbol | (abstract new (...args: never[]) => unknown), unknown])[] = [
      [CONFIG, config],
      [LOG, log],
      [INSTALLATION_ID, options.installationId],
      [QUEUE_CONNECTION, options.queue],
      [Database, database],
      [Clock, clock],
      [Metrics, metrics],
      [Cipher, new Cipher(options.encryptionKeys)],
      [
        PROVIDER_HTTP,
        new HttpClient({ publicOnly: false, metrics, breaker: new CircuitBreaker({ clock, log, metrics }) }),
      ],
      [OUTSIDE_HTTP, new HttpClient({ publicOnly: !config.allowPrivateUrls, maxAnswerBytes: 1024 * 1024 })],
      [ProcessRegistry, new ProcessRegistry(database, clock, log, [...config.roles], options.alone ?? false)],
      [Notifications, new Notifications(options.connectionString, log)],
    ];
    return {
      module: PlatformModule,
      global: true,
      imports: [QueueModule.forRoot(options.queue)],
      providers: [
        ...values.map(([provide, useValue]) => ({ provide, useValue })),
        PartitionKeeper,
        RetentionRepository,
        RetentionService,
      ],
      exports: values.map(([provide]) => provide),
    };
  }

  async onModuleInit(): Promise<void> {
    await this.notifications.start();
    await this.processes.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.notifications.stop();
    await this.processes.stop();
    await Promise.all([this.providerHttp.close(), this.outsideHttp.close()]);
  }
}
