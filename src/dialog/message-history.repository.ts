import { Injectable } from '@nestjs/common';
import type { JsonObject, RemoteError } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import type { MessagePart } from './message-status.js';

export interface TimelineEntry {
  readonly status: string;
  readonly at: Date;
  readonly detail: JsonObject | null;
}

export interface AttemptRecord {
  readonly id: string;
  readonly part: MessagePart;
  readonly status: string;
  readonly providerId: string | null;
  readonly at: Date;
  readonly settledAt: Date | null;
  readonly error: RemoteError | null;
}

/** What happened to messages: their timelines and their attempts, by message id. */
@Injectable()
export class MessageHistoryRepository {
  async timelines(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, readonly TimelineEntry[]>> {
    const rows = await sql.query<{ message_id: string; status: string; at: Date; detail: JsonObject | null }>(
      `SELECT t.message_id, t.status, t.at, t.detail FROM message_timeline t
       JOIN unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at) ON t.message_id = k.id AND t.message_created_at = k.created_at
       ORDER BY t.at, t.recorded_at`,
      [ids, ids.map(timeOfId)],
    );
    return groupBy(rows, ({ message_id }) => message_id);
  }

  async attempts(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, readonly AttemptRecord[]>> {
    const rows = await sql.query<{
      id: string;
      message_id: string;
      part: MessagePart;
      status: string;
      provider_id: string | null;
      created_at: Date;
      settled_at: Date | null;
      error: RemoteError | null;
    }>('SELECT * FROM attempt WHERE message_id = ANY($1) ORDER BY id', [ids]);
    return new Map(
      [...groupBy(rows, ({ message_id }) => message_id)].map(([id, list]) => [
        id,
        list.map((row) => ({
          id: row.id,
          part: row.part,
          status: row.status,
          providerId: row.provider_id,
          at: row.created_at,
          settledAt: row.settled_at,
          error: row.error,
        })),
      ]),
    );
  }
}

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
