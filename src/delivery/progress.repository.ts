import { Injectable } from '@nestjs/common';
import type { Price } from '../contract/index.js';
import type { Held, MessageError, MessagePart, MessageStatus } from '../dialog/message-status.js';
import { type TimelineNote, acceptedNote, lineOf, linesOf } from '../dialog/timeline.js';
import type { Prepared, Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';

/** A message's new state. What is undefined stays as it is; null clears. */
export interface Progress {
  readonly messageId: string;
  readonly status: MessageStatus;
  readonly part?: MessagePart;
  readonly providerId?: string;
  readonly error?: MessageError | null;
  readonly held?: Held | null;
  readonly price?: Price;
  /** what is new in its timeline; whoever may repeat itself looks there first, under the lock */
  readonly notes?: readonly TimelineNote[];
}

/** Where a message stands, and whose it is: as much of it as receipts and settlements look at. */
export interface Standing {
  readonly id: string;
  readonly gatewayId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly dialogId: string;
  readonly contactId: string;
  readonly status: MessageStatus;
  readonly part: MessagePart;
  readonly providerId?: string;
  readonly error: MessageError | null;
  readonly price: Price | null;
  readonly hasFallback: boolean;
  /** its history, see `timeline.ts` */
  readonly timeline: string;
}

interface StandingRow {
  id: string;
  gateway_id: string;
  account_id: string;
  channel: string;
  dialog_id: string;
  contact_id: string;
  status: MessageStatus;
  part: MessagePart;
  provider_id: string | null;
  error: MessageError | null;
  price: Price | null;
  has_fallback: boolean;
  timeline: string;
}

/** One by one through the key: the plan is kept, also while a new partition fills. */
const LOCK: Prepared = {
  name: 'progress_lock',
  text: `SELECT m.id, m.gateway_id, m.account_id, m.channel, m.dialog_id, m.contact_id, m.status, m.part, m.provider_id, m.error,
      m.price, m.fallback IS NOT NULL AS has_fallback, m.timeline
    FROM (SELECT id, created_at FROM unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at) ORDER BY id) AS k, LATERAL (
      SELECT * FROM message WHERE id = k.id AND created_at = k.created_at FOR UPDATE
    ) AS m`,
};

const UPDATE = `UPDATE message m SET status = p.status, part = COALESCE(p.part, m.part), provider_id = COALESCE(p.provider_id, m.provider_id),
      error = CASE WHEN p.sets_error THEN p.error::json ELSE m.error END,
      held = CASE WHEN p.sets_held THEN p.held::json ELSE m.held END,
      price = COALESCE(p.price::json, m.price), timeline = m.timeline || p.lines, updated_at = $12
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::boolean[],
      $10::text[], $11::text[]) AS p (id, created_at, status, part, provider_id, error, sets_error, held, sets_held, price, lines)
    WHERE m.id = p.id AND m.created_at = p.created_at`;

/** Of one that was sent twice, the first copy may have been delivered before the second is accepted. */
const ACCEPT = `UPDATE message m SET status = CASE WHEN m.status IN ('queued', 'held', 'sending') THEN 'accepted' ELSE m.status END,
      provider_id = a.provider_id, error = NULL, held = NULL, timeline = m.timeline || a.lines, updated_at = $5
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS a (id, created_at, provider_id, lines)
    WHERE m.id = a.id AND m.created_at = a.created_at
    RETURNING m.id, m.gateway_id, m.account_id, m.dialog_id`;

/** An attempt that the network took. */
export interface Acceptance {
  readonly messageId: string;
  readonly attemptId: string;
  readonly providerId: string;
}

/** What becomes of messages. */
@Injectable()
export class ProgressRepository {
  /** In the order of their ids; nobody else changes them until the transaction ends. */
  async lock(sql: Sql, ids: readonly string[]): Promise<readonly Standing[]> {
    const known = ids.filter((id) => timeOfId(id));
    if (known.length === 0) return [];
    const rows = await sql.query<StandingRow>(LOCK, [known, known.map(timeOfId)]);
    return rows.map(toStanding);
  }

  /** Gives back whose messages they are. */
  async accept(
    sql: Sql,
    rows: readonly Acceptance[],
    now: Date,
  ): Promise<readonly Pick<Standing, 'id' | 'gatewayId' | 'accountId' | 'dialogId'>[]> {
    if (rows.length === 0) return [];
    // In the order in which everybody locks them.
    const sorted = [...rows].sort((a, b) => (a.messageId < b.messageId ? -1 : 1));
    const found = await sql.query<Pick<StandingRow, 'id' | 'gateway_id' | 'account_id' | 'dialog_id'>>(ACCEPT, [
      sorted.map(({ messageId }) => messageId),
      sorted.map(({ messageId }) => timeOfId(messageId)),
      sorted.map(({ providerId }) => providerId),
      sorted.map(({ attemptId, providerId }) => lineOf(acceptedNote(attemptId, providerId, now))),
      now,
    ]);
    return found.map((row) => ({
      id: row.id,
      gatewayId: row.gateway_id,
      accountId: row.account_id,
      dialogId: row.dialog_id,
    }));
  }

  /** A message is there once. */
  async update(sql: Sql, rows: readonly Progress[], now: Date): Promise<void> {
    if (rows.length === 0) return;
    const json = (value: unknown): string | null =>
      value === undefined || value === null ? null : JSON.stringify(value);
    await sql.query(UPDATE, [
      rows.map(({ messageId }) => messageId),
      rows.map(({ messageId }) => timeOfId(messageId)),
      rows.map(({ status }) => status),
      rows.map(({ part }) => part ?? null),
      rows.map(({ providerId }) => providerId ?? null),
      rows.map(({ error }) => json(error)),
      rows.map(({ error }) => error !== undefined),
      rows.map(({ held }) => json(held)),
      rows.map(({ held }) => held !== undefined),
      rows.map(({ price }) => json(price)),
      rows.map(({ notes }) => linesOf(notes ?? [])),
      now,
    ]);
  }
}

function toStanding(row: StandingRow): Standing {
  return {
    id: row.id,
    gatewayId: row.gateway_id,
    accountId: row.account_id,
    channel: row.channel,
    dialogId: row.dialog_id,
    contactId: row.contact_id,
    status: row.status,
    part: row.part,
    error: row.error,
    price: row.price,
    hasFallback: row.has_fallback,
    timeline: row.timeline,
    ...(row.provider_id !== null && { providerId: row.provider_id }),
  };
}
