import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type CreatedApp, createApp } from './create-app.js';
import { refusedAddress, tryAddress } from './listen-address.js';
import { type OpenPlatform, openPlatform } from './open-platform.js';
import type { Config } from './platform/config/config.js';
import { armCrashPoint } from './platform/faults/crash-point.js';
import type { Log } from './platform/logging/log.js';
import { NestLogger } from './platform/logging/nest-logger.js';

export interface RunningServer {
  /** http://host:port */
  readonly url: string;
  /** resolves with a reason when the process cannot go on */
  readonly lost: Promise<string>;
  /** Stops taking work, finishes what is in flight, releases everything. */
  stop(): Promise<void>;
}

/** A request that takes longer than this is cut off by a stop. */
const ANSWER_WITHIN_MS = 10_000;

/** Starts the stand-alone app with everything it stands on. */
export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  if (config.crashPoint !== undefined) armCrashPoint(config.crashPoint);
  const platform = await openPlatform(config, log, { beforeDatabase: () => tryAddress(config) });
  let app: NestExpressApplication | undefined;
  try {
    const created = await createApp(platform.options, { nest: { logger: new NestLogger(log) } });
    app = created.app;
    // Ours instead of Express: callbacks are answered before it.
    const server = app.getHttpServer() as Server;
    server.removeAllListeners('request');
    server.on('request', created.handle);
    await listen(app, config);
    const { port } = server.address() as AddressInfo;
    const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
    log.info(
      {
        url,
        roles: [...config.roles],
        queue: platform.options.queue.backend,
        database: platform.embedded ? 'embedded' : 'external',
      },
      `Patchbay listens on ${url}`,
    );
    return { url, lost: lossOf(platform), stop: () => stop(created, server, platform) };
  } catch (error) {
    // First the app: the database must not be taken away from under its workers.
    await app?.close();
    await platform.close();
    throw error;
  }
}

/** @throws ConfigError when the address was taken since it was tried; what had been started by then has ended */
async function listen(app: NestExpressApplication, { port, host }: Config): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw refusedAddress(error, { port, host }) ?? error;
  }
}

/** Requests under way are answered before what they need is taken away. Streams would never be: they end at once. */
async function stop({ app, endStreams }: CreatedApp, server: Server, platform: OpenPlatform): Promise<void> {
  endStreams();
  const answered = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections that a client keeps open for its next request have nothing in flight.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  try {
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref())]);
    await app.close();
  } finally {
    clearInterval(idle);
    await platform.close();
  }
}

async function lossOf({ embedded }: OpenPlatform): Promise<string> {
  const exit = await embedded?.exited;
  if (exit?.status === 'lost') return exit.reason;
  return new Promise<string>(() => {});
}
