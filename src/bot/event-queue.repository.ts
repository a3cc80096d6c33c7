import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import { Clock } from '../platform/clock/clock.js';
import { Batcher } from '../platform/database/batcher.js';
import { Database, type Sql, isConnectionError } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import { BOT_SUBSCRIBER, NETWORK_SUBSCRIBER, forgetSubscribers } from '../platform/outbox/outbox.js';
import { ProcessRegistry, isDeadClaim } from '../platform/process/process-registry.js';
import type { Room } from './slots.js';

export interface Line {
  readonly line: string;
  readonly subscriber: string;
}

export interface Delivery extends Line {
  readonly eventId: string;
  readonly gatewayId: string;
  readonly type: string;
  readonly state: 'lined' | 'detached';
  readonly attempts: number;
  readonly firstTriedAt: Date | null;
  readonly nextAt: Date;
  readonly body: JsonObject;
}

export interface ClaimedLine extends Line {
  readonly deliveries: readonly Delivery[];
}

/** Events of a line that are read in one go. */
const PER_LINE = 8;

interface DeliveryRow {
  event_id: string;
  line: string;
  subscriber: string;
  gateway_id: string;
  type: string;
  state: 'lined' | 'detached';
  attempts: number;
  first_tried_at: Date | null;
  next_at: Date;
}

/**
 * The waiting events. A line is claimed by one process at a time, which is what keeps the events of a dialog in order; the
 * claim is in the process's name, so it goes back when the process dies.
 */
