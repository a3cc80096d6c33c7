import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Batcher } from '../platform/database/batcher.js';
import { Database, type Prepared, type Sql, isConnectionError } from '../platform/database/database.js';

export interface Arrival {
  readonly scope: string;
  readonly body: Buffer;
}

export interface StoredEvent {
  readonly id: string;
  readonly receivedAt: Date;
  readonly body: Buffer;
}

/** Requests that share an INSERT: bounded in count and bytes, so that none waits for a giant. */
const MAX_ROWS = 500;
const MAX_BYTES = 4 * 1024 * 1024;

/** All bodies travel as one binary parameter: an array of them would be sent as text, twice the size. */
const APPEND: Prepared = {
  name: 'journal_append',
  text: `WITH appended AS (
      INSERT INTO provider_event (received_at, scope, body)
      SELECT $5, scope, substring($1::bytea FROM start FOR size)
      FROM unnest($2::text[], $3::int[], $4::int[]) WITH ORDINALITY AS a (scope, start, size, place) ORDER BY place
      RETURNING id, received_at, scope
    )
    INSERT INTO inbox_pending (event_id, received_at, scope) SELECT id, received_at, scope FROM appended`,
};

/**
 * The journal of what providers sent, byte for byte, and the list of what is not processed yet. Requests that come at the same
 * time share one INSERT and one commit, which is what makes durability before the 200 affordable.
 */
@Injectable()
export class JournalRepository {
  private readonly appends = new Batcher<Arrival, void>(
    (arrivals) => this.appendAll(arrivals),
    { maxItems: MAX_ROWS, maxBytes: MAX_BYTES, sizeOf: ({ body }) => body.length, concurrency: 2 },
    (error) => !isConnectionError(error),
  );

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the event is committed. */
  append(arrival: Arrival): Promise<void> {
    return this.appends.submit(arrival);
  }

  async pending(scope: string, limit: number, maxBytes: number): Promise<readonly StoredEvent[]> {
    const rows = await this.database.query<{ id: string; received_at: Date; body: Buffer; total: string }>(
      `SELECT id, received_at, body FROM (
         SELECT p.event_id AS id, p.received_at, e.body,
           sum(length(e.body)) OVER (ORDER BY p.event_id) - length(e.body) AS before
         FROM (SELECT * FROM inbox_pending WHERE scope = $1 ORDER BY event_id LIMIT $2) p
         JOIN provider_event e ON e.id = p.event_id AND e.received_at = p.received_at
       ) b WHERE before < $3 ORDER BY id`,
      [scope, limit, maxBytes],
    );
    return rows.map(({ id, received_at, body }) => ({ id, receivedAt: received_at, body }));
  }

  /** Takes events off the list; fewer than asked for means that somebody else has processed the others. */
  async finish(sql: Sql, scope: string, ids: readonly string[]): Promise<number> {
    const rows = await sql.query(
      'DELETE FROM inbox_pending WHERE scope = $1 AND event_id = ANY($2) RETURNING event_id',
      [scope, ids],
    );
    return rows.length;
  }

  /** By scope the oldest event that waits. */
  async scopesWithWork(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.query<{ scope: string; first: string }>(
      `WITH RECURSIVE s AS (
         (SELECT scope FROM inbox_pending ORDER BY scope LIMIT 1)
         UNION ALL
         SELECT (SELECT scope FROM inbox_pending WHERE scope > s.scope ORDER BY scope LIMIT 1) FROM s WHERE s.scope IS NOT NULL
       ) SELECT scope, (SELECT min(event_id) FROM inbox_pending p WHERE p.scope = s.scope)::text AS first
         FROM s WHERE scope IS NOT NULL`,
    );
    return new Map(rows.map(({ scope, first }) => [scope, first]));
  }

  /** Has an event processed once more; false when the journal no longer has it. */
  async repeat(sql: Sql, eventId: string, receivedAt: Date, scope: string): Promise<boolean> {
    const found = await sql.query('SELECT 1 FROM provider_event WHERE id = $1 AND received_at = $2', [
      eventId,
      receivedAt,
    ]);
    if (found.length === 0) return false;
    await sql.query(
      'INSERT INTO inbox_pending (event_id, received_at, scope) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [eventId, receivedAt, scope],
    );
    return true;
  }

  private async appendAll(arrivals: readonly Arrival[]): Promise<readonly void[]> {
    const offsets: number[] = [];
    let offset = 1;
    for (const { body } of arrivals) {
      offsets.push(offset);
      offset += body.length;
    }
    await this.database.query(APPEND, [
      Buffer.concat(arrivals.map(({ body }) => body)),
      arrivals.map(({ scope }) => scope),
      offsets,
      arrivals.map(({ body }) => body.length),
      this.clock.now(),
    ]);
    return arrivals.map(() => undefined);
  }
}
