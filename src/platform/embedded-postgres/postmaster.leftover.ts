import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgresLog } from './embedded-postgres.types.js';
import { EmbeddedPostgresError, codeOf } from './embedded-postgres.errors.js';
import { isRunning } from './process-identity.js';
import type { RunIdentity } from './run-identity.js';
import { runProgram } from './run-program.js';

/**
 * Clears what an earlier server on this data folder left. Whoever calls this holds the DATA_DIR, so a server that still
 * runs there is an orphan: its gateway died. It is stopped, not adopted, because only a child of ours can be watched.
 */
export async function clearLeftovers(
  clusterDir: string,
  identity: RunIdentity,
  log: EmbeddedPostgresLog,
): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const named = Number.parseInt((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0] ?? '', 10);
  const running = await serversIn(clusterDir, named, identity);
  if (running.includes(named)) {
    log.info({ pid: named }, 'stopping the database that a killed gateway left running');
    await end(named, [
      ['SIGINT', 20_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ]);
  } else if (Number.isInteger(named) && running.length === 0 && (await isRunning(named))) {
    await rm(pidFile, { force: true }); // the pid went to another program, and PostgreSQL would take that for a server
  }
  for (const pid of await serversIn(clusterDir, named, identity)) {
    await end(pid, [
      [0, 1_000],
      ['SIGKILL', 5_000],
    ]); // sessions of a killed server; most notice and go by themselves
  }
}

async function end(pid: number, steps: readonly (readonly [NodeJS.Signals | 0, number])[]): Promise<void> {
  for (const [signal, forMs] of steps) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) === 'ESRCH') return;
      throw new EmbeddedPostgresError(
        `An earlier PostgreSQL (pid ${pid}) still runs on this DATA_DIR and this user may not stop it: stop it as the user who started it.`,
        { cause: error },
      );
    }
    for (let waitedMs = 0; waitedMs < forMs; waitedMs += 20) {
      if (!(await isRunning(pid))) return;
      await sleep(20);
    }
  }
  throw new EmbeddedPostgresError(
    `An earlier PostgreSQL (pid ${pid}) on this DATA_DIR cannot be stopped: restart the machine.`,
  );
}

/** PostgreSQL's processes work inside their data folder; that, unlike the pid in its file, cannot be anybody else. */
async function serversIn(clusterDir: string, named: number, identity: RunIdentity): Promise<number[]> {
  if (process.platform !== 'linux') return (await looksLikeServer(named)) ? [named] : [];
  const folder = await realpath(clusterDir).catch(() => undefined);
  if (folder === undefined) return [];
  const found: number[] = [];
  for (const pid of await workingIn(folder, identity)) {
    const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (program.trim() === 'postgres' && (await isRunning(pid))) found.push(pid);
  }
  return found;
}

/**
 * Where a process works is told to its own user only. Root is told everything, but not in a container, so as root the
 * servers' user is made to ask.
 */
async function workingIn(folder: string, identity: RunIdentity): Promise<number[]> {
  if (identity.owner) {
    const { stdout } = await runProgram(identity.command('/bin/sh', ['-c', 'ls -l /proc/[0-9]*/cwd 2>/dev/null']));
    const lines = stdout.split('\n').filter((line) => line.endsWith(`/cwd -> ${folder}`));
    return lines.map((line) => Number(/\/proc\/(\d+)\/cwd -> /.exec(line)?.[1]));
  }
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => places[index] === folder);
}

async function looksLikeServer(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || !(await isRunning(pid))) return false;
  if (process.platform === 'win32') return false; // PostgreSQL's own check has to do
  const { stdout } = await runProgram({ file: 'ps', args: ['-o', 'comm=', '-p', String(pid)] });
  return stdout.trim().endsWith('postgres');
}
