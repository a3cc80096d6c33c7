import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { Database, isConnectionError } from './database.js';
import { ensurePartitions } from './partitions.js';
import type { PostgresAddress } from './postgres-address.js';

/** All our tables live in a schema of their own, so that they can share a database with anything else. This one, unless a host names another. */
export const SCHEMA = 'patchbay';

/** Serializes migrations of processes that start at the same moment. An arbitrary constant, used for nothing else. */
export const MIGRATION_LOCK = 7_240_611;

/** A statement that takes longer is cancelled by the server. Ours take milliseconds, a few of the sweepers' some tenths of a second. */
const STATEMENT_MS = 10_000;
/** And when the server does not even say so within this time, its connection counts as lost. */
const SILENCE_MS = 3_000;
/** A transaction that says nothing for so long belongs to a process that stands still: it must not keep its locks from the others. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** How long a start waits for a database that does not answer. */
const WAIT_MS = 60_000;
const TRY_AGAIN_MS = 500;

export interface DatabaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface OpenOptions {
  readonly connectionString: PostgresAddress;
  /** of our tables. Default: {@link SCHEMA} */
  readonly schema?: string;
  readonly poolSize?: number;
  readonly entities?: DataSourceOptions['entities'];
  readonly log: DatabaseLog;
}

export function dataSourceOptions(
  address: PostgresAddress,
  poolSize: number,
  schema: string = SCHEMA,
): DataSourceOptions & { type: 'postgres' } {
  return {
    type: 'postgres',
    ...(typeof address === 'string' && { url: address }),
    schema,
    synchronize: false,
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    poolSize,
    connectTimeoutMS: 5_000,
    extra: {
      ...(typeof address !== 'string' && address),
      // What we read we read by key. A plan that was made while a table was small, or had just been emptied, reads all of it, and lives
      // on when it is large; the planner's default also prefers to read a whole queue-like table, dead rows and all, to a hundred
      // look-ups in it.
      options: `-c search_path=${schema} -c timezone=UTC -c random_page_cost=1.1 -c enable_seqscan=off -c enable_mergejoin=off`,
      application_name: 'patchbay',
      keepAlive: true,
    },
  };
}

/** Connects, waiting for a database that is still starting or starts again meanwhile, and brings the schema up to date. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const deadline = Date.now() + WAIT_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(options);
    } catch (error) {
      if (!isConnectionError(error) || Date.now() > deadline) throw error;
      if (attempt === 1) options.log.warn({ err: error }, 'the database does not answer yet, waiting for it');
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
}

async function open({
  connectionString,
  schema = SCHEMA,
  poolSize = 20,
  entities,
  log,
}: OpenOptions): Promise<Database> {
  // Migrations take the time they need, and wait for one another: they have connections of their own, without limits.
  const setUp = await new DataSource(dataSourceOptions(connectionString, 2, schema)).initialize();
  try {
    await migrate(new Database(setUp), schema, log);
  } finally {
    await setUp.destroy();
  }
  const own = limited(dataSourceOptions(connectionString, poolSize, schema));
  const dataSource = await new DataSource({ ...own, ...(entities && { entities }) }).initialize();
  return new Database(dataSource, STATEMENT_MS + SILENCE_MS);
}

/**
 * Neither a server that stands still (frozen, cut off without a word) nor another process that does, in the middle of a transaction,
 * must have everybody wait for ever.
 */
function limited<Options extends ReturnType<typeof dataSourceOptions>>(options: Options): Options {
  return {
    ...options,
    extra: {
      ...options.extra,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
  };
}

/** Asked first: a database user that may not create schemas can still use one that was made for it. */
async function ensureSchema(runner: QueryRunner, schema: string): Promise<void> {
  const found: unknown[] = await runner.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (found.length === 0) await runner.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
}

/** Runs what is missing, one process at a time: the lock is held by a connection and goes with it. */
async function migrate(database: Database, schema: string, log: DatabaseLog): Promise<void> {
  const runner = database.dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await ensureSchema(runner, schema);
    const done = await database.dataSource.runMigrations();
    for (const migration of done) log.info({ migration: migration.name }, 'migrated');
    await ensurePartitions(database, new Date());
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch((error: unknown) => {
      log.warn({ err: error }, 'the migration lock went with its connection');
    });
    await runner.release();
  }
}
