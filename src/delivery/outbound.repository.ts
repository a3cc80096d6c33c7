import { Injectable } from '@nestjs/common';
import type { HeldReason, MessagePart } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';
import { newId, timeOfId } from '../platform/ids/ids.js';

/** A message that is not on its way yet; see `outbound` in the first migration for the states. */
export interface NewOutbound {
  readonly messageId: string;
  /** what leaves one at a time, in order */
  readonly line: string;
  readonly seq: string;
  readonly gatewayId: string;
  readonly accountId: string;
  readonly class: string;
  readonly part: MessagePart;
  readonly expiresAt: Date | null;
  /** the template that the part goes by, where we know it */
  readonly templateId: string | null;
}

export interface Admitted {
  readonly messageId: string;
  readonly attemptId: string;
}

export interface Claimed extends Admitted {
  readonly part: MessagePart;
  readonly attempt: number;
  readonly expiresAt: Date | null;
}

/** Which accounts have a new head that may leave. */
export interface Promotion {
  readonly accountIds: ReadonlySet<string>;
}

/**
 * The open outbound messages. Only the first of a line is its head; the others wait. A head's row in `head` is the line's lock:
 * taking a message in upserts it (which waits for a settlement that is just removing it), settling locks it before it looks for
 * a successor. Without that an insert sees the head, the settlement sees no successor, both commit, and the line stands still.
 */
@Injectable()
export class OutboundRepository {
  async insert(sql: Sql, rows: readonly NewOutbound[], now: Date): Promise<void> {
    if (rows.length === 0) return;
    const heads = await sql.query<{ message_id: string }>(
      `INSERT INTO head (line, message_id)
       SELECT DISTINCT ON (line) line, message_id FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h (line, message_id, seq)
       ORDER BY line, seq
       ON CONFLICT (line) DO UPDATE SET line = excluded.line
       RETURNING message_id`,
      [rows.map(({ line }) => line), rows.map(({ messageId }) => messageId), rows.map(({ seq }) => seq)],
    );
    const headIds = new Set(heads.map(({ message_id }) => message_id));
    await sql.query(
      `INSERT INTO outbound (message_id, line, seq, gateway_id, account_id, class, state, part, attempt, available_at, expires_at, changed_at,
         template_id, blocked)
       SELECT message_id, line, seq, gateway_id, account_id, class, state, part, 0, $10, expires_at, $10, template_id, false
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
         $11::uuid[]) AS o (message_id, line, seq, gateway_id, account_id, class, state, part, expires_at, template_id)`,
      [
        rows.map(({ messageId }) => messageId),
        rows.map(({ line }) => line),
        rows.map(({ seq }) => seq),
        rows.map(({ gatewayId }) => gatewayId),
        rows.map(({ accountId }) => accountId),
        rows.map((row) => row.class),
        rows.map(({ messageId }) => (headIds.has(messageId) ? 'ready' : 'waiting')),
        rows.map(({ part }) => part),
        rows.map(({ expiresAt }) => expiresAt),
        now,
        rows.map(({ templateId }) => templateId),
      ],
    );
  }

  /**
   * Heads of an account that may leave now, oldest first, at most as many as keep `ceiling` of them under way.
   *
   * @param paused templates whose messages stay
   */
  async admit(
    sql: Sql,
    accountId: string,
    now: Date,
    ceiling: number,
    paused: readonly string[] = [],
  ): Promise<readonly Admitted[]> {
    const heads = await sql.query<{ message_id: string }>(
      `SELECT message_id FROM outbound
       WHERE account_id = $1 AND state = 'ready' AND NOT blocked AND available_at <= $2
         AND (template_id IS NULL OR template_id <> ALL($4::uuid[]))
       ORDER BY seq
       LIMIT GREATEST(0, $3 - (SELECT count(*) FROM outbound WHERE account_id = $1 AND state IN ('admitted', 'sending')))
       FOR UPDATE SKIP LOCKED`,
      [accountId, now, ceiling, paused],
    );
    if (heads.length === 0) return [];
    const admitted = heads.map(({ message_id }) => ({ messageId: message_id, attemptId: newId() }));
    await sql.query(
      `UPDATE outbound o SET state = 'admitted', attempt = attempt + 1, attempt_id = a.attempt_id, held_reason = NULL, changed_at = $3
       FROM unnest($1::uuid[], $2::uuid[]) AS a (message_id, attempt_id) WHERE o.message_id = a.message_id`,
      [admitted.map(({ messageId }) => messageId), admitted.map(({ attemptId }) => attemptId), now],
    );
    return admitted;
  }

