import { timeOfId } from '../ids/ids.js';
import type { Sql } from '../database/database.js';

/** Something a bot (or another subscriber) is to be told. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  readonly subscriber: string;
  readonly gatewayId: string;
  /** what keeps its events in order: a thread, or the gateway for events that belong to no dialog */
  readonly line: string;
  /** the part of the line that it belongs to, a dialog: all events of one come before any of the next. Default: the line */
  readonly session?: string;
  readonly occurredAt: Date;
  readonly body: object;
}

/** The subscriber that every gateway has at most one of. */
export const BOT_SUBSCRIBER = 'bot';

/**
 * Writes events in the transaction that makes them true; they are delivered after its commit. The lines are upserted, not
 * inserted: that waits for a dispatcher which is just removing the line, so no event is left without one.
 *
 * Within a session events go by when they occurred. Providers stamp whole seconds, so ours count by the second too: what shares
 * one keeps the order in which it was written.
 */
export async function appendEvents(sql: Sql, events: readonly OutboxEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const column = <T>(read: (event: OutboxEvent) => T): T[] => events.map(read);
  await sql.query(
    `INSERT INTO event (id, created_at, type, gateway_id, line, occurred_at, body)
     SELECT id, created_at, type, gateway_id, line, occurred_at, body::json
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[], $7::timestamptz[])
       AS e (id, type, gateway_id, line, occurred_at, body, created_at)
     ON CONFLICT DO NOTHING`,
    [
      column(({ id }) => id),
      column(({ type }) => type),
      column(({ gatewayId }) => gatewayId),
      column(({ line }) => line),
      column(({ occurredAt }) => occurredAt),
      column(({ body }) => JSON.stringify(body)),
      column(({ id }) => timeOfId(id)),
    ],
  );
  await sql.query(
    `INSERT INTO event_delivery (event_id, subscriber, gateway_id, line, session, occurred_at, type, state, attempts, next_at, created_at)
     SELECT id, subscriber, gateway_id, line, session, date_trunc('second', occurred_at), type, 'lined', 0, $7, $7
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[], $8::uuid[])
       WITH ORDINALITY AS e (id, subscriber, gateway_id, line, occurred_at, type, session, place)
     ORDER BY place`,
    [
      column(({ id }) => id),
      column(({ subscriber }) => subscriber),
      column(({ gatewayId }) => gatewayId),
      column(({ line }) => line),
      column(({ occurredAt }) => occurredAt),
      column(({ type }) => type),
      now,
      column(({ session, line }) => session ?? line),
    ],
  );
  await sql.query(
    `INSERT INTO event_line (line, subscriber, gateway_id, next_at)
     SELECT DISTINCT ON (line, subscriber) line, subscriber, gateway_id, $4::timestamptz
     FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS e (line, subscriber, gateway_id)
     ORDER BY line, subscriber
     ON CONFLICT (line, subscriber) DO UPDATE SET gateway_id = excluded.gateway_id`,
    [column(({ line }) => line), column(({ subscriber }) => subscriber), column(({ gatewayId }) => gatewayId), now],
  );
}
