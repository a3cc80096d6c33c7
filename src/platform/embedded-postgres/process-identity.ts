import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from './embedded-postgres.errors.js';

/**
 * What tells one process from every other one. A pid alone does not: pids are given out again, after a reboot and in
 * every new container from the start.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the kernel started it, in the kernel's own words; compared, never read. */
  readonly startedAt: string | null;
  readonly boot: string | null;
  readonly pidNamespace: string | null;
  readonly host: string;
}

/** `unknown`: it cannot be seen from here (another container, another host), so only its heartbeat can tell. */
export type Liveness = 'alive' | 'dead' | 'unknown';

export async function identifySelf(): Promise<ProcessIdentity> {
  return {
    pid: process.pid,
    startedAt: (await lookAt(process.pid))?.startedAt ?? null,
    boot: await orNull(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    pidNamespace: await orNull(readlink('/proc/self/ns/pid')),
    host: hostname(),
  };
}

export async function judgeLiveness(who: ProcessIdentity, self: ProcessIdentity): Promise<Liveness> {
  const sameNamespace = who.pidNamespace === self.pidNamespace;
  if (who.boot !== self.boot) return sameNamespace && who.host === self.host ? 'dead' : 'unknown';
  if (!sameNamespace || (who.boot === null && who.host !== self.host)) return 'unknown';
  if (!canSignal(who.pid)) return 'dead';
  const seen = await lookAt(who.pid);
  if (!seen) return 'unknown';
  if (seen.zombie) return 'dead';
  return who.startedAt === null || seen.startedAt === null || seen.startedAt === who.startedAt ? 'alive' : 'dead';
}

/** Whether a process with this pid runs; a zombie does not: it holds neither files nor ports. */
export async function isRunning(pid: number): Promise<boolean> {
  return canSignal(pid) && (await lookAt(pid))?.zombie !== true;
}

function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

interface Seen {
  readonly startedAt: string | null;
  readonly zombie: boolean;
}

async function lookAt(pid: number): Promise<Seen | undefined> {
  if (process.platform === 'linux') return lookAtProc(pid);
  if (process.platform === 'win32') return { startedAt: null, zombie: false };
  return lookWithPs(pid);
}

/** `pid (name) state ppid … starttime`: the name may hold blanks and parentheses, so the fields count from its end. */
async function lookAtProc(pid: number): Promise<Seen | undefined> {
  const stat = await orNull(readFile(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { startedAt: fields[19] ?? null, zombie: fields[0] === 'Z' || fields[0] === 'X' };
}

function lookWithPs(pid: number): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    execFile(
      'ps',
      ['-o', 'stat=,lstart=', '-p', String(pid)],
      { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
      (_, out) => {
        const [state = '', ...start] = out.trim().split(/\s+/);
        resolve(state === '' ? undefined : { startedAt: start.join(' ') || null, zombie: state.startsWith('Z') });
      },
    );
  });
}

async function orNull(reading: Promise<string>): Promise<string | null> {
  return reading.then(
    (text) => text.trim(),
    () => null,
  );
}