  /** Marks the heads of an account (or all of a gateway's) as held; gives back those that were not held for that yet. */
  async hold(sql: Sql, accountId: string, reason: HeldReason, now: Date): Promise<readonly string[]> {
    const rows = await sql.query<{ message_id: string }>(
      `UPDATE outbound SET held_reason = $2, changed_at = $3
       WHERE account_id = $1 AND state = 'ready' AND NOT blocked AND available_at <= $3 AND held_reason IS DISTINCT FROM $2
       RETURNING message_id`,
      [accountId, reason, now],
    );
    return rows.map(({ message_id }) => message_id);
  }

  /**
   * Compare-and-swap, committed before anything goes on the wire: only who wins may send. Every win is an attempt on record,
   * so that a receipt finds it even when this process does not live to see the answer.
   */
  async claim(sql: Sql, wanted: readonly Admitted[], processId: string, now: Date): Promise<readonly Claimed[]> {
    const rows = await sql.query<{
      message_id: string;
      attempt_id: string;
      part: MessagePart;
      attempt: number;
      expires_at: Date | null;
    }>(
      `UPDATE outbound o SET state = 'sending', claimed_by = $3, changed_at = $4
       FROM unnest($1::uuid[], $2::uuid[]) AS w (message_id, attempt_id)
       WHERE o.message_id = w.message_id AND o.attempt_id = w.attempt_id AND o.state = 'admitted'
       RETURNING o.message_id, o.attempt_id, o.part, o.attempt, o.expires_at`,
      [wanted.map(({ messageId }) => messageId), wanted.map(({ attemptId }) => attemptId), processId, now],
    );
    if (rows.length === 0) return [];
    await sql.query(
      `INSERT INTO attempt (id, created_at, message_id, part, status)
       SELECT id, created_at, message_id, part, 'sending'
       FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[]) AS a (id, created_at, message_id, part)`,
      [
        rows.map(({ attempt_id }) => attempt_id),
        rows.map(({ attempt_id }) => timeOfId(attempt_id)),
        rows.map(({ message_id }) => message_id),
        rows.map(({ part }) => part),
      ],
    );
    return rows.map((row) => ({
      messageId: row.message_id,
      attemptId: row.attempt_id,
      part: row.part,
      attempt: row.attempt,
      expiresAt: row.expires_at,
    }));
  }

  /**
   * Takes messages out of their lines and promotes the next ones. Idempotent: a message that has left already is not in the
   * answer. With an attempt id it only leaves if that attempt is still its latest one: on the wire, in doubt, or given up for
   * another that has not been admitted yet.
   */
  async remove(
    sql: Sql,
    rows: readonly { messageId: string; attemptId: string | null }[],
    now: Date,
  ): Promise<{ removed: ReadonlySet<string> } & Promotion> {
    const ids = rows.map(({ messageId }) => messageId);
    await this.lockLines(sql, ids);
    const gone = await sql.query<{ message_id: string; line: string }>(
      `DELETE FROM outbound o USING unnest($1::uuid[], $2::uuid[]) AS r (message_id, attempt_id)
       WHERE o.message_id = r.message_id
         AND (r.attempt_id IS NULL OR (o.attempt_id = r.attempt_id AND o.state IN ('sending', 'doubt', 'ready')))
       RETURNING o.message_id, o.line`,
      [ids, rows.map(({ attemptId }) => attemptId)],
    );
    const promotion = await this.promote(
      sql,
      gone.map(({ message_id }) => message_id),
      now,
    );
    return { removed: new Set(gone.map(({ message_id }) => message_id)), ...promotion };
  }

  /** Takes messages out that no attempt is under way for. */
  async withdraw(sql: Sql, ids: readonly string[], now: Date): Promise<{ removed: ReadonlySet<string> } & Promotion> {
    await this.lockLines(sql, ids);
    const gone = await sql.query<{ message_id: string }>(
      `DELETE FROM outbound WHERE message_id = ANY($1) AND state IN ('waiting', 'ready', 'admitted') RETURNING message_id`,
      [ids],
    );
    const removed = gone.map(({ message_id }) => message_id);
    return { removed: new Set(removed), ...(await this.promote(sql, removed, now)) };
  }

