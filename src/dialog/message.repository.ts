import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import type { Prepared, Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import { MESSAGE_COLUMNS, type MessageRecord, type MessageRow, type NewMessage, toRecord } from './message-record.js';
import { linesOf } from './timeline.js';

export interface MessageFilter {
  readonly gatewayIds: readonly string[] | null;
  readonly dialogId?: string;
  readonly status?: string;
  readonly providerId?: string;
  readonly phone?: string;
  readonly since?: Date;
  readonly before: string | null;
  readonly limit: number;
}

/** What is being sent still has the status that it waited with; see `messageView`. */
const ON_THE_WIRE = `(SELECT message_id FROM outbound WHERE state = 'sending')`;

const CLAIM_REFS: Prepared = {
  name: 'message_ref_claim',
  text: `INSERT INTO message_ref (account_id, provider_id, message_id)
       SELECT account_id, provider_id, message_id FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS r (account_id, provider_id, message_id)
       ORDER BY 1, 2
       ON CONFLICT DO NOTHING RETURNING message_id`,
};

const FIND_REFS: Prepared = {
  name: 'message_ref_find',
  text: `SELECT k.account_id, k.provider_id, r.message_id
    FROM unnest($1::uuid[], $2::text[]) AS k (account_id, provider_id), LATERAL (
      SELECT message_id FROM message_ref WHERE account_id = k.account_id AND provider_id = k.provider_id OFFSET 0
    ) AS r`,
};

/** One by one through the key: the plan is kept, also while a new partition fills. */
const FIND_ALL: Prepared = {
  name: 'message_find_all',
  text: `SELECT ${MESSAGE_COLUMNS} FROM unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at), LATERAL (
      SELECT * FROM message WHERE id = k.id AND created_at = k.created_at OFFSET 0
    ) AS m ORDER BY m.id`,
};

const LOCK_ALL = `SELECT ${MESSAGE_COLUMNS} FROM message m
  JOIN unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at) ON m.id = k.id AND m.created_at = k.created_at
  ORDER BY m.id FOR UPDATE OF m`;

@Injectable()
export class MessageRepository {
  /** Returns the place of each message in the order in which messages were taken, from the database's own sequence. */
  async insert(sql: Sql, messages: readonly NewMessage[]): Promise<ReadonlyMap<string, string>> {
    if (messages.length === 0) return new Map();
    const column = <T>(read: (message: NewMessage) => T): T[] => messages.map(read);
    const json = (read: (message: NewMessage) => unknown): (string | null)[] =>
      messages.map((message) => {
        const value = read(message);
        return value === undefined ? null : JSON.stringify(value);
      });
    const rows = await sql.query<{ id: string; seq: string }>(
      `INSERT INTO message (id, created_at, direction, gateway_id, account_id, channel, thread_id, dialog_id, contact_id, origin,
         class, status, part, content, fallback, recipient, metadata, reply_to, reply_to_provider, referral, provider_id, error,
         occurred_at, expires_at, send_at, deliver_within, held, timeline, notes, context, updated_at)
       SELECT id, created_at, direction, gateway_id, account_id, channel, thread_id, dialog_id, contact_id, origin,
         class, status, part, content::json, fallback::json, recipient::json, metadata::json, reply_to, reply_to_provider,
         referral::json, provider_id, error::json, occurred_at, expires_at, send_at, deliver_within,
         held::json, timeline, notes::json, context::json, created_at
       FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[],
         $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::uuid[], $18::text[],
         $19::text[], $20::text[], $21::text[], $22::timestamptz[], $23::timestamptz[], $24::text[],
         $25::timestamptz[], $26::integer[], $27::text[], $28::text[], $29::text[], $30::text[]) WITH ORDINALITY
         AS m (id, created_at, direction, gateway_id, account_id, channel, thread_id, dialog_id, contact_id, origin, class, status,
           content, fallback, recipient, metadata, reply_to, reply_to_provider, referral, provider_id, error, occurred_at,
           expires_at, part, send_at, deliver_within, held, timeline, notes, context, place)
       ORDER BY place
       RETURNING id, seq`,
      [
        column(({ id }) => id),
        column(({ id }) => timeOfId(id)),
        column(({ direction }) => direction),
        column(({ gatewayId }) => gatewayId),
        column(({ accountId }) => accountId),
        column(({ channel }) => channel),
        column(({ threadId }) => threadId),
        column(({ dialogId }) => dialogId),
        column(({ contactId }) => contactId),
        column(({ origin }) => origin),
        column((message) => message.class ?? null),
        column(({ status }) => status),
        json(({ content }) => content),
        json(({ fallback }) => fallback),
        json(({ recipient }) => recipient),
        json(({ metadata }) => metadata),
        column(({ replyTo }) => replyTo ?? null),
        column(({ replyToProvider }) => replyToProvider ?? null),
        json(({ referral }) => referral),
        column(({ providerId }) => providerId ?? null),
        json(({ error }) => error),
        column(({ occurredAt }) => occurredAt),
        column(({ expiresAt }) => expiresAt ?? null),
        column(({ part }) => part ?? 'content'),
        column(({ sendAt }) => sendAt ?? null),
        column(({ deliverWithin }) => deliverWithin ?? null),
        json(({ held }) => held),
        column(({ timeline }) => linesOf(timeline ?? [])),
        json(({ notes }) => notes),
        json(({ context }) => context),
      ],
    );
    return new Map(rows.map(({ id, seq }) => [id, seq]));
  }

  /** Claims provider ids within their accounts; gives back those that were free. One row is one effect. */
  async claimProviderIds(
    sql: Sql,
    refs: readonly { accountId: string; providerId: string; messageId: string }[],
  ): Promise<ReadonlySet<string>> {
    if (refs.length === 0) return new Set();
    const rows = await sql.query<{ message_id: string }>(CLAIM_REFS, [
      refs.map(({ accountId }) => accountId),
      refs.map(({ providerId }) => providerId),
      refs.map(({ messageId }) => messageId),
    ]);
    return new Set(rows.map(({ message_id }) => message_id));
  }

  /** Our message ids for provider ids, by {@link refKey}. */
  async findByProviderIds(
    sql: Sql,
    refs: readonly { accountId: string; providerId: string }[],
  ): Promise<ReadonlyMap<string, string>> {
    if (refs.length === 0) return new Map();
    const rows = await sql.query<{ account_id: string; provider_id: string; message_id: string }>(FIND_REFS, [
      refs.map(({ accountId }) => accountId),
      refs.map(({ providerId }) => providerId),
    ]);
    return new Map(
      rows.map((row) => [refKey({ accountId: row.account_id, providerId: row.provider_id }), row.message_id]),
    );
  }

  async find(sql: Sql, id: string): Promise<MessageRecord | undefined> {
    const createdAt = timeOfId(id);
    if (!createdAt) return undefined;
    const [row] = await sql.query<MessageRow>(
      `SELECT ${MESSAGE_COLUMNS} FROM message m WHERE m.id = $1 AND m.created_at = $2`,
      [id, createdAt],
    );
    return row && toRecord(row);
  }

  /** In the order of their ids; with `lock`, nobody else changes them until the transaction ends. */
  async findAll(sql: Sql, ids: readonly string[], options: { lock: boolean }): Promise<readonly MessageRecord[]> {
    const known = ids.filter((id) => timeOfId(id));
    if (known.length === 0) return [];
    const rows = await sql.query<MessageRow>(options.lock ? LOCK_ALL : FIND_ALL, [known, known.map(timeOfId)]);
    return rows.map(toRecord);
  }

  /** What the callers gave along with these messages; those without any are not in the answer. */
  async metadata(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    const rows = await sql.query<{ id: string; metadata: JsonObject }>(
      `SELECT m.id, m.metadata FROM message m
       JOIN unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at) ON m.id = k.id AND m.created_at = k.created_at
       WHERE m.metadata IS NOT NULL`,
      [ids, ids.map(timeOfId)],
    );
    return new Map(rows.map(({ id, metadata }) => [id, metadata]));
  }

  /** Newest first. */
  async list(sql: Sql, filter: MessageFilter): Promise<readonly MessageRecord[]> {
    const conditions: string[] = [];
    const parameters: unknown[] = [];
    const where = (condition: string, value: unknown): void => {
      parameters.push(value);
      conditions.push(condition.replaceAll('?', `$${parameters.length}`));
    };
    if (filter.gatewayIds) where('m.gateway_id = ANY(?)', filter.gatewayIds);
    if (filter.dialogId) where('m.dialog_id = ?', filter.dialogId);
    if (filter.status === 'sending') conditions.push(`m.id IN ${ON_THE_WIRE}`);
    else if (filter.status) where('m.status = ?', filter.status);
    if (filter.status === 'queued' || filter.status === 'held') conditions.push(`m.id NOT IN ${ON_THE_WIRE}`);
    if (filter.since) where('m.created_at >= ?', filter.since);
    if (filter.before) {
      where('m.id < ?', filter.before);
      where('m.created_at <= ?', timeOfId(filter.before));
    }
    if (filter.providerId)
      where('m.id IN (SELECT message_id FROM message_ref WHERE provider_id = ?)', filter.providerId);
    if (filter.phone) {
      where(
        `m.direction = 'out' AND m.contact_id IN (SELECT contact_id FROM contact_identity WHERE kind = 'phone' AND value = ? AND replaced_at IS NULL)`,
        filter.phone,
      );
    }
    parameters.push(filter.limit);
    const rows = await sql.query<MessageRow>(
      `SELECT ${MESSAGE_COLUMNS} FROM message m ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY m.id DESC LIMIT $${parameters.length}`,
      parameters,
    );
    return rows.map(toRecord);
  }
}

export function refKey({ accountId, providerId }: { accountId: string; providerId: string }): string {
  return `${accountId}:${providerId}`;
}
