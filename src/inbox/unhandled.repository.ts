import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';

export interface NewUnhandled {
  readonly gatewayId: string | null;
  readonly scope: string;
  readonly eventId: string;
  readonly receivedAt: Date;
  readonly code: string;
  readonly detail: string;
  readonly path: string;
  readonly raw: unknown;
}

export interface UnhandledRecord extends NewUnhandled {
  readonly id: string;
  readonly createdAt: Date;
}

interface Row {
  id: string;
  gateway_id: string | null;
  scope: string;
  event_id: string;
  received_at: Date;
  code: string;
  detail: string;
  path: string;
  raw: unknown;
  created_at: Date;
}

/** What providers sent and we could make nothing of. The same thing sent again is listed once. */
@Injectable()
export class UnhandledRepository {
  async add(sql: Sql, items: readonly NewUnhandled[], now: Date): Promise<number> {
    if (items.length === 0) return 0;
    const raws = items.map(({ raw }) => rawText(raw));
    const rows = await sql.query(
      `INSERT INTO unhandled_event (id, gateway_id, scope, event_id, received_at, code, detail, path, raw, hash, created_at)
       SELECT id, gateway_id, scope, event_id, received_at, code, detail, path, raw::json, decode(hash, 'hex'), $11
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::text[]) AS u (id, gateway_id, scope, event_id, received_at, code, detail, path, raw, hash)
       ON CONFLICT DO NOTHING RETURNING id`,
      [
        items.map(() => newId(now)),
        items.map(({ gatewayId }) => gatewayId),
        items.map(({ scope }) => scope),
        items.map(({ eventId }) => eventId),
        items.map(({ receivedAt }) => receivedAt),
        items.map(({ code }) => code),
        items.map(({ detail }) => storable(detail)),
        items.map(({ path }) => storable(path)),
        raws,
        items.map(({ scope, code, path }, index) =>
          createHash('sha256')
            .update(`${scope}\n${code}\n${path}\n${raws[index] ?? ''}`)
            .digest('hex'),
        ),
        now,
      ],
    );
    return rows.length;
  }

  async find(sql: Sql, id: string): Promise<UnhandledRecord | undefined> {
    const [row] = await sql.query<Row>('SELECT * FROM unhandled_event WHERE id = $1', [id]);
    return row && toRecord(row);
  }

  /** All that one event left behind: it is processed anew as a whole. */
  async removeOfEvent(sql: Sql, eventId: string): Promise<void> {
    await sql.query('DELETE FROM unhandled_event WHERE event_id = $1', [eventId]);
  }

  /** Newest first. */
  async list(
    sql: Sql,
    filter: { gatewayIds: readonly string[] | null; before: string | null; limit: number },
  ): Promise<readonly UnhandledRecord[]> {
    const rows = await sql.query<Row>(
      `SELECT * FROM unhandled_event
       WHERE ($1::uuid[] IS NULL OR gateway_id = ANY($1)) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [filter.gatewayIds, filter.before, filter.limit],
    );
    return rows.map(toRecord);
  }
}

/** JSON text that PostgreSQL stores whatever is in it; what is nested too deeply to be written is named as such. */
function rawText(raw: unknown): string {
  try {
    return JSON.stringify(raw ?? null);
  } catch {
    return '"(nested too deeply to be shown; the journal has the bytes)"';
  }
}

function storable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\u{fffd}').slice(0, 2_000);
}

function toRecord(row: Row): UnhandledRecord {
  return {
    id: row.id,
    gatewayId: row.gateway_id,
    scope: row.scope,
    eventId: row.event_id,
    receivedAt: row.received_at,
    code: row.code,
    detail: row.detail,
    path: row.path,
    raw: row.raw,
    createdAt: row.created_at,
  };
}
