import { Client } from 'pg';

/** A copy of the template has an identity of its own, as if it had been migrated this moment. */
const MADE_NOW = `
  UPDATE patchbay.installation SET id = gen_random_uuid(), created_at = now();
  UPDATE patchbay.callback_uptime SET up_since = now(), seen_at = now()`;

/** The PostgreSQL of this run, which scripts/test.mjs has started. */
function server(): string {
  const url = process.env['TEST_POSTGRES'];
  if (!url) throw new Error('There is no PostgreSQL for these tests: run them with `node scripts/test.mjs`.');
  return url;
}

let databases = 0;

/** A new, empty database on the PostgreSQL of this run: its connection string. */
export async function makeEmptyDatabase(): Promise<string> {
  const { name, url } = newName();
  await run(server(), `CREATE DATABASE ${name}`);
  return url;
}

/** A new database with our tables and BullMQ's in it, and nothing else. */
export async function makeDatabase(): Promise<string> {
  const { name, url } = newName();
  await run(server(), `CREATE DATABASE ${name} TEMPLATE template STRATEGY file_copy`);
  await run(url, MADE_NOW);
  return url;
}

/** Whoever is still connected is cut off. */
export async function dropDatabase(url: string): Promise<void> {
  await run(server(), `DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

function newName(): { name: string; url: string } {
  databases += 1;
  // Each test file counts for itself, and so does each of jest's processes.
  const name = `test_${process.pid}_${Date.now().toString(36)}_${databases}`;
  const url = new URL(server());
  url.pathname = `/${name}`;
  return { name, url: url.href };
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
