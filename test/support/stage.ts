import { randomBytes } from 'node:crypto';
import { DEFAULT_WORLD, type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { TestBot } from './bot.js';
import { type Patchbay, type PatchbayOptions, freePort, startPatchbay } from './patchbay.js';
import { dropDatabase, makeDatabase } from './test-server.js';

export interface StageOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly simulator?: SimulatorOptions;
  readonly patchbay?: PatchbayOptions;
  readonly uri?: string;
}

/**
 * A Patchbay, a simulated Meta and a bot, wired to each other: everything a whole-app test stands on. `npm run test:redis` runs
 * the same tests with BullMQ on Redis. Its database is one of its own on the PostgreSQL of the run; with `patchbay.dataDir` it is
 * the embedded one in there.
 */
export interface Stage {
  readonly patchbay: Patchbay;
  readonly sim: Simulator;
  readonly bot: TestBot;
  readonly uri: string;
  close(): Promise<void>;
}

export const WORLD = DEFAULT_WORLD;

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const uri = options.uri ?? 'acme';
  const port = options.patchbay?.port ?? (await freePort());
  const bot = await TestBot.start();
  const redis = process.env['TEST_QUEUE'] === 'redis' && !options.env?.['REDIS_URL'] ? await startRedis() : undefined;
  const sim = await startSimulator({ webhookUrl: `http://127.0.0.1:${port}/chat/${uri}`, ...options.simulator });
  const env = { ...options.env, ...options.patchbay?.env };
  const isEmbedded = options.patchbay?.dataDir !== undefined;
  const database = isEmbedded || env['DATABASE_URL'] ? undefined : await makeDatabase();
  const patchbay = await startPatchbay({
    ...options.patchbay,
    port,
    env: {
      GRAPH_URL: sim.url,
      ...(database && databaseEnvironment(database)),
      ...(redis && { REDIS_URL: redis.url }),
      ...env,
    },
  });
  return {
    patchbay,
    sim,
    bot,
    uri,
    close: async () => {
      await patchbay.dispose();
      await sim.close();
      await bot.close();
      await redis?.stop();
      if (database) await dropDatabase(database);
    },
  };
}

/** What a Patchbay needs to be told to run on that database as it does on its embedded one. */
export function databaseEnvironment(url: string): Readonly<Record<string, string>> {
  return { DATABASE_URL: url, ENCRYPTION_KEY: randomBytes(32).toString('base64'), ALLOW_PRIVATE_URLS: 'true' };
}

/** Loaded on demand: the module knows jest, and benches use this stage too. */
async function startRedis() {
  const { TestRedis } = await import('./redis.js');
  return TestRedis.start();
}

/** The body that creates the gateway of the default world. */
export function gatewayBody(
  { uri, bot }: Pick<Stage, 'uri' | 'bot'>,
  more: { bot?: object; metadata?: object } = {},
): object {
  return {
    name: 'Acme',
    uri,
    type: 'messenger',
    metadata: {
      whatsapp_token: WORLD.token,
      client_id: WORLD.appId,
      client_secret: WORLD.appSecret,
      verify_token: WORLD.verifyToken,
      ...more.metadata,
    },
    bot: { type: 'webhook', url: bot.url, events: ['*'], ...more.bot },
  };
}

/** Creates the gateway, finds and activates its number. Returns the create response's body. */
export async function engage(
  stage: Stage,
  more: { bot?: object; metadata?: object } = {},
): Promise<Record<string, unknown>> {
  const created = await stage.patchbay.call('POST', '/gateways', { body: gatewayBody(stage, more) });
  if (created.status !== 201) throw new Error(`the gateway was not created: ${created.status} ${created.text}`);
  for (const operation of ['setup', 'subscribe']) {
    const answer = await stage.patchbay.command(stage.uri, `whatsapp=${operation}`);
    if (answer.status !== 200) throw new Error(`${operation} failed: ${answer.status} ${answer.text}`);
  }
  return created.body;
}
