import { ConfigError } from './platform/config/config.js';
import { DataDirHeldError, EmbeddedPostgresError } from './platform/embedded-postgres/index.js';
import type { Log } from './platform/logging/log.js';
import type { RunningServer } from './server.js';

/** What is in flight gets this long after SIGTERM. */
const STOP_WITHIN_MS = 25_000;

export interface Started {
  readonly server: Pick<RunningServer, 'stop' | 'lost'>;
  readonly log: Log;
}

/**
 * The life of a process: start, run, stop on a signal with exit code 0. A wrong set-up is one sentence for the person who can
 * mend it, and exit code 78; an exception that nobody caught is logged and ends the process with 1.
 */
export async function runUntilSignal(start: () => Promise<Started>): Promise<void> {
  try {
    const { server, log } = await start();
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'an exception that nobody caught');
      process.exit(1);
    });
    stopOnSignals(server, log);
  } catch (error) {
    const isSetUp = isSetUpError(error);
    process.stderr.write(
      `${isSetUp ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(isSetUp ? ConfigError.exitCode : 1);
  }
}

function isSetUpError(error: unknown): error is Error {
  return error instanceof ConfigError || error instanceof DataDirHeldError || error instanceof EmbeddedPostgresError;
}

function stopOnSignals(server: Started['server'], log: Log): void {
  let stopping = false;
  const stop = (signal: string): void => {
    // A terminal sends the signal to npm and to us: the second one changes nothing.
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: finishing what is in flight');
    setTimeout(() => {
      log.warn('what was in flight did not finish in time; it is taken up again at the next start');
      process.exit(0);
    }, STOP_WITHIN_MS).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  void server.lost.then((reason) => {
    if (stopping) return;
    log.fatal({ reason }, 'the database is gone for good');
    process.exit(1);
  });
}
