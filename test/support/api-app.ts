import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { ApiModule } from '../../src/api/api.module.js';
import { configureHttp } from '../../src/api/configure-http.js';
import { setupOpenApi } from '../../src/api/setup-open-api.js';
import type { GatewayType } from '../../src/contract/index.js';
import { GatewayModule } from '../../src/gateway/gateway.module.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Config } from '../../src/platform/config/config.js';
import { readConfig } from '../../src/platform/config/read-config.js';
import type { Database } from '../../src/platform/database/database.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { postgresQueue } from '../../src/platform/queue/queue-connection.js';
import { closeAtEnd, createDatabase, openTestDatabase } from './database.js';

export const ADMIN_KEY = 'admin-key-of-this-test';

export interface ApiApp {
  readonly app: NestExpressApplication;
  readonly database: Database;
  readonly clock: ManualClock;
  /** what was logged, as text */
  readonly logged: string[];
  /** happens by itself when the file has ended */
  close(): Promise<void>;
}

export interface ApiAppOptions {
  readonly connectionString?: string;
  readonly keys?: readonly Buffer[];
  readonly config?: Partial<Config>;
}

/** Access, gateways and the API's own endpoints on a database of their own; no callback, no workers. */
export async function startApi(types: readonly GatewayType[], options: ApiAppOptions = {}): Promise<ApiApp> {
  const connectionString = options.connectionString ?? (await createDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-api-'));
  const database = await openTestDatabase({ connectionString });
  const logged: string[] = [];
  const clock = new ManualClock();
  const config: Config = {
    ...readConfig({ ADMIN_API_KEY: ADMIN_KEY, PUBLIC_URL: 'https://patchbay.example', DATA_DIR: dataDir }),
    ...options.config,
  };
  const installationId = '00000000-0000-4000-8000-000000000000';

  @Module({
    imports: [
      PlatformModule.forRoot({
        config,
        log: pino({ level: 'info' }, { write: (line) => void logged.push(line) }),
        database,
        connectionString,
        installationId,
        encryptionKeys: options.keys ?? [Buffer.alloc(32, 1)],
        queue: postgresQueue(connectionString, installationId),
        clock,
      }),
      GatewayModule.forRoot(types),
      ApiModule,
    ],
  })
  class TestAppModule {}

  const testing = await Test.createTestingModule({ imports: [TestAppModule] }).compile();
  const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
  configureHttp(app);
  setupOpenApi(app);
  await app.init();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await app.close();
    if (database.dataSource.isInitialized) await database.dataSource.destroy();
    await rm(dataDir, { recursive: true, force: true });
    // pg's pools resolve before their sockets are closed; a server that stops first would be reported as an error.
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const closeOnce = (): Promise<void> => (closing ??= close());
  closeAtEnd(closeOnce);
  return { app, database, clock, logged, close: closeOnce };
}