  /** Back to the head of its line: for another attempt, now or later. Gives back the messages that it found. */
  async requeue(
    sql: Sql,
    rows: readonly {
      messageId: string;
      attemptId: string;
      part: MessagePart;
      availableAt: Date;
      heldReason: HeldReason | null;
      countsAttempt: boolean;
      /** of the part that comes next, where that is another one */
      templateId?: string | null;
    }[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const found = await sql.query<{ message_id: string }>(
      `UPDATE outbound o SET state = 'ready', part = r.part, available_at = r.available_at, held_reason = r.held_reason,
         claimed_by = NULL, doubt_since = NULL, changed_at = $7,
         attempt = CASE WHEN r.part <> o.part THEN 0 WHEN r.counts THEN o.attempt ELSE o.attempt - 1 END,
         template_id = CASE WHEN r.part <> o.part THEN r.template_id ELSE o.template_id END
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[], $8::uuid[])
         AS r (message_id, attempt_id, part, available_at, held_reason, counts, template_id)
       WHERE o.message_id = r.message_id AND o.attempt_id = r.attempt_id AND o.state IN ('sending', 'doubt')
       RETURNING o.message_id`,
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
    return new Set(found.map(({ message_id }) => message_id));
  }

  /** The answer was lost: only a receipt, or the end of the settle clock, moves it on. */
  async doubt(sql: Sql, rows: readonly Admitted[], now: Date): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const found = await sql.query<{ message_id: string }>(
      `UPDATE outbound o SET state = 'doubt', claimed_by = NULL, doubt_since = $3, held_reason = 'doubt', changed_at = $3
       FROM unnest($1::uuid[], $2::uuid[]) AS r (message_id, attempt_id)
       WHERE o.message_id = r.message_id AND o.attempt_id = r.attempt_id AND o.state = 'sending'
       RETURNING o.message_id`,
      [rows.map(({ messageId }) => messageId), rows.map(({ attemptId }) => attemptId), now],
    );
    return new Set(found.map(({ message_id }) => message_id));
  }

  async recordAttempts(
    sql: Sql,
    rows: readonly { attemptId: string; status: string; providerId: string | null; error: object | null }[],
    now: Date,
  ): Promise<void> {
    if (rows.length === 0) return;
    await sql.query(
      `UPDATE attempt a SET status = r.status, provider_id = COALESCE(r.provider_id, a.provider_id), error = r.error::json, settled_at = $6
       FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[]) AS r (id, created_at, status, provider_id, error)
       WHERE a.id = r.id AND a.created_at = r.created_at`,
      [
        rows.map(({ attemptId }) => attemptId),
        rows.map(({ attemptId }) => timeOfId(attemptId)),
        rows.map(({ status }) => status),
        rows.map(({ providerId }) => providerId),
        rows.map(({ error }) => (error ? JSON.stringify(error) : null)),
        now,
      ],
    );
  }

  /** The heads of these messages' lines, locked in a fixed order. */
  private async lockLines(sql: Sql, messageIds: readonly string[]): Promise<void> {
    await sql.query(
      `SELECT h.line FROM head h JOIN outbound o ON o.line = h.line WHERE o.message_id = ANY($1) ORDER BY h.line FOR UPDATE OF h`,
      [messageIds],
    );
  }

  /** Lines whose head has left: the next message becomes head, or the line ends. Their heads are locked. */
  private async promote(sql: Sql, goneIds: readonly string[], now: Date): Promise<Promotion> {
    if (goneIds.length === 0) return { accountIds: new Set() };
    const promoted = await sql.query<{ account_id: string }>(
      `WITH next AS (
         SELECT h.line, (SELECT w.message_id FROM outbound w WHERE w.line = h.line AND w.state = 'waiting' ORDER BY w.seq LIMIT 1) AS message_id
         FROM head h WHERE h.message_id = ANY($1)
       ), moved AS (
         UPDATE head h SET message_id = n.message_id FROM next n WHERE h.line = n.line AND n.message_id IS NOT NULL
       ), ended AS (
         DELETE FROM head h USING next n WHERE h.line = n.line AND n.message_id IS NULL
       )
       UPDATE outbound o SET state = 'ready', available_at = $2, changed_at = $2 FROM next n WHERE o.message_id = n.message_id
       RETURNING o.account_id`,
      [goneIds, now],
    );
    return { accountIds: new Set(promoted.map(({ account_id }) => account_id)) };
  }
}
