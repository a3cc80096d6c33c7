import { afterAll } from '@jest/globals';
import type { Database } from '../../src/platform/database/database.js';
import { type OpenOptions, openDatabase } from '../../src/platform/database/open-database.js';
import { dropDatabase, makeDatabase, makeEmptyDatabase } from './test-server.js';

const log = { info: () => undefined, warn: () => undefined };

/** Of this test file, since jest loads this module anew for each. */
const made: string[] = [];
const opened: Database[] = [];
const users: (() => Promise<void>)[] = [];

/** Has it closed before the databases go, when the file has ended. (A file's own `afterAll` runs after this one's.) */
export function closeAtEnd(close: () => Promise<void>): void {
  users.push(close);
}

/** A new database with our tables in it: its connection string. It goes when the file has ended. */
export async function createDatabase(): Promise<string> {
  const url = await makeDatabase();
  made.push(url);
  return url;
}

/** The same without a table, for tests of how they come to be. */
export async function createEmptyDatabase(): Promise<string> {
  const url = await makeEmptyDatabase();
  made.push(url);
  return url;
}

/** A database with our tables in it, a new one unless it is given. It is closed when the file has ended, if not before. */
export async function openTestDatabase(options: Partial<OpenOptions> = {}): Promise<Database> {
  const connectionString = options.connectionString ?? (await createDatabase());
  const database = await openDatabase({ log, poolSize: 5, ...options, connectionString });
  opened.push(database);
  return database;
}

afterAll(async () => {
  for (const close of users.splice(0)) await close();
  for (const { dataSource } of opened.splice(0)) if (dataSource.isInitialized) await dataSource.destroy();
  for (const url of made.splice(0)) await dropDatabase(url);
});
