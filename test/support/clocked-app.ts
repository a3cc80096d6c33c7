import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { configureHttp } from '../../src/api/configure-http.js';
import { AppModule } from '../../src/app.module.js';
import { ENTITIES } from '../../src/entities.js';
import { CallbackListener } from '../../src/inbox/callback.listener.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { readConfig } from '../../src/platform/config/read-config.js';
import type { Database } from '../../src/platform/database/database.js';
import { postgresQueue } from '../../src/platform/queue/queue-connection.js';
import { closeAtEnd, createDatabase, openTestDatabase } from './database.js';
import { ADMIN_KEY, type Answer } from './patchbay.js';

/** The time of day, and then some: it goes on by itself, and a test may let hours pass. */
export class ShiftedClock extends Clock {
  private offset = 0;

  now(): Date {
    return new Date(Date.now() + this.offset);
  }

  advance(milliseconds: number): void {
    this.offset += milliseconds;
  }
}

export interface ClockedApp {
  readonly clock: ShiftedClock;
  readonly database: Database;
  /** what was logged, a line each */
  readonly logged: readonly string[];
  /** `path` below /api/v1 unless it starts with `//`, which stands for the root */
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** a service of the app, to have it do now what it does by itself every second */
  get<T>(service: abstract new (...args: never[]) => T): T;
  /** the value of a counter, by its name and labels as `GET /metrics` writes them; 0 when it is not there */
  metric(line: string): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The whole stand-alone app, api and worker, inside the test's own process, so that the test holds its clock. Everything else
 * is spoken to over HTTP.
 */
export async function startClockedApp(port: number, env: Readonly<Record<string, string>>): Promise<ClockedApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-clocked-'));
  const url = `http://127.0.0.1:${port}`;
  const config = readConfig({
    ADMIN_API_KEY: ADMIN_KEY,
    PORT: String(port),
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    ...env,
  });
  const connectionString = await createDatabase();
  const database = await openTestDatabase({ connectionString, poolSize: 20, entities: [...ENTITIES] });
  const [installation] = await database.query<{ id: string }>('SELECT id FROM installation');
  const installationId = installation?.id ?? '';
  const clock = new ShiftedClock();
  const logged: string[] = [];
  const queue = postgresQueue(connectionString, installationId);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot({
      config,
      log: pino({ level: config.logLevel }, { write: (line) => void logged.push(line) }),
      database,
      connectionString,
      installationId,
      encryptionKeys: [Buffer.alloc(32, 1)],
      queue,
      clock,
      alone: true,
    }),
    { logger: false, bodyParser: false, abortOnError: false },
  );
  configureHttp(app);
  await app.init();
  routeCallbacks(app);
  await app.listen(port, '127.0.0.1');
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await app.close();
    await queue.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const stopOnce = (): Promise<void> => (stopping ??= stop());
  closeAtEnd(stopOnce);
  const call = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(path.startsWith('//') ? url + path.slice(1) : `${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : text) as T };
  };
  const metric = async (line: string): Promise<number> => {
    const { text } = await call('GET', '//metrics');
    return Number(
      text
        .split('\n')
        .find((each) => each.startsWith(`${line} `))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  };
  return { clock, database, logged, call, metric, get: (service) => app.get<never>(service), stop: stopOnce };
}

/** As the stand-alone server does it: callbacks are taken in front of Express. */
function routeCallbacks(app: NestExpressApplication): void {
  const server = app.getHttpServer() as Server;
  const express = server.listeners('request') as ((...parameters: unknown[]) => void)[];
  const callbacks = app.get(CallbackListener);
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (callbacks.owns((request.url ?? '/').split('?', 1)[0] ?? '/')) void callbacks.handle(request, response);
    else for (const listener of express) listener(request, response);
  });
}
