/**
 * One PostgreSQL for a whole run of the tests: making one takes a second or two of both cores, a database on one that runs some
 * ten milliseconds. `template` is a database with our tables and BullMQ's in it, of which test/support/test-server.ts makes copies.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const TEMPLATE = 'template';
const log = { info: () => undefined, warn: () => undefined };

/** Needs an up-to-date build. Resolves with the server's connection string; it ends with this process at the latest. */
export async function startTestServer() {
  const { startEmbeddedPostgres } = await import('../dist/platform/embedded-postgres/index.js');
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-tests-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  try {
    // Nobody pulls the plug of this one: what is to survive that is tested on a server of its own.
    const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '500', max_wal_size: '4GB' };
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log, settings });
    const stop = async () => {
      await server.stop();
      await remove();
    };
    try {
      await makeTemplate(server.tcpConnectionString);
    } catch (error) {
      await stop();
      throw error;
    }
    return { connectionString: server.tcpConnectionString, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeTemplate(serverUrl) {
  const { openDatabase } = await import('../dist/platform/database/open-database.js');
  await query(serverUrl, `CREATE DATABASE ${TEMPLATE}`);
  const url = new URL(serverUrl);
  url.pathname = `/${TEMPLATE}`;
  const database = await openDatabase({ connectionString: url.href, log });
  await database.dataSource.destroy();
  await makeQueueTables(url.href);
  // PostgreSQL copies only what nobody is connected to; a session that was ended goes a moment later.
  for (;;) {
    const used = await query(serverUrl, `SELECT 1 FROM pg_stat_activity WHERE datname = '${TEMPLATE}'`);
    if (used.rowCount === 0) break;
    await sleep(10);
  }
  await query(serverUrl, `ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
}

async function makeQueueTables(connectionString) {
  const { postgresQueue } = await import('../dist/platform/queue/queue-connection.js');
  const { backendOf } = await import('../dist/platform/queue/backend.js');
  const { Queue } = await import('bullmq');
  const { options } = postgresQueue(connectionString, 'none');
  const queue = new Queue('none', { connection: options }, backendOf(options));
  await queue.waitUntilReady();
  await queue.close();
}

async function query(connectionString, sql) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
