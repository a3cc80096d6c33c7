import { timeOfId } from '../ids/ids.js';
import type { Sql } from '../database/database.js';

/** Something that bots and webhooks are to be told. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  /** who is told; nobody: the event is not written */
  readonly subscribers: readonly string[];
  readonly gatewayId: string;
  /** what keeps its events in order: a thread, or the gateway for events that belong to no dialog */
  readonly line: string;
  /** the part of the line that it belongs to, a dialog: all events of one come before any of the next. Default: the line */
  readonly session?: string;
  readonly occurredAt: Date;
  readonly body: object;
}

/** The subscriber that every gateway has at most one of. Those that are not named here are webhooks. */
export const BOT_SUBSCRIBER = 'bot';

/** The chat networks themselves: what they are told of our side, they are told through their channels. */
export const NETWORK_SUBSCRIBER = 'network';

/** What a subscriber is, in a word for people. */
export function kindOfSubscriber(subscriber: string): 'bot' | 'network' | 'webhook' {
  return subscriber === BOT_SUBSCRIBER || subscriber === NETWORK_SUBSCRIBER ? subscriber : 'webhook';
}

/** All streams together. What they want is logged, and read from there: it is on nobody's line. */
export const STREAM_SUBSCRIBER = 'stream';

/** Told when what streams want has changed. */
export const STREAM_CHANGES = 'patchbay_stream';

/**
 * Writes events in the transaction that makes them true; they are delivered after its commit. An event is written once and
 * goes to each of its subscribers on a line of that subscriber's own, so none of them waits for another. The lines are
 * upserted, not inserted: that waits for a dispatcher which is just removing the line, so no event is left without one.
 *
 * Within a session events go by when they occurred. Providers stamp whole seconds, so ours count by the second too: what shares
 * one keeps the order in which it was written.
 *
 * True when there is something to deliver: then the dispatcher wants to be woken after the commit.
 */
export async function appendEvents(sql: Sql, offered: readonly OutboxEvent[], now: Date): Promise<boolean> {
  const events = offered.filter(({ subscribers }) => subscribers.length > 0);
  if (events.length === 0) return false;
  const deliveries = events.flatMap((event) =>
    event.subscribers.flatMap((subscriber) => (subscriber === STREAM_SUBSCRIBER ? [] : [{ subscriber, ...event }])),
  );
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
  await logForStreams(sql, events);
  if (deliveries.length === 0) return false;
  const each = <T>(read: (delivery: (typeof deliveries)[number]) => T): T[] => deliveries.map(read);
  await sql.query(
    `INSERT INTO event_delivery (event_id, subscriber, gateway_id, line, session, occurred_at, type, state, attempts, next_at, created_at)
     SELECT id, subscriber, gateway_id, line, session, date_trunc('second', occurred_at), type, 'lined', 0, $7, $7
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[], $8::uuid[])
       WITH ORDINALITY AS e (id, subscriber, gateway_id, line, occurred_at, type, session, place)
     ORDER BY place`,
    [
      each(({ id }) => id),
      each(({ subscriber }) => subscriber),
      each(({ gatewayId }) => gatewayId),
      each(({ line }) => line),
      each(({ occurredAt }) => occurredAt),
      each(({ type }) => type),
      now,
      each(({ session, line }) => session ?? line),
    ],
  );
  await sql.query(
    `INSERT INTO event_line (line, subscriber, gateway_id, next_at)
     SELECT DISTINCT ON (line, subscriber) line, subscriber, gateway_id, $4::timestamptz
     FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS e (line, subscriber, gateway_id)
     ORDER BY line, subscriber
     ON CONFLICT (line, subscriber) DO UPDATE SET gateway_id = excluded.gateway_id`,
    [each(({ line }) => line), each(({ subscriber }) => subscriber), each(({ gatewayId }) => gatewayId), now],
  );
  return true;
}

/** In the order of writing, which is what streams keep to within a dialog. */
async function logForStreams(sql: Sql, events: readonly OutboxEvent[]): Promise<void> {
  const logged = events.filter(({ subscribers }) => subscribers.includes(STREAM_SUBSCRIBER));
  if (logged.length === 0) return;
  await sql.query(
    `INSERT INTO stream_pending (event_id, created_at, gateway_id, type)
     SELECT id, created_at, gateway_id, type
     FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[]) WITH ORDINALITY AS e (id, created_at, gateway_id, type, place)
     ORDER BY place`,
    [
      logged.map(({ id }) => id),
      logged.map(({ id }) => timeOfId(id)),
      logged.map(({ gatewayId }) => gatewayId),
      logged.map(({ type }) => type),
    ],
  );
}

/**
 * The bot is not told of these any more: somebody else answers. What it is being told at this moment is no longer carried out when
 * it answers, for whoever removes a delivery does that.
 *
 * @param types `message.received`, or a pattern of SQL such as `message.%`
 */
export async function withdrawFromBot(sql: Sql, lines: readonly string[], types: string): Promise<void> {
  if (lines.length === 0) return;
  await sql.query(
    `DELETE FROM event_delivery WHERE line = ANY($1) AND subscriber = $2 AND type LIKE $3 AND state IN ('lined', 'detached')`,
    [lines, BOT_SUBSCRIBER, types],
  );
}

/** The same event for everybody but one. */
export function without(unwanted: string, event: OutboxEvent): OutboxEvent {
  return { ...event, subscribers: event.subscribers.filter((subscriber) => subscriber !== unwanted) };
}

/**
 * What waits for subscribers that are no more goes, also what they never took. The condition on the bot is for the planner: it
 * leads to the small index of the others.
 */
export async function forgetSubscribers(sql: Sql, subscribers: readonly string[]): Promise<void> {
  const gone = `subscriber = ANY($1) AND subscriber <> '${BOT_SUBSCRIBER}'`;
  await sql.query(`DELETE FROM event_delivery WHERE ${gone}`, [subscribers]);
  await sql.query(`DELETE FROM event_line WHERE ${gone}`, [subscribers]);
}
