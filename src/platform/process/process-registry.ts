import { type Clock, SystemClock } from '../clock/clock.js';
import type { Database, Sql } from '../database/database.js';
import { newId } from '../ids/ids.js';
import type { Log } from '../logging/log.js';

const BEAT_MS = 2_000;

/** A process that has not beaten for this long is dead: its claims are taken back. */
export const DEAD_AFTER_MS = 10_000;

/** A gap in our callback longer than this starts the uptime anew. */
const GAP_MS = 30_000;

/**
 * This process's own row in the database, kept fresh. Work is claimed in its name; what a dead process had claimed goes back
 * (or into doubt). A process that was frozen finds out here, before it writes anything to the wire.
 */
export class ProcessRegistry {
  readonly id = newId();
  private timer: NodeJS.Timeout | undefined;
  private lastBeat = 0;
  /** since when the beats have come without a gap */
  private steadySince = Number.POSITIVE_INFINITY;
  private registered = false;
  private readonly gapListeners: ((upSince: Date) => Promise<void>)[] = [];

  /** @param alone no other process can be alive on this database: whatever others left behind is free at once */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly roles: readonly string[],
    private readonly alone: boolean,
  ) {}

  async start(): Promise<void> {
    if (this.alone) await this.database.query('DELETE FROM process');
    await this.beat();
    if (this.alone) this.steadySince = Number.NEGATIVE_INFINITY;
    this.timer = setInterval(() => {
      this.beat().catch((error: unknown) => this.log.warn({ err: error }, 'could not report this process alive'));
    }, BEAT_MS);
  }

  /** Removes the row: whatever is still claimed in its name is free at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.database.query('DELETE FROM process WHERE id = $1', [this.id]);
  }

  /**
   * Whether this process may hold others for dead. While the database was away nobody could beat, so after that silence
   * proves nothing (not even this process's own) until the living have had the time to be heard again.
   */
  get mayJudge(): boolean {
    return this.isFresh && process.uptime() * 1_000 - this.steadySince >= DEAD_AFTER_MS;
  }

  /** False when others may already hold this process for dead: a claim made before must not be acted on. */
  get isFresh(): boolean {
    return process.uptime() * 1_000 - this.lastBeat < DEAD_AFTER_MS - BEAT_MS;
  }

  /** Called when callbacks could not be taken for a while and now can again; register in a constructor. */
  onGap(listener: (upSince: Date) => Promise<void>): void {
    this.gapListeners.push(listener);
  }

  private async noteUptime(now: Date): Promise<void> {
    const [row] = await this.database.query<{ restarted: boolean }>(
      `UPDATE callback_uptime SET seen_at = $1, up_since = CASE WHEN seen_at < $1::timestamptz - $2 * interval '1 ms' THEN $1 ELSE up_since END
       RETURNING up_since = $1 AS restarted`,
      [now, GAP_MS],
    );
    if (!row?.restarted) return;
    this.log.warn({ since: now }, 'callbacks could not be taken for a while: what is known about windows starts anew');
    for (const listener of this.gapListeners) await listener(now);
  }

  private async beat(): Promise<void> {
    const started = process.uptime() * 1_000;
    const now = this.clock.now();
    const askedAtMs = Date.now();
    const [row] = await this.database.query<{ at: Date }>(
      `INSERT INTO process (id, roles, started_at, seen_at) VALUES ($1, $2, $3, now())
       ON CONFLICT (id) DO UPDATE SET seen_at = now() RETURNING clock_timestamp() AS at`,
      [this.id, this.roles, now],
    );
    if (row && this.clock instanceof SystemClock) this.clock.align(row.at.getTime(), askedAtMs, Date.now());
    if (this.roles.includes('api')) await this.noteUptime(now);
    if (!this.registered) await this.database.query(`DELETE FROM process WHERE seen_at < now() - interval '1 hour'`);
    this.registered = true;
    if (this.lastBeat === 0 || started - this.lastBeat > DEAD_AFTER_MS - BEAT_MS) this.steadySince = started;
    this.lastBeat = started;
  }
}

/** SQL condition: the claim in `column` is of a process that no longer lives. */
export function isDeadClaim(column: string): string {
  return `${column} NOT IN (SELECT id FROM process WHERE seen_at > now() - ${DEAD_AFTER_MS} * interval '1 ms')`;
}

/**
 * Since when no callback can have met a process that was just not there: stricter than {@link callbackUpSince}, which forgives
 * a restart, though what was posted meanwhile comes again only when the provider repeats it.
 */
export async function callbackUnbrokenSince(sql: Sql): Promise<Date> {
  const [row] = await sql.query<{ since: Date }>(
    `SELECT greatest(u.up_since, coalesce(min(p.started_at) FILTER (WHERE p.alive), now()), max(p.seen_at) FILTER (WHERE NOT p.alive)) AS since
     FROM callback_uptime u LEFT JOIN (
       SELECT started_at, seen_at, seen_at > now() - ${DEAD_AFTER_MS} * interval '1 ms' AS alive FROM process WHERE 'api' = ANY(roles)
     ) AS p ON true GROUP BY u.up_since`,
  );
  if (!row) throw new Error('callback_uptime has no row: the first migration did not run to its end');
  return row.since;
}

/**
 * Since when our callback has been reachable without a gap; now, when it is not: no process with the role api is there, or the
 * one that there is has just woken up and has not said so yet.
 */
export async function callbackUpSince(sql: Sql, now: Date): Promise<Date> {
  const [row] = await sql.query<{ up_since: Date; seen_at: Date }>('SELECT up_since, seen_at FROM callback_uptime');
  if (!row) throw new Error('callback_uptime has no row: the first migration did not run to its end');
  return now.getTime() - row.seen_at.getTime() > GAP_MS ? now : row.up_since;
}
