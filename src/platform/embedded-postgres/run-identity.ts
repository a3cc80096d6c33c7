import { chmod, chown, lchown, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { copyBinaries, type PostgresBinaries } from './postgres.binaries.js';
import { runProgram, type Command } from './run-program.js';
import { daemonOf, readUsers, usersFor, type SystemUser } from './system-users.js';

/** As whom PostgreSQL's programs run. PostgreSQL refuses to run as root. */
export interface RunIdentity {
  readonly description: string;
  /** Whom the database's files must belong to, when not to this process's user. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  command(program: string, args: readonly string[]): Command;
}

export interface RunChoice {
  readonly identity: RunIdentity;
  readonly binaries: PostgresBinaries;
}

/**
 * Decides as whom to run, by trying it. An ordinary user: as itself. Root: in a user namespace of its own, where it is
 * an ordinary user to PostgreSQL while its files stay root's and may lie anywhere; where that is not allowed (most
 * containers), or where the files already belong to somebody, as an unprivileged user.
 */
export async function chooseIdentity(
  folder: string,
  binaries: PostgresBinaries,
  userNamespace: boolean,
): Promise<RunChoice> {
  const uid = process.geteuid?.();
  const owner = await stat(folder);
  if (uid === undefined || uid !== 0) {
    if (uid !== undefined && owner.uid !== uid) {
      throw new EmbeddedPostgresError(
        `${folder} belongs to uid ${owner.uid}, but this process runs as uid ${uid}: run it as that user, or give it the folder (chown -R ${uid} ${dirname(folder)}).`,
      );
    }
    return plain(folder, binaries);
  }
  const users = await readUsers();
  const complaints: string[] = [];
  if (owner.uid === 0 && userNamespace && process.platform === 'linux') {
    const identity = inNamespace(users);
    const complaint = await tryOut(identity, folder, binaries);
    if (complaint === undefined) return { identity, binaries };
    complaints.push(`in a user namespace: ${complaint}`);
  }
  for (const user of await usersFor(folder, users)) {
    const chosen = await tryUser(user, folder, binaries);
    if (typeof chosen !== 'string') return chosen;
    complaints.push(`as user ${user.name}: ${chosen}`);
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and ${folder} cannot be used without root's rights (${complaints.join('; ')}): run as an ` +
      `ordinary user, put DATA_DIR where every user may enter, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

async function plain(folder: string, binaries: PostgresBinaries): Promise<RunChoice> {
  const identity: RunIdentity = { description: 'this user', command: (file, args) => ({ file, args }) };
  const complaint = await tryOut(identity, folder, binaries);
  if (complaint === undefined) return { identity, binaries };
  throw new EmbeddedPostgresError(
    `PostgreSQL's programs under ${binaries.home} do not run here (${complaint}): set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

function inNamespace(users: readonly SystemUser[]): RunIdentity {
  const { uid, gid } = daemonOf(users) ?? users[0] ?? { uid: 1000, gid: 1000 };
  const launcher = ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
  return {
    description: 'root in a user namespace',
    command: (program, args) => ({ file: 'unshare', args: [...launcher, program, ...args] }),
  };
}

async function tryUser(user: SystemUser, folder: string, binaries: PostgresBinaries): Promise<RunChoice | string> {
  const identity: RunIdentity = {
    description: `user ${user.name}`,
    owner: user,
    command: (file, args) => ({ file, args, uid: user.uid, gid: user.gid }),
  };
  const takeBack = await handOver(folder, user);
  let complaint = await enterAs(identity, folder);
  if (complaint === undefined) {
    if ((await tryOut(identity, folder, binaries)) === undefined) return { identity, binaries };
    const copied = await copyBinaries(binaries, folder); // npm put them where that user cannot enter, such as /root
    complaint = await tryOut(identity, folder, copied);
    if (complaint === undefined) return { identity, binaries: copied };
  }
  await takeBack();
  return complaint;
}

/**
 * Gives the database's folder to that user, and lets the user's group pass through DATA_DIR (pass, not list or read).
 * Returns how to undo it.
 */
async function handOver(folder: string, owner: { uid: number; gid: number }): Promise<() => Promise<void>> {
  const dataDir = dirname(folder);
  const [outer, inner] = [await stat(dataDir), await stat(folder)];
  if (inner.uid !== owner.uid) await chownAll(folder, owner.uid, owner.gid);
  const passes = outer.uid === owner.uid || (outer.mode & 0o001) !== 0;
  if (!passes) {
    await chown(dataDir, outer.uid, owner.gid);
    await chmod(dataDir, (outer.mode & 0o7777) | 0o010);
  }
  return async () => {
    if (inner.uid !== owner.uid) await chownAll(folder, inner.uid, inner.gid);
    await chown(dataDir, outer.uid, outer.gid);
    await chmod(dataDir, outer.mode & 0o7777);
  };
}

async function chownAll(path: string, uid: number, gid: number): Promise<void> {
  await lchown(path, uid, gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) await chownAll(inside, uid, gid);
    else await lchown(inside, uid, gid);
  }
}

const ENTER = 'cd "$1" && test -w . || { echo "$1 cannot be entered and written" >&2; exit 1; }';

/** Whether the folder can be entered and written this way; the complaint if not. */
async function enterAs(identity: RunIdentity, folder: string): Promise<string | undefined> {
  const tried = await runProgram(identity.command('/bin/sh', ['-c', ENTER, 'sh', folder]));
  return tried.ok ? undefined : tried.complaint.split('\n').at(-1);
}

/** Whether the programs run as well. */
async function tryOut(identity: RunIdentity, folder: string, binaries: PostgresBinaries): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const script = `${ENTER}; exec "$2" --version`;
  const tried = await runProgram(identity.command('/bin/sh', ['-c', script, 'sh', folder, binaries.postgres]));
  return tried.ok ? undefined : tried.complaint.split('\n').at(-1);
}
