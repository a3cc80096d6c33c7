import { Injectable } from '@nestjs/common';
import type { JsonObject, Price } from '../contract/index.js';
import type { Held, MessageError, MessagePart, MessageStatus } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';
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
}

export interface TimelineNote {
  readonly messageId: string;
  /** a repeat with the same key changes nothing */
  readonly key: string;
  readonly status: string;
  readonly at: Date;
  readonly detail: JsonObject | null;
}

@Injectable()
export class ProgressRepository {
  async update(sql: Sql, rows: readonly Progress[], now: Date): Promise<void> {
    if (rows.length === 0) return;
    const json = (value: unknown): string | null =>
      value === undefined || value === null ? null : JSON.stringify(value);
    await sql.query(
      `UPDATE message m SET status = p.status, part = COALESCE(p.part, m.part), provider_id = COALESCE(p.provider_id, m.provider_id),
         error = CASE WHEN p.sets_error THEN p.error::json ELSE m.error END,
         held = CASE WHEN p.sets_held THEN p.held::json ELSE m.held END,
         price = COALESCE(p.price::json, m.price), updated_at = $11
       FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::boolean[],
         $10::text[]) AS p (id, created_at, status, part, provider_id, error, sets_error, held, sets_held, price)
       WHERE m.id = p.id AND m.created_at = p.created_at`,
      [
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
        now,
      ],
    );
  }

  /** Gives back the keys (`messageId` + key) that were new. */
  async note(sql: Sql, notes: readonly TimelineNote[], now: Date): Promise<ReadonlySet<string>> {
    if (notes.length === 0) return new Set();
    const rows = await sql.query<{ message_id: string; key: string }>(
      `INSERT INTO message_timeline (message_id, message_created_at, key, status, at, recorded_at, detail)
       SELECT message_id, created_at, key, status, at, $7, detail::json
       FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
         AS n (message_id, created_at, key, status, at, detail)
       ON CONFLICT DO NOTHING RETURNING message_id, key`,
      [
        notes.map(({ messageId }) => messageId),
        notes.map(({ messageId }) => timeOfId(messageId)),
        notes.map(({ key }) => key),
        notes.map(({ status }) => status),
        notes.map(({ at }) => at),
        notes.map(({ detail }) => (detail ? JSON.stringify(detail) : null)),
        now,
      ],
    );
    return new Set(rows.map((row) => noteKey({ messageId: row.message_id, key: row.key })));
  }
}

export function noteKey({ messageId, key }: { messageId: string; key: string }): string {
  return `${messageId}|${key}`;
}
