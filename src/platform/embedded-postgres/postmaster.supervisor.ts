import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgresExit, EmbeddedPostgresLog, PostmasterExit } from './embedded-postgres.types.js';
import { reasonOf } from './embedded-postgres.errors.js';
import { Postmaster, type PostmasterSpec } from './postmaster.js';
import { clearLeftovers } from './postmaster.leftover.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A server that ran this long was well; the next death counts as the first again. */
const WELL_AFTER_MS = 30_000;
const GIVE_UP_AFTER_MS = 5 * 60_000;

/**
 * Keeps a server running: when it dies without being told to, it is started again on the same port, where the pools
 * find it. A crash of a single session is none of its business; PostgreSQL recovers from that itself.
 */
export class PostmasterSupervisor {
  readonly exited: Promise<EmbeddedPostgresExit>;
  private report: (exit: EmbeddedPostgresExit) => void = () => undefined;
  private readonly stopping = new AbortController();
  private readonly watching: Promise<void>;

  constructor(
    private current: Postmaster,
    private readonly spec: PostmasterSpec,
    private readonly log: EmbeddedPostgresLog,
  ) {
    this.exited = new Promise((resolve) => (this.report = resolve));
    this.watching = this.watch();
  }

  get pid(): number | undefined {
    return this.current.pid;
  }

  /** Ends the supervision, then the server. */
  async stop(fastForMs?: number): Promise<void> {
    this.stopping.abort();
    await this.current.stop(fastForMs);
    await this.watching; // a start that was under way has ended, and with it its server
    this.report({ status: 'stopped' });
  }

  private async watch(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const startedAt = Date.now();
      const exit = await this.current.exited;
      if (this.stopping.signal.aborted) return;
      if (Date.now() - startedAt > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      this.log.warn({ ...exit }, 'the database ended unexpectedly, starting it again');
      const next = await this.restart(exit, pauseMs);
      if (!next) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  private async restart(exit: PostmasterExit, firstPauseMs: number): Promise<boolean> {
    const since = Date.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (!(await this.pause(pauseMs))) return false;
      try {
        await clearLeftovers(this.spec.clusterDir, this.spec.choice.identity, this.log);
        this.current = await Postmaster.launch(this.spec, this.stopping.signal);
        if (this.stopping.signal.aborted) await this.current.stop();
        this.log.info(
          { pid: this.current.pid, port: this.spec.port, afterMs: Date.now() - since },
          'the database runs again',
        );
        return !this.stopping.signal.aborted;
      } catch (error) {
        if (this.stopping.signal.aborted) return false;
        this.log.warn({ reason: reasonOf(error) }, 'the database could not be started again, trying on');
        if (Date.now() - since < GIVE_UP_AFTER_MS) continue;
        this.report({ status: 'lost', reason: reasonOf(error), exit });
        return false;
      }
    }
  }

  /** False when the supervision was ended meanwhile. */
  private async pause(ms: number): Promise<boolean> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    return !this.stopping.signal.aborted;
  }
}
