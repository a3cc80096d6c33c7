import { DEFAULT_WORLD } from './default-world.js';
import { EnvironmentError, readEnvironment } from './environment.js';
import { startSimulator } from './simulator.js';

/** `node dist/simulator/main.js`: the simulator as a process of its own, until SIGINT or SIGTERM. */
try {
  const simulator = await startSimulator(readEnvironment(process.env));
  const { appId, appSecret, token, wabaId, phoneNumberId, dialog360Key } = DEFAULT_WORLD;
  process.stdout.write(
    `Meta simulator on ${simulator.url} (seed ${simulator.seed}), controls under ${simulator.url}/_sim\n` +
      `app ${appId}, secret ${appSecret}, token ${token}, WABA ${wabaId}, number ${phoneNumberId}\n` +
      `by way of 360dialog: ${simulator.dialog360Url}, key ${dialog360Key}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close());
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof EnvironmentError ? 78 : 1;
}