@Injectable()
export class EventQueueRepository {
  private readonly releases = new Batcher<Line, boolean>(
    (lines) => this.releaseAll(lines),
    { maxItems: 500, concurrency: 1 },
    (error) => !isConnectionError(error),
  );

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly processes: ProcessRegistry,
  ) {}

  /** @param elsewhere gateways whose bots are in other processes: what is for these is left to them */
  async claimLines(rooms: readonly Room[], elsewhere: readonly string[]): Promise<readonly ClaimedLine[]> {
    const lines = await this.database.query<{ line: string; subscriber: string }>(
      // By their place, not by their key: no join, and so no plan of it that goes wrong on a table that grows and shrinks. A row
      // that moved between being seen and being locked is left for the next claim.
      `UPDATE event_line SET claimed_by = $2
       WHERE ctid = ANY (ARRAY(
         SELECT due.place FROM unnest($3::text[], $4::integer[]) AS r (subscriber, room) CROSS JOIN LATERAL (
           SELECT l.ctid AS place FROM event_line l
           WHERE l.subscriber = r.subscriber AND l.claimed_by IS NULL AND l.next_at <= $1${unlessElsewhere('l', elsewhere, '$5')}
           ORDER BY l.next_at LIMIT r.room FOR UPDATE SKIP LOCKED) due))
       RETURNING line, subscriber`,
      [this.clock.now(), this.processes.id, ...columnsOf(rooms), ...elsewhereOf(elsewhere)],
    );
    return this.load(lines);
  }

  async next(line: Line): Promise<readonly Delivery[]> {
    const [loaded] = await this.load([line]);
    return loaded?.deliveries ?? [];
  }

  async claimDetached(rooms: readonly Room[], elsewhere: readonly string[]): Promise<readonly Delivery[]> {
    const rows = await this.database.query<DeliveryRow>(
      `UPDATE event_delivery SET claimed_by = $2
       WHERE ctid = ANY (ARRAY(
         SELECT due.place FROM unnest($3::text[], $4::integer[]) AS r (subscriber, room) CROSS JOIN LATERAL (
           SELECT d.ctid AS place FROM event_delivery d
           WHERE d.subscriber = r.subscriber AND d.state = 'detached' AND d.claimed_by IS NULL AND d.next_at <= $1${unlessElsewhere('d', elsewhere, '$5')}
           ORDER BY d.next_at LIMIT r.room FOR UPDATE SKIP LOCKED) due))
       RETURNING event_id, line, subscriber, gateway_id, type, state, attempts, first_tried_at, next_at`,
      [this.clock.now(), this.processes.id, ...columnsOf(rooms), ...elsewhereOf(elsewhere)],
    );
    return this.withBodies(rows);
  }

  /** Gives a line back. True when events came to it meanwhile: they are due at once. A line without events ends. */
  release(line: Line): Promise<boolean> {
    return this.releases.submit(line);
  }

  /** The first event of the line failed: the whole line waits, so that order holds. */
  async defer(
    delivery: Delivery,
    { nextAt, lineAt }: { nextAt: Date; lineAt: Date },
    now: Date,
    error: string,
  ): Promise<void> {
    await this.database.transaction(async (sql) => {
      await this.noteFailure(sql, delivery, 'lined', nextAt, now, error);
      await sql.query(
        'UPDATE event_line SET claimed_by = NULL, next_at = $3 WHERE line = $1 AND subscriber = $2 AND claimed_by = $4',
        [delivery.line, delivery.subscriber, lineAt, this.processes.id],
      );
    });
  }

  /** From now on this event is tried alone; the events behind it go on past it. */
  async detach(delivery: Delivery, nextAt: Date, now: Date, error: string): Promise<void> {
    await this.noteFailure(this.database, delivery, 'detached', nextAt, now, error);
  }

  /** Its bot asked for more time than its line can wait. */
  async detachUntried(delivery: Delivery): Promise<void> {
    await this.database.query(`UPDATE event_delivery SET state = 'detached' WHERE event_id = $1 AND subscriber = $2`, [
      delivery.eventId,
      delivery.subscriber,
    ]);
  }

  async park(delivery: Delivery, now: Date, error: string): Promise<void> {
    await this.noteFailure(this.database, delivery, 'parked', now, now, error);
  }

  /** The call was cut off by our own stopping: it does not count, and is made again. */
  async giveBack(): Promise<void> {
    await this.database.query('UPDATE event_line SET claimed_by = NULL WHERE claimed_by = $1', [this.processes.id]);
    await this.database.query('UPDATE event_delivery SET claimed_by = NULL WHERE claimed_by = $1', [this.processes.id]);
  }

  /** True for those that were still waiting: whoever removes a delivery carries out its answer. */
  async remove(sql: Sql, deliveries: readonly Delivery[]): Promise<ReadonlySet<string>> {
    const rows = await sql.query<{ event_id: string }>(
      `DELETE FROM event_delivery d USING unnest($1::uuid[], $2::text[]) AS k (event_id, subscriber)
       WHERE d.event_id = k.event_id AND d.subscriber = k.subscriber RETURNING d.event_id`,
      [deliveries.map(({ eventId }) => eventId), deliveries.map(({ subscriber }) => subscriber)],
    );
    return new Set(rows.map(({ event_id }) => event_id));
  }

  /**
   * Claims in our name that we do not work on go back: the answer to a statement of ours got lost with the connection. Must not
   * run beside a claim of this process.
   */
  async takeBackLost(lines: readonly Line[], alone: readonly Delivery[]): Promise<void> {
    await this.database.query(
      `UPDATE event_line l SET claimed_by = NULL
       WHERE claimed_by = $1 AND NOT EXISTS (
         SELECT 1 FROM unnest($2::uuid[], $3::text[]) AS k (line, subscriber) WHERE k.line = l.line AND k.subscriber = l.subscriber)`,
      [this.processes.id, lines.map(({ line }) => line), lines.map(({ subscriber }) => subscriber)],
    );
    await this.database.query(
      `UPDATE event_delivery d SET claimed_by = NULL
       WHERE state = 'detached' AND claimed_by = $1 AND NOT EXISTS (
         SELECT 1 FROM unnest($2::uuid[], $3::text[]) AS k (id, subscriber) WHERE k.id = d.event_id AND k.subscriber = d.subscriber)`,
      [this.processes.id, alone.map(({ eventId }) => eventId), alone.map(({ subscriber }) => subscriber)],
    );
  }

  /** Claims of processes that died go back. Gives back how many. */
  async takeBack(): Promise<number> {
    if (!this.processes.mayJudge) return 0;
    const lines = await this.database.query(
      `UPDATE event_line SET claimed_by = NULL WHERE claimed_by IS NOT NULL AND ${isDeadClaim('claimed_by')} RETURNING line`,
    );
    const alone = await this.database.query(
      `UPDATE event_delivery SET claimed_by = NULL WHERE state = 'detached' AND claimed_by IS NOT NULL AND ${isDeadClaim('claimed_by')} RETURNING event_id`,
    );
    return lines.length + alone.length;
  }

  async hasDue(subscribers: readonly string[], elsewhere: readonly string[]): Promise<boolean> {
    const [row] = await this.database.query<{ due: boolean }>(
      `SELECT EXISTS (
         SELECT 1 FROM unnest($2::text[]) AS s (name) CROSS JOIN LATERAL (
           (SELECT 1 FROM event_line l WHERE l.subscriber = s.name AND l.claimed_by IS NULL AND l.next_at <= $1${unlessElsewhere('l', elsewhere, '$3')} LIMIT 1)
           UNION ALL
           (SELECT 1 FROM event_delivery d
            WHERE d.subscriber = s.name AND d.state = 'detached' AND d.claimed_by IS NULL AND d.next_at <= $1${unlessElsewhere('d', elsewhere, '$3')} LIMIT 1)) due
       ) AS due`,
      [this.clock.now(), subscribers, ...elsewhereOf(elsewhere)],
    );
    return row?.due ?? false;
  }

  /** What waits for webhooks that were deleted: a process that had not heard of it yet may have written more. */
  async forgetDeleted(): Promise<void> {
    await this.database.transaction(async (sql) => {
      const rows = await sql.query<{ subscriber: string }>(
        `SELECT DISTINCT d.subscriber FROM event_delivery d
         WHERE d.subscriber <> '${BOT_SUBSCRIBER}' AND d.subscriber <> '${NETWORK_SUBSCRIBER}'
           AND NOT EXISTS (SELECT 1 FROM webhook w WHERE 'webhook:' || w.id = d.subscriber)`,
      );
      if (rows.length > 0)
        await forgetSubscribers(
          sql,
          rows.map(({ subscriber }) => subscriber),
        );
    });
  }

  private async load(lines: readonly Line[]): Promise<readonly ClaimedLine[]> {
    if (lines.length === 0) return [];
    const rows = await this.database.query<DeliveryRow>(
      `SELECT d.event_id, d.line, d.subscriber, d.gateway_id, d.type, d.state, d.attempts, d.first_tried_at, d.next_at
       FROM unnest($1::uuid[], $2::text[]) AS k (line, subscriber)
       CROSS JOIN LATERAL (
         SELECT * FROM event_delivery d WHERE d.line = k.line AND d.subscriber = k.subscriber AND d.state = 'lined'
         ORDER BY d.session, d.occurred_at, d.seq LIMIT ${PER_LINE}
       ) d
       ORDER BY d.line, d.session, d.occurred_at, d.seq`,
      [lines.map(({ line }) => line), lines.map(({ subscriber }) => subscriber)],
    );
    const deliveries = await this.withBodies(rows);
    return lines.map(({ line, subscriber }) => ({
      line,
      subscriber,
      deliveries: deliveries.filter((delivery) => delivery.line === line && delivery.subscriber === subscriber),
    }));
  }

  private async withBodies(rows: readonly DeliveryRow[]): Promise<readonly Delivery[]> {
    if (rows.length === 0) return [];
    const bodies = await this.database.query<{ id: string; body: JsonObject }>(
      `SELECT e.id, e.body FROM unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at)
       JOIN event e ON e.id = k.id AND e.created_at = k.created_at`,
      [rows.map(({ event_id }) => event_id), rows.map(({ event_id }) => timeOfId(event_id))],
    );
    const byId = new Map(bodies.map(({ id, body }) => [id, body]));
    return rows.map((row) => ({
      eventId: row.event_id,
      line: row.line,
      subscriber: row.subscriber,
      gatewayId: row.gateway_id,
      type: row.type,
      state: row.state,
      attempts: row.attempts,
      firstTriedAt: row.first_tried_at,
      nextAt: row.next_at,
      body: byId.get(row.event_id) ?? {},
    }));
  }

  private async noteFailure(
    sql: Sql,
    delivery: Delivery,
    state: string,
    nextAt: Date,
    now: Date,
    error: string,
  ): Promise<void> {
    await sql.query(
      `UPDATE event_delivery SET state = $3, attempts = attempts + 1, first_tried_at = COALESCE(first_tried_at, $4), next_at = $5,
         claimed_by = NULL, last_error = $6
       WHERE event_id = $1 AND subscriber = $2`,
      [delivery.eventId, delivery.subscriber, state, now, nextAt, error.slice(0, 1_000)],
    );
  }

  /** Locked first, judged in a second statement: an event that is just being added is seen, or waits and makes the line anew. */
  private async releaseAll(lines: readonly Line[]): Promise<readonly boolean[]> {
    const parameters = [lines.map(({ line }) => line), lines.map(({ subscriber }) => subscriber), this.processes.id];
    const owned = `FROM unnest($1::uuid[], $2::text[]) AS k (line, subscriber)
      WHERE l.line = k.line AND l.subscriber = k.subscriber AND l.claimed_by = $3`;
    const waiting = `EXISTS (SELECT 1 FROM event_delivery d WHERE d.line = l.line AND d.subscriber = l.subscriber AND d.state = 'lined')`;
    const left = await this.database.transaction(async (sql) => {
      await sql.query(
        `SELECT l.line FROM event_line l JOIN unnest($1::uuid[], $2::text[]) AS k (line, subscriber)
           ON l.line = k.line AND l.subscriber = k.subscriber AND l.claimed_by = $3
         ORDER BY l.line, l.subscriber FOR UPDATE OF l`,
        parameters,
      );
      await sql.query(
        `DELETE FROM event_line l USING unnest($1::uuid[], $2::text[]) AS k (line, subscriber)
        WHERE l.line = k.line AND l.subscriber = k.subscriber AND l.claimed_by = $3 AND NOT ${waiting}`,
        parameters,
      );
      return sql.query<Line>(
        `UPDATE event_line l SET claimed_by = NULL ${owned} RETURNING l.line, l.subscriber`,
        parameters,
      );
    });
    return lines.map((line) => left.some((other) => other.line === line.line && other.subscriber === line.subscriber));
  }
}

function columnsOf(rooms: readonly Room[]): [string[], number[]] {
  return [rooms.map(({ subscriber }) => subscriber), rooms.map(({ room }) => room)];
}

/** Nothing at all where every bot can be called from here, so that the statement, and the plan of it, stays what it was. */
function unlessElsewhere(table: 'l' | 'd', gateways: readonly string[], parameter: string): string {
  if (gateways.length === 0) return '';
  return ` AND (${table}.subscriber <> '${BOT_SUBSCRIBER}' OR ${table}.gateway_id <> ALL (${parameter}::uuid[]))`;
}

function elsewhereOf(gateways: readonly string[]): readonly string[][] {
  return gateways.length === 0 ? [] : [[...gateways]];
}
