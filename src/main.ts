import { environment } from './platform/config/environment.js';
import { readConfig } from './platform/config/read-config.js';
import { createLog } from './platform/logging/log.js';
import { runUntilSignal } from './run-until-signal.js';

await runUntilSignal(async () => {
  const config = readConfig(environment(), process.stdout.isTTY);
  const log = createLog(config);
  // Loaded only now, so that a bad environment is told at once.
  const { startServer } = await import('./server.js');
  return { server: await startServer(config, log), log };
});
