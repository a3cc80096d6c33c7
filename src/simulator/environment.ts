import type { SimulatorOptions } from './settings.js';

/** What the command line takes from the environment. */
export class EnvironmentError extends Error {}

const WINDOWS = ['strict', 'late', 'open'] as const;
const LIMITS = ['judge', 'enforce'] as const;

/**
 * Reads `SIMULATOR_*`.
 * @throws EnvironmentError naming the variable, what was given and what is allowed.
 */
export function readEnvironment(environment: Record<string, string | undefined>): SimulatorOptions {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const seed = whole('SIMULATOR_SEED', given('SIMULATOR_SEED'), 4_294_967_295);
  const readMs = whole('SIMULATOR_READ_MS', given('SIMULATOR_READ_MS'), 86_400_000);
  const webhookUrl = given('SIMULATOR_WEBHOOK_URL');
  const verifyToken = given('SIMULATOR_VERIFY_TOKEN');
  const window = given('SIMULATOR_WINDOW');
  const limits = given('SIMULATOR_LIMITS');
  const record = whole('SIMULATOR_RECORD', given('SIMULATOR_RECORD'), 10_000_000);
  const statusBatch = whole('SIMULATOR_STATUS_BATCH', given('SIMULATOR_STATUS_BATCH'), 1000);
  if (webhookUrl !== undefined && !URL.canParse(webhookUrl)) {
    throw refuse('SIMULATOR_WEBHOOK_URL', webhookUrl, 'a URL');
  }
  if (window !== undefined && !WINDOWS.some((mode) => mode === window)) {
    throw refuse('SIMULATOR_WINDOW', window, WINDOWS.join(', '));
  }
  if (limits !== undefined && !LIMITS.some((mode) => mode === limits)) {
    throw refuse('SIMULATOR_LIMITS', limits, LIMITS.join(', '));
  }
  return {
    port: whole('SIMULATOR_PORT', given('SIMULATOR_PORT'), 65_535) ?? 4010,
    ...(seed === undefined ? {} : { seed }),
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(verifyToken === undefined ? {} : { verifyToken }),
    ...(window === undefined ? {} : { window: window as (typeof WINDOWS)[number] }),
    ...(limits === undefined ? {} : { limits: limits as (typeof LIMITS)[number] }),
    ...(record === undefined ? {} : { record }),
    ...(statusBatch === undefined ? {} : { statusBatch }),
    ...(readMs === undefined ? {} : { statuses: { readMs } }),
  };
}

function whole(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > max) {
    throw refuse(name, text, `a whole number from 0 to ${max}`);
  }
  return number;
}

function refuse(name: string, given: string, allowed: string): EnvironmentError {
  return new EnvironmentError(`${name} is "${given}"; allowed: ${allowed}`);
}
