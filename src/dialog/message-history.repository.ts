import { Injectable } from '@nestjs/common';
import type { RemoteError } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import type { MessagePart } from './message-status.js';
import { type TimelineNote, acceptedKey, readTimeline } from './timeline.js';

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
  async timelines(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, readonly TimelineNote[]>> {
    const rows = await sql.query<{ id: string; timeline: string }>(
      `SELECT m.id, m.timeline FROM message m
       JOIN unnest($1::uuid[], $2::timestamptz[]) AS k (id, created_at) ON m.id = k.id AND m.created_at = k.created_at`,
      [ids, ids.map(timeOfId)],
    );
    return new Map(rows.map(({ id, timeline }) => [id, readTimeline(timeline)]));
  }

  /** @param timelines of the same messages: that an attempt was accepted is told there */
  async attempts(
    sql: Sql,
    timelines: ReadonlyMap<string, readonly TimelineNote[]>,
  ): Promise<ReadonlyMap<string, readonly AttemptRecord[]>> {
    const rows = await sql.query<{
      id: string;
      message_id: string;
      part: MessagePart;
      status: string;
      created_at: Date;
      settled_at: Date | null;
      error: RemoteError | null;
    }>('SELECT * FROM attempt WHERE message_id = ANY($1) ORDER BY id', [[...timelines.keys()]]);
    return new Map(
      [...groupBy(rows, ({ message_id }) => message_id)].map(([messageId, list]) => [
        messageId,
        list.map(({ id, part, status, created_at: at, settled_at: settledAt, error }): AttemptRecord => {
          const key = acceptedKey(id);
          const accepted = timelines.get(messageId)?.find((note) => note.key === key);
          if (!accepted) return { id, part, status, providerId: null, at, settledAt, error };
          const providerId = accepted.detail?.['providerId'] as string;
          return { id, part, status: 'accepted', providerId, at, settledAt: accepted.at, error: null };
        }),
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
