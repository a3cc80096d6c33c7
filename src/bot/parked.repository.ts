import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import { BOT_SUBSCRIBER } from '../platform/outbox/outbox.js';

export interface ParkedEvent {
  readonly id: string;
  readonly gatewayId: string;
  readonly type: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly body: JsonObject;
}

interface Row {
  event_id: string;
  gateway_id: string;
  type: string;
  attempts: number;
  last_error: string | null;
  body: JsonObject;
}

/** Events that no bot took: they wait for a person, and can be delivered again. */
@Injectable()
export class ParkedRepository {
  constructor(private readonly clock: Clock) {}

  /** Newest first. */
  async list(
    sql: Sql,
    filter: { gatewayIds: readonly string[] | null; before: string | null; limit: number },
  ): Promise<readonly ParkedEvent[]> {
    const rows = await sql.query<Row>(
      `SELECT d.event_id, d.gateway_id, d.type, d.attempts, d.last_error, e.body
       FROM event_delivery d JOIN event e ON e.id = d.event_id
       WHERE d.state = 'parked' AND ($1::uuid[] IS NULL OR d.gateway_id = ANY($1)) AND ($2::uuid IS NULL OR d.event_id < $2)
       ORDER BY d.event_id DESC LIMIT $3`,
      [filter.gatewayIds, filter.before, filter.limit],
    );
    return rows.map((row) => ({
      id: row.event_id,
      gatewayId: row.gateway_id,
      type: row.type,
      attempts: row.attempts,
      lastError: row.last_error,
      body: row.body,
    }));
  }

  async gatewayOf(sql: Sql, eventId: string): Promise<string | undefined> {
    const [row] = await sql.query<{ gateway_id: string }>(
      'SELECT gateway_id FROM event WHERE id = $1 AND created_at = $2',
      [eventId, timeOfId(eventId)],
    );
    return row?.gateway_id;
  }

  /** Delivers an event again, whether it was parked or taken before, as if it were new. */
  async replay(sql: Sql, eventId: string): Promise<void> {
    const now = this.clock.now();
    await sql.query(
      `INSERT INTO event_delivery (event_id, subscriber, gateway_id, line, session, occurred_at, type, state, attempts, next_at, created_at)
       SELECT id, $4, gateway_id, line, COALESCE((body #>> '{dialog,id}')::uuid, line), date_trunc('second', occurred_at), type,
         'lined', 0, $3, $3
       FROM event WHERE id = $1 AND created_at = $2
       ON CONFLICT (event_id, subscriber) DO UPDATE
         SET state = 'lined', attempts = 0, first_tried_at = NULL, next_at = excluded.next_at, claimed_by = NULL`,
      [eventId, timeOfId(eventId), now, BOT_SUBSCRIBER],
    );
    await sql.query(
      `INSERT INTO event_line (line, subscriber, gateway_id, next_at)
       SELECT line, $4, gateway_id, $3 FROM event WHERE id = $1 AND created_at = $2
       ON CONFLICT (line, subscriber) DO UPDATE SET next_at = LEAST(event_line.next_at, excluded.next_at)`,
      [eventId, timeOfId(eventId), now, BOT_SUBSCRIBER],
    );
  }
}
