import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';

export interface ParkedEvent {
  readonly id: string;
  readonly gatewayId: string;
  readonly type: string;
  /** who did not take it, the bot first */
  readonly parked: readonly ParkedDelivery[];
  readonly body: JsonObject;
}

/** Enough of an event to say who would want it. */
export interface FoundEvent {
  readonly gatewayId: string;
  readonly type: string;
  readonly channel: string | null;
  readonly address: string | null;
}

export interface ParkedDelivery {
  readonly subscriber: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** Events that a bot or a webhook did not take: they wait for a person, and can be delivered again. */
@Injectable()
export class ParkedRepository {
  constructor(private readonly clock: Clock) {}

  /** Newest first. */
  async list(
    sql: Sql,
    filter: { gatewayIds: readonly string[] | null; before: string | null; limit: number },
  ): Promise<readonly ParkedEvent[]> {
    return sql.query<ParkedEvent>(
      `SELECT p.event_id AS id, p.gateway_id AS "gatewayId", p.type, p.parked, e.body
       FROM (
         SELECT event_id, gateway_id, type, json_agg(
           json_build_object('subscriber', subscriber, 'attempts', attempts, 'lastError', last_error) ORDER BY subscriber) AS parked
         FROM event_delivery
         WHERE state = 'parked' AND ($1::uuid[] IS NULL OR gateway_id = ANY($1)) AND ($2::uuid IS NULL OR event_id < $2)
         GROUP BY event_id, gateway_id, type
       ) p JOIN event e ON e.id = p.event_id
       ORDER BY p.event_id DESC LIMIT $3`,
      [filter.gatewayIds, filter.before, filter.limit],
    );
  }

  async find(sql: Sql, eventId: string): Promise<FoundEvent | undefined> {
    const [row] = await sql.query<FoundEvent>(
      `SELECT gateway_id AS "gatewayId", type, body ->> 'channel' AS channel, body #>> '{account,id}' AS address
       FROM event WHERE id = $1 AND created_at = $2`,
      [eventId, timeOfId(eventId)],
    );
    return row;
  }

  /**
   * Delivers an event again, as if it were new: to those who did not take it; when nobody has it parked, to the others given.
   */
  async replay(sql: Sql, eventId: string, others: readonly string[]): Promise<void> {
    const now = this.clock.now();
    const parked = await sql.query<{ subscriber: string }>(
      `SELECT subscriber FROM event_delivery WHERE event_id = $1 AND state = 'parked' ORDER BY subscriber FOR UPDATE`,
      [eventId],
    );
    const subscribers = parked.length > 0 ? parked.map(({ subscriber }) => subscriber) : others;
    await sql.query(
      `INSERT INTO event_delivery (event_id, subscriber, gateway_id, line, session, occurred_at, type, state, attempts, next_at, created_at)
       SELECT e.id, s.name, e.gateway_id, e.line, COALESCE((e.body #>> '{dialog,id}')::uuid, e.line),
         date_trunc('second', e.occurred_at), e.type, 'lined', 0, $3, $3
       FROM event e CROSS JOIN unnest($4::text[]) AS s (name) WHERE e.id = $1 AND e.created_at = $2
       ON CONFLICT (event_id, subscriber) DO UPDATE
         SET state = 'lined', attempts = 0, first_tried_at = NULL, next_at = excluded.next_at, claimed_by = NULL`,
      [eventId, timeOfId(eventId), now, subscribers],
    );
    await sql.query(
      `INSERT INTO event_line (line, subscriber, gateway_id, next_at)
       SELECT e.line, s.name, e.gateway_id, $3 FROM event e CROSS JOIN unnest($4::text[]) AS s (name)
       WHERE e.id = $1 AND e.created_at = $2
       ON CONFLICT (line, subscriber) DO UPDATE SET next_at = LEAST(event_line.next_at, excluded.next_at)`,
      [eventId, timeOfId(eventId), now, subscribers],
    );
  }
}
