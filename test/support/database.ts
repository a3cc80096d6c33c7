import { afterAll } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Database } from '../../src/platform/database/database.js';
import { type OpenOptions, openDatabase } from '../../src/platform/database/open-database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';

interface Server {
  readonly folder: string;
  readonly postgres: EmbeddedPostgres;
}

const log = { info: () => undefined, warn: () => undefined };

/** One per test file, since jest loads this module anew for each; started by the first who asks. */
let server: Promise<Server> | undefined;
let databases = 0;
const opened: Database[] = [];
const users: (() => Promise<void>)[] = [];

/** Has it closed before the server stops, when the file has ended. (A file's own `afterAll` runs after this one's.) */
export function closeAtEnd(close: () => Promise<void>): void {
  users.push(close);
}

/** A new, empty database on this file's throw-away PostgreSQL: its connection string. It goes with the server. */
export async function createDatabase(): Promise<string> {
  const { postgres } = await (server ??= start());
  databases += 1;
  const name = `test_${databases}`;
  await run(postgres.connectionString, `CREATE DATABASE ${name}`);
  const url = new URL(postgres.connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

/** A new database with our tables in it. It is closed when the file has ended, if not before. */
export async function openTestDatabase(options: Partial<OpenOptions> = {}): Promise<Database> {
  const connectionString = options.connectionString ?? (await createDatabase());
  const database = await openDatabase({ log, poolSize: 5, ...options, connectionString });
  opened.push(database);
  return database;
}

afterAll(async () => {
  for (const close of users.splice(0)) await close();
  for (const { dataSource } of opened.splice(0)) if (dataSource.isInitialized) await dataSource.destroy();
  const running = await server?.catch(() => undefined); // who asked for it has seen the error
  server = undefined;
  await running?.postgres.stop();
  if (running) await rm(running.folder, { recursive: true, force: true });
});

async function start(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-test-'));
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log, settings: { fsync: 'off' } });
    return { folder, postgres };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
