import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { choosePort, isFree, rememberPort } from './choose-port.js';
import { DataDirLock } from './data-dir.lock.js';
import { EmbeddedPostgresError, codeOf, reasonOf } from './embedded-postgres.errors.js';
import { locateBinaries } from './postgres.binaries.js';
import { ROLE, clusterPlace, ensureCluster } from './postgres.cluster.js';
import { PostgresLog } from './postgres.log.js';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.types.js';
import { Postmaster, PostmasterStartError, type PostmasterSpec } from './postmaster.js';
import { clearLeftovers } from './postmaster.leftover.js';
import { PostmasterSupervisor } from './postmaster.supervisor.js';
import { chooseIdentity } from './run-identity.js';
import { socketFolderIn } from './socket-folder.js';

/**
 * Runs a PostgreSQL of our own under `dataDir/postgres` and keeps it running until `stop()`.
 *
 * @throws DataDirHeldError when another process works on `dataDir`
 * @throws EmbeddedPostgresError when it cannot run here; the message says what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const lock = options.lock ?? (await DataDirLock.acquire(dataDir));
  const undo: (() => unknown)[] = options.lock ? [] : [() => lock.release()];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const place = clusterPlace(dataDir);
    await mkdir(place.folder, { mode: 0o700 }).catch(unlessThere);
    const choice = await chooseIdentity(place.folder, await locateBinaries(), options.userNamespace ?? true);
    await clearLeftovers(place.clusterDir, choice.identity, options.log);
    const settings = options.settings ?? {};
    const password = await ensureCluster(place, choice, settings['fsync'] !== 'off');

    const serverLog = new PostgresLog(join(place.folder, 'log'));
    await serverLog.prepare();
    undo.push(() => serverLog.close());
    const wanted = { choice, clusterDir: place.clusterDir, settings, serverLog };
    const { postmaster, spec } = await launch(wanted, place.folder, options.port);
    const supervisor = new PostmasterSupervisor(postmaster, spec, options.log);
    undo.push(() => supervisor.stop());

    const urlOf = (database: string): string =>
      `postgres://${ROLE}:${password}@127.0.0.1:${spec.port}/${encodeURIComponent(database)}`;
    const bySocket = spec.socketFolder === undefined ? '' : `?host=${encodeURIComponent(spec.socketFolder)}`;
    const database = options.database ?? 'patchbay';
    await ensureDatabase(urlOf('postgres'), database);
    options.log.info(
      { pid: supervisor.pid, port: spec.port, as: choice.identity.description },
      'the embedded database runs',
    );
    let stopped: Promise<void> | undefined;
    return {
      connectionString: `${urlOf(database)}${bySocket}`,
      tcpConnectionString: urlOf(database),
      port: spec.port,
      dataDir,
      get pid() {
        return supervisor.pid;
      },
      exited: supervisor.exited,
      stop: () => (stopped ??= unwind()),
    };
  } catch (error) {
    await unwind();
    throw error instanceof PostmasterStartError ? explain(error, dataDir) : error;
  }
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

/** A port that was free a moment ago may be taken now; then another one is chosen, unless the caller fixed it. */
async function launch(
  wanted: Omit<PostmasterSpec, 'port' | 'socketFolder'>,
  folder: string,
  fixed: number | undefined,
) {
  const portFile = join(folder, 'port');
  if (fixed !== undefined && !(await isFree(fixed))) {
    throw new EmbeddedPostgresError(
      `Port ${fixed} on 127.0.0.1 is taken: stop what listens there, or give the embedded PostgreSQL another port.`,
    );
  }
  for (let attempt = 1; ; attempt += 1) {
    const port = fixed ?? (await choosePort(portFile));
    const spec: PostmasterSpec = { ...wanted, port, socketFolder: socketFolderIn(folder, port) };
    try {
      const postmaster = await Postmaster.launch(spec);
      await rememberPort(portFile, spec.port);
      return { postmaster, spec };
    } catch (error) {
      const passes =
        error instanceof PostmasterStartError && (error.reason === 'memory-in-use' || error.reason === 'port-taken');
      if (!passes || attempt === 5) throw error;
      await new Promise((done) => setTimeout(done, 100 * attempt));
    }
  }
}

async function ensureDatabase(url: string, database: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // the query that was under way tells it
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } catch (error) {
    throw new EmbeddedPostgresError(`The embedded PostgreSQL runs but refuses its own gateway: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explain(error: PostmasterStartError, dataDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL under ${dataDir} did not start; its last words (all in ${join(dataDir, 'postgres', 'log')}): ${error.message}`,
    { cause: error },
  );
}
