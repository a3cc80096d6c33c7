import { spawn, type ChildProcess } from 'node:child_process';
import { chown, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostmasterExit } from './embedded-postgres.types.js';
import type { PostgresLog } from './postgres.log.js';
import { postmasterArguments } from './postgres.settings.js';
import { stopWithGateway } from './postmaster.watchdog.js';
import type { RunChoice } from './run-identity.js';
import { prepareSocketFolder } from './socket-folder.js';
import { runProgram, spawnOptions } from './run-program.js';

export interface PostmasterSpec {
  readonly choice: RunChoice;
  readonly clusterDir: string;
  readonly port: number;
  /** where its socket lies; undefined: it has none */
  readonly socketFolder: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly serverLog: PostgresLog;
}

/** The server did not come up. Some reasons pass by themselves or with another port. */
export class PostmasterStartError extends Error {
  override readonly name = 'PostmasterStartError';

  constructor(
    readonly reason: 'port-taken' | 'memory-in-use' | 'too-slow' | 'other',
    message: string,
  ) {
    super(message);
  }
}

/** Recovery after a crash replays up to `max_wal_size`; a slow disk needs minutes for it. */
const READY_WITHIN_MS = 5 * 60_000;

/** One run of the server process. */
export class Postmaster {
  readonly exited: Promise<PostmasterExit>;
  private hasExited = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly spec: PostmasterSpec,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => resolve({ code: null, signal: null }));
    });
    void this.exited.then(() => (this.hasExited = true));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Starts it and resolves when it takes connections. */
  static async launch(spec: PostmasterSpec, cancel?: AbortSignal): Promise<Postmaster> {
    const { choice, serverLog } = spec;
    const output = await serverLog.open();
    try {
      if (choice.identity.owner) await chown(serverLog.file, choice.identity.owner.uid, choice.identity.owner.gid);
      if (spec.socketFolder !== undefined) await prepareSocketFolder(spec.socketFolder, choice.identity);
      const args = postmasterArguments(spec.clusterDir, spec.port, spec.socketFolder, spec.settings);
      const command = choice.identity.command(choice.binaries.postgres, args);
      // A session of its own: Ctrl-C and signals to the gateway's group must not stop the database under a drain.
      const child = spawn(command.file, [...command.args], {
        ...spawnOptions(command),
        stdio: ['ignore', output.fd, output.fd],
        detached: true,
        windowsHide: true,
      });
      const postmaster = new Postmaster(child, spec);
      if (child.pid !== undefined) stopWithGateway(child.pid, postmaster.exited);
      await postmaster.untilReady(output.from, cancel);
      return postmaster;
    } finally {
      await output.close();
    }
  }

  /** Fast: sessions are ended, everything is written. Harder when that takes too long; the data survives all of it. */
  async stop(fastForMs = 10_000): Promise<void> {
    for (const [signal, forMs] of [
      ['SIGINT', fastForMs],
      ['SIGQUIT', 5_000],
    ] as const) {
      if (this.hasExited) return;
      await this.signal(signal);
      if (await settlesWithin(this.exited, forMs)) return;
    }
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private async signal(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    if (process.platform !== 'win32') {
      this.child.kill(signal);
      return;
    }
    const { identity, binaries } = this.spec.choice; // Windows knows no signals; pg_ctl speaks to the server's own pipe
    await runProgram(
      identity.command(binaries.pgCtl, ['kill', signal === 'SIGINT' ? 'INT' : 'QUIT', String(this.pid)]),
    );
  }

  /** The server writes its state into its pid file; that is also what pg_ctl waits for. */
  private async untilReady(logFrom: number, cancel: AbortSignal | undefined): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    while (!this.hasExited && !cancel?.aborted && Date.now() < until) {
      const lines = (await readFile(join(this.spec.clusterDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
      if (Number(lines[0]) === this.pid && lines[7]?.trim() === 'ready') return;
      await Promise.race([sleep(15), this.exited]);
    }
    const slow = !this.hasExited;
    if (slow) await this.stop();
    const said = await this.spec.serverLog.tail(logFrom);
    const reason = slow ? 'too-slow' : reasonIn(said);
    throw new PostmasterStartError(reason, slow ? `not ready after ${READY_WITHIN_MS / 1000} s: ${said}` : said);
  }
}

function reasonIn(said: string): PostmasterStartError['reason'] {
  if (/could not bind|could not create any TCP\/IP sockets/.test(said)) return 'port-taken';
  if (/shared memory block .* still in use|lock file "postmaster.pid" already exists/.test(said))
    return 'memory-in-use';
  return 'other';
}

export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  return Promise.race([promise.then(() => true), late]).finally(() => timer.abort());
}
