import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisOptions } from 'ioredis';
import { holdEverything } from './delivery/admission/start-held.js';
import { ENTITIES } from './entities.js';
import { type Config, ConfigError } from './platform/config/config.js';
import type { Database } from './platform/database/database.js';
import { openDatabase } from './platform/database/open-database.js';
import type { PostgresAddress } from './platform/database/postgres-address.js';
import { DataDirLock, type EmbeddedPostgres, startEmbeddedPostgres } from './platform/embedded-postgres/index.js';
import type { Log } from './platform/logging/log.js';
import type { PlatformOptions } from './platform/platform.module.js';
import { type QueueConnection, postgresQueue, redisQueue } from './platform/queue/queue-connection.js';

export interface OpenPlatform {
  readonly options: PlatformOptions;
  readonly embedded: EmbeddedPostgres | undefined;
  /** Releases everything, the database last. */
  close(): Promise<void>;
}

/** What the stand-alone app does not ask for. */
export interface Standing {
  /** judges what else could keep the app from starting, once the data folder is ours */
  readonly beforeDatabase?: () => Promise<void>;
  /** instead of the configuration's DATABASE_URL */
  readonly database?: PostgresAddress;
  /** of our tables; BullMQ's, where they are in PostgreSQL, are in `<schema>_queue` */
  readonly schema?: string;
  /** instead of the configuration's REDIS_URL */
  readonly redis?: RedisOptions;
  /** of the queues' keys in Redis. Default: one made from the installation's id */
  readonly queuePrefix?: string;
}

/** Opens what the app stands on: the data folder, the database (started if it is ours), the queue, the keys. */
export async function openPlatform(config: Config, log: Log, standing: Standing = {}): Promise<OpenPlatform> {
  const releases: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  try {
    const given = standing.database ?? config.databaseUrl;
    const lock = given === undefined ? await DataDirLock.acquire(config.dataDir) : undefined;
    if (lock) releases.push(() => lock.release());
    await standing.beforeDatabase?.();
    const embedded = lock && (await startEmbeddedPostgres({ dataDir: config.dataDir, log, lock }));
    if (embedded) releases.push(() => embedded.stop());
    const connectionString = given ?? embedded?.connectionString ?? '';
    const { schema } = standing;
    const database = await openDatabase({ connectionString, log, entities: [...ENTITIES], ...(schema && { schema }) });
    releases.push(() => database.dataSource.destroy());
    if (config.startHeld) await holdEverything(database, log);
    const installationId = await readInstallationId(database);
    const queue = await openQueue(
      config,
      standing,
      embedded?.tcpConnectionString ?? connectionString,
      installationId,
      log,
    );
    releases.push(() => queue.close());
    const encryptionKeys = config.encryptionKeys ?? [await ownKey(config.dataDir)];
    return {
      options: {
        config,
        log,
        database,
        connectionString,
        installationId,
        encryptionKeys,
        queue,
        alone: embedded !== undefined,
      },
      embedded,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openQueue(
  config: Config,
  { redis, schema, queuePrefix }: Standing,
  address: PostgresAddress,
  installationId: string,
  log: Log,
): Promise<QueueConnection> {
  const server = redis ?? config.redisUrl;
  return server === undefined
    ? postgresQueue(address, installationId, schema && `${schema}_queue`)
    : redisQueue(server, installationId, log, queuePrefix);
}

async function readInstallationId(database: Database): Promise<string> {
  const [row] = await database.query<{ id: string }>('SELECT id FROM installation');
  if (!row) throw new Error('the table installation is empty: the first migration did not run to its end');
  return row.id;
}

/** The key that encrypts secrets of an embedded installation: made once, readable by nobody else. */
async function ownKey(dataDir: string): Promise<Buffer> {
  const file = join(dataDir, 'encryption.key');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (key.length === 32) return key;
  throw new ConfigError(
    `${file} is not usable: given ${key.length} bytes, allowed is 32 bytes in base64. Restore it from a backup: the stored secrets need it.`,
  );
}
