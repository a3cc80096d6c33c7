import { ConfigError } from './platform/config/config.js';
import { environment } from './platform/config/environment.js';
import { readConfig } from './platform/config/read-config.js';
import { DataDirHeldError, EmbeddedPostgresError } from './platform/embedded-postgres/index.js';
import { type Log, createLog } from './platform/logging/log.js';
import type { RunningServer } from './server.js';

/** What is in flight gets this long after SIGTERM. */
const STOP_WITHIN_MS = 25_000;

/** A wrong set-up is one sentence for the person who can mend it, and exit code 78; anything else is a bug with its stack. */
function exitWith(error: unknown, log: Log | undefined): never {
  const isSetUp =
    error instanceof ConfigError || error instanceof DataDirHeldError || error instanceof EmbeddedPostgresError;
  if (isSetUp) process.stderr.write(`${error.message}\n`);
  else if (log) log.fatal({ err: error }, 'could not start');
  else process.stderr.write(`${String(error)}\n`);
  process.exit(isSetUp ? ConfigError.exitCode : 1);
}

function stopOnSignals(server: RunningServer, log: Log): void {
  let stopping = false;
  const stop = (signal: string): void => {
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

async function main(): Promise<void> {
  let log: Log | undefined;
  try {
    const config = readConfig(environment(), process.stdout.isTTY);
    log = createLog(config);
    const started = log;
    process.on('uncaughtException', (error) => {
      started.fatal({ err: error }, 'an exception that nobody caught');
      process.exit(1);
    });
    // Loaded only now, so that a bad environment is told at once.
    const { startServer } = await import('./server.js');
    stopOnSignals(await startServer(config, log), log);
  } catch (error) {
    exitWith(error, log);
  }
}

await main();
