import { randomBytes, randomUUID } from 'node:crypto';
import { chown, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, codeOf } from './embedded-postgres.errors.js';
import type { RunChoice } from './run-identity.js';
import { runProgram } from './run-program.js';

export const ROLE = 'patchbay';

/** Where everything of the database lies: `DATA_DIR/postgres`. */
export interface ClusterPlace {
  readonly folder: string;
  readonly clusterDir: string;
  readonly passwordFile: string;
}

export function clusterPlace(dataDir: string): ClusterPlace {
  const folder = join(dataDir, 'postgres');
  return { folder, clusterDir: join(folder, 'data'), passwordFile: join(folder, 'password') };
}

/**
 * The database's files, made at the first start. They are made aside and moved into place when whole and on disk, so a
 * crash in the middle leaves nothing that looks like a database. Returns the password.
 */
export async function ensureCluster(place: ClusterPlace, choice: RunChoice, sync: boolean): Promise<string> {
  for (const name of await readdir(place.folder)) {
    if (name.startsWith('data.new-'))
      await rm(join(place.folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const major = await majorOf(place.clusterDir);
  if (major !== undefined && major !== choice.binaries.major) {
    throw new EmbeddedPostgresError(
      `${place.clusterDir} was written by PostgreSQL ${major}, but this version of Patchbay brings PostgreSQL ${choice.binaries.major}: dump it with ` +
        `the version of Patchbay that wrote it, move the folder away, start anew and restore; or set DATABASE_URL.`,
    );
  }
  const kept = await readPassword(place.passwordFile);
  const password = kept ?? randomBytes(24).toString('base64url');
  if (kept === undefined) await writePassword(place, password, choice);
  if (major === undefined) await create(place, choice, sync);
  else if (kept === undefined) await resetPassword(place, choice, password);
  return password;
}

async function majorOf(clusterDir: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(clusterDir, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const content = await readdir(clusterDir).catch(() => []);
  if (content.length === 0) return undefined;
  throw new EmbeddedPostgresError(
    `${clusterDir} is neither empty nor a PostgreSQL data folder (no PG_VERSION): restore it from a backup, or move it away to start with an empty database.`,
  );
}

async function create(place: ClusterPlace, choice: RunChoice, sync: boolean): Promise<void> {
  const draft = join(place.folder, `data.new-${randomUUID().slice(0, 8)}`);
  const args = [
    ...['--pgdata', draft, '--username', ROLE, '--pwfile', place.passwordFile, '--auth', 'scram-sha-256'],
    // The built-in locale is the same on every system, so an upgrade of the system never breaks an index.
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
    '--no-instructions',
    ...(sync ? [] : ['--no-sync']),
  ];
  const made = await runProgram(choice.identity.command(choice.binaries.initdb, args));
  if (!made.ok) {
    await rm(draft, { recursive: true, force: true });
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL could not create its data folder as ${choice.identity.description}: ${made.complaint}`,
    );
  }
  await rename(draft, place.clusterDir);
  if (sync) await syncFolder(place.folder);
}

async function readPassword(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  return text.trim() || undefined;
}

async function writePassword(place: ClusterPlace, password: string, choice: RunChoice): Promise<void> {
  const draft = `${place.passwordFile}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${password}\n`, { mode: 0o600, flag: 'wx', flush: true });
  const { owner } = choice.identity;
  if (owner) await chown(draft, owner.uid, owner.gid);
  await rename(draft, place.passwordFile);
}

/** The file with the password is gone but the data is there: who may write these files may set a new one. */
async function resetPassword(place: ClusterPlace, choice: RunChoice, password: string): Promise<void> {
  const args = ['--single', '-D', place.clusterDir, '-c', 'log_min_error_statement=panic', 'template1'];
  const done = await runProgram(
    choice.identity.command(choice.binaries.postgres, args),
    `ALTER ROLE ${ROLE} PASSWORD '${password}';\n`,
  );
  if (done.ok && !/ERROR|FATAL/.test(done.complaint)) return;
  await rm(place.passwordFile, { force: true });
  throw new EmbeddedPostgresError(
    `${place.passwordFile} is missing and a new password could not be set: restore the file from a backup. (${done.complaint})`,
  );
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
