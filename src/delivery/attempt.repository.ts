import { Injectable } from '@nestjs/common';
import { MESSAGE_COLUMNS, type MessageRecord, type MessageRow, toRecord } from '../dialog/message-record.js';
import type { HeldReason, MessagePart } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import { TEMPLATE } from './message-class.js';

export interface Admitted {
  readonly messageId: string;
  readonly attemptId: string;
}

export interface Claimed extends Admitted {
  readonly part: MessagePart;
  readonly attempt: number;
  readonly expiresAt: Date | null;
}

/** A claim that was won, and what it is for. */
export interface Won {
  readonly claim: Claimed;
  readonly record: MessageRecord;
}

/** A message that goes back into its line. */
export interface Requeue {
  readonly messageId: string;
  readonly attemptId: string;
  readonly part: MessagePart;
  readonly availableAt: Date;
  readonly heldReason: HeldReason | null;
  readonly countsAttempt: boolean;
  /** of the part that comes next, where that is another one */
  readonly templateId?: string | null;
}

/** A fallback is a template (or, rarely, native content that is judged like one). */
const FALLBACK_KIND = TEMPLATE;

const CLAIM = `WITH claimed AS (
      UPDATE outbound o SET state = 'sending', claimed_by = $4, changed_at = $5
      FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $6::timestamptz[]) AS w (message_id, attempt_id, attempt_at, message_at)
      WHERE o.message_id = w.message_id AND o.attempt_id = w.attempt_id AND o.state = 'admitted'
      RETURNING o.message_id, w.message_at, o.attempt_id, w.attempt_at, o.part, o.attempt, o.expires_at
    ), recorded AS (
      INSERT INTO attempt (id, created_at, message_id, part, status)
      SELECT attempt_id, attempt_at, message_id, part, 'sending' FROM claimed
    )
    SELECT c.attempt_id, c.part AS claimed_part, c.attempt, c.expires_at AS claimed_until, ${MESSAGE_COLUMNS}
    FROM claimed c, LATERAL (SELECT * FROM message WHERE id = c.message_id AND created_at = c.message_at OFFSET 0) AS m`;

/**
 * Tries to send a message, one after another: claimed before anything leaves, on record whatever comes of it. A message that is
 * tried stays the head of its line; leaving it is `OutboundRepository`'s.
 */
@Injectable()
export class AttemptRepository {
  /**
   * Compare-and-swap, committed before anything goes on the wire: only who wins may send. Every win is an attempt on record,
   * so that a receipt finds it even when this process does not live to see the answer.
   */
  async claim(sql: Sql, wanted: readonly Admitted[], processId: string, now: Date): Promise<readonly Won[]> {
    const rows = await sql.query<
      MessageRow & { attempt_id: string; claimed_part: MessagePart; attempt: number; claimed_until: Date | null }
    >(CLAIM, [
      wanted.map(({ messageId }) => messageId),
      wanted.map(({ attemptId }) => attemptId),
      wanted.map(({ attemptId }) => timeOfId(attemptId)),
      processId,
      now,
      wanted.map(({ messageId }) => timeOfId(messageId)),
    ]);
    return rows.map((row) => ({
      claim: {
        messageId: row.id,
        attemptId: row.attempt_id,
        part: row.claimed_part,
        attempt: row.attempt,
        expiresAt: row.claimed_until,
      },
      record: toRecord(row),
    }));
  }

  /** Back to the head of its line: for another attempt, now, later, or when its cause is gone. Gives back the attempts it found. */
  async requeue(sql: Sql, rows: readonly Requeue[], now: Date): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const found = await sql.query<{ attempt_id: string }>(
      `UPDATE outbound o SET part = r.part, available_at = r.available_at, held_reason = r.held_reason,
         state = CASE WHEN r.available_at > $7 THEN 'later' ELSE 'ready' END,
         claimed_by = NULL, changed_at = $7,
         attempt = CASE WHEN r.part <> o.part THEN 0 WHEN r.counts THEN o.attempt ELSE o.attempt - 1 END,
         kind = CASE WHEN r.part <> o.part THEN ${FALLBACK_KIND} ELSE o.kind END,
         window_until = CASE WHEN r.part <> o.part THEN NULL ELSE o.window_until END,
         template_id = CASE WHEN r.part <> o.part THEN r.template_id ELSE o.template_id END
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[], $8::uuid[])
         AS r (message_id, attempt_id, part, available_at, held_reason, counts, template_id)
       WHERE o.message_id = r.message_id AND o.attempt_id = r.attempt_id AND o.state IN ('sending', 'doubt')
       RETURNING o.attempt_id`,
      [
        rows.map(({ messageId }) => messageId),
        rows.map(({ attemptId }) => attemptId),
        rows.map(({ part }) => part),
        rows.map(({ availableAt }) => availableAt),
        rows.map(({ heldReason }) => heldReason),
        rows.map(({ countsAttempt }) => countsAttempt),
        now,
        rows.map(({ templateId }) => templateId ?? null),
      ],
    );
    return new Set(found.map(({ attempt_id }) => attempt_id));
  }

  /** The answer was lost: only a receipt, or the end of the settle clock, moves it on. Gives back the attempts it found. */
  async doubt(sql: Sql, rows: readonly Admitted[], now: Date): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const found = await sql.query<{ attempt_id: string }>(
      `UPDATE outbound o SET state = 'doubt', claimed_by = NULL, doubt_since = $3, held_reason = 'doubt', changed_at = $3
       FROM unnest($1::uuid[], $2::uuid[]) AS r (message_id, attempt_id)
       WHERE o.message_id = r.message_id AND o.attempt_id = r.attempt_id AND o.state = 'sending'
       RETURNING o.attempt_id`,
      [rows.map(({ messageId }) => messageId), rows.map(({ attemptId }) => attemptId), now],
    );
    return new Set(found.map(({ attempt_id }) => attempt_id));
  }

  /** How many attempts of a message were made in vain: without a connection, and so without an answer. */
  async countUnsent(sql: Sql, messageId: string): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM attempt WHERE message_id = $1 AND status = 'unsent' AND error IS NULL`,
      [messageId],
    );
    return row?.count ?? 0;
  }

  /** What became of attempts that were not accepted. */
  async recordAttempts(
    sql: Sql,
    rows: readonly { attemptId: string; status: string; error: object | null }[],
    now: Date,
  ): Promise<void> {
    if (rows.length === 0) return;
    await sql.query(
      `UPDATE attempt a SET status = r.status, error = r.error::json, settled_at = $5
       FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS r (id, created_at, status, error)
       WHERE a.id = r.id AND a.created_at = r.created_at`,
      [
        rows.map(({ attemptId }) => attemptId),
        rows.map(({ attemptId }) => timeOfId(attemptId)),
        rows.map(({ status }) => status),
        rows.map(({ error }) => (error ? JSON.stringify(error) : null)),
        now,
      ],
    );
  }
}
