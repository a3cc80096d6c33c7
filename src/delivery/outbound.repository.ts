import { Injectable } from '@nestjs/common';
import type { MessagePart } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';
import { type ClassRank, type MessageKind, rankOfClass } from './message-class.js';

/** A message that is not on its way yet; see `outbound` in the migrations for the states. */
export interface NewOutbound {
  readonly messageId: string;
  /** with `class`, its line: what leaves one at a time, in order */
  readonly threadId: string;
  readonly class: ClassRank;
  readonly seq: string;
  readonly gatewayId: string;
  readonly accountId: string;
  readonly contactId: string;
  readonly part: MessagePart;
  /** of the part that goes */
  readonly kind: MessageKind;
  readonly hasFallback: boolean;
  /** outside of a window it would open one more person to the business, as far as is known now */
  readonly opens: boolean;
  /** free-form: when the window closes that it was taken in */
  readonly windowUntil: Date | null;
  readonly expiresAt: Date | null;
  /** it takes its place in its line then, and not before */
  readonly sendAt: Date | null;
  /** the template that the part goes by, where we know it */
  readonly templateId: string | null;
}

/** A message that has left its line. */
export interface Gone {
  readonly messageId: string;
  readonly accountId: string;
  readonly contactId: string;
  /** a place of the messaging limit was taken for it */
  readonly hasPlace: boolean;
  /** the answer to one of its attempts was lost */
  readonly wasInDoubt: boolean;
  /** its latest one */
  readonly attemptId: string | null;
}

/** Which accounts have a new head that may leave. */
export interface Promotion {
  readonly accountIds: ReadonlySet<string>;
}

export interface Removal extends Promotion {
  readonly removed: ReadonlyMap<string, Gone>;
}

/** Before admission took them: whoever takes a message out here takes nothing from the wire. */
const STILL_HERE = `('scheduled', 'waiting', 'ready', 'later', 'held', 'admitted')`;

/**
 * Locks the heads of these messages' lines, in a fixed order. Here and below everything is found one by one through its key, in ways
 * that leave the planner no choice: tables that fill and empty within seconds are believed to be empty for seconds after they are not, and
 * of an empty table it would read all of an index for every row.
 */
const LOCK_LINES = `SELECT o.message_id, o.thread_id FROM (
      SELECT f.message_id, f.thread_id, f.class FROM unnest($1::uuid[]) AS k (message_id), LATERAL (
        SELECT message_id, thread_id, class FROM outbound WHERE message_id = k.message_id OFFSET 0
      ) AS f ORDER BY f.thread_id, f.class
    ) AS o, LATERAL (
      SELECT FROM head h WHERE h.thread_id = o.thread_id AND h.class = o.class FOR UPDATE
    ) AS l`;

/**
 * What the lines of messages that are `gone` go on with, if those were their heads: the next message, or nothing, and then they end.
 * A head that is locked stays where it was found (`place`).
 */
const PROMOTE = `next AS (
      SELECT h.place, (
        SELECT w.message_id FROM outbound w
        WHERE w.thread_id = g.thread_id AND w.class = g.class AND w.state = 'waiting' ORDER BY w.seq LIMIT 1
      ) AS message_id
      FROM gone g, LATERAL (
        SELECT ctid AS place, message_id FROM head WHERE thread_id = g.thread_id AND class = g.class OFFSET 0
      ) AS h WHERE g.is_locked AND h.message_id = g.message_id
    ), moved AS (
      UPDATE head h SET message_id = n.message_id FROM next n WHERE h.ctid = n.place AND n.message_id IS NOT NULL
    ), ended AS (
      DELETE FROM head WHERE ctid = ANY(ARRAY(SELECT place FROM next WHERE message_id IS NULL))
    ), promoted AS (
      UPDATE outbound o SET state = 'ready', available_at = $1, changed_at = $1
      WHERE o.message_id = ANY(ARRAY(SELECT message_id FROM next WHERE message_id IS NOT NULL))
      RETURNING o.account_id
    )`;

/**
 * Heads leave, and what follows them is promoted, at once: lines ($4) that were locked before, so that this sees all of them. An attempt
 * ($3) is of one message; those without ($5) leave whatever is under way.
 */
const LEAVE = `WITH left_now AS (
      DELETE FROM outbound o
      WHERE o.message_id = ANY($2::uuid[])
        AND (o.message_id = ANY($5::uuid[])
          OR (o.attempt_id = ANY($3::uuid[]) AND o.state IN ('sending', 'doubt', 'ready', 'later', 'held')))
      RETURNING o.message_id, o.thread_id, o.class, o.account_id, o.contact_id, o.has_place, o.attempt_id,
        o.doubt_since IS NOT NULL AS was_in_doubt
    ), gone AS (
      SELECT l.*, r.thread_id IS NOT DISTINCT FROM l.thread_id AS is_locked
      FROM left_now l JOIN unnest($2::uuid[], $4::uuid[]) AS r (message_id, thread_id) USING (message_id)
    ), ${PROMOTE}
    SELECT message_id, thread_id, class, account_id, contact_id, has_place, attempt_id, was_in_doubt, is_locked,
      ARRAY(SELECT DISTINCT account_id FROM promoted) AS woken FROM gone`;

interface GoneRow {
  message_id: string;
  thread_id: string;
  class: number;
  account_id: string;
  contact_id: string;
  has_place: boolean;
  was_in_doubt: boolean;
  attempt_id: string | null;
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
    const headIds = await this.line(
      sql,
      rows.filter(({ sendAt }) => !sendAt),
    );
    await sql.query(
      `INSERT INTO outbound (message_id, thread_id, class, seq, gateway_id, account_id, contact_id, state, part, kind, has_fallback,
         opens, has_place, window_until, attempt, available_at, expires_at, changed_at, template_id)
       SELECT message_id, thread_id, class, seq, gateway_id, account_id, contact_id, state, part, kind, has_fallback, opens, false,
         window_until, 0, coalesce(send_at, $16), expires_at, $16, template_id
       FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[],
         $10::smallint[], $11::boolean[], $12::boolean[], $13::timestamptz[], $14::timestamptz[], $15::uuid[], $17::timestamptz[])
         AS o (message_id, thread_id, class, seq, gateway_id, account_id, contact_id, state, part, kind, has_fallback, opens,
           window_until, expires_at, template_id, send_at)`,
      [
        rows.map(({ messageId }) => messageId),
        rows.map(({ threadId }) => threadId),
        rows.map((row) => row.class),
        rows.map(({ seq }) => seq),
        rows.map(({ gatewayId }) => gatewayId),
        rows.map(({ accountId }) => accountId),
        rows.map(({ contactId }) => contactId),
        rows.map(({ messageId, sendAt }) => {
          if (sendAt) return 'scheduled';
          return headIds.has(messageId) ? 'ready' : 'waiting';
        }),
        rows.map(({ part }) => part),
        rows.map(({ kind }) => kind),
        rows.map(({ hasFallback }) => hasFallback),
        rows.map(({ opens }) => opens),
        rows.map(({ windowUntil }) => windowUntil),
        rows.map(({ expiresAt }) => expiresAt),
        rows.map(({ templateId }) => templateId),
        now,
        rows.map(({ sendAt }) => sendAt),
      ],
    );
  }

  /** Scheduled messages whose time has come take their places, behind what is there. Gives back whose accounts they are. */
  async enterLines(
    sql: Sql,
    now: Date,
    limit: number,
  ): Promise<Promotion & { readonly messageIds: readonly string[] }> {
    const due = await sql.query<{ message_id: string; thread_id: string; class: ClassRank; seq: string }>(
      `UPDATE outbound o SET state = 'waiting', seq = nextval('message_seq'), held_reason = NULL, changed_at = $1
       FROM (SELECT message_id FROM outbound WHERE state = 'scheduled' AND available_at <= $1 ORDER BY available_at, seq LIMIT $2
             FOR UPDATE SKIP LOCKED) AS d
       WHERE o.message_id = d.message_id RETURNING o.message_id, o.thread_id, o.class, o.seq`,
      [now, limit],
    );
    if (due.length === 0) return { accountIds: new Set(), messageIds: [] };
    const headIds = await this.line(
      sql,
      due.map((row) => ({ messageId: row.message_id, threadId: row.thread_id, class: row.class, seq: row.seq })),
    );
    // The heads of these lines may be others, on the wire or in doubt: what became a head just now still waits.
    const heads = await sql.query<{ account_id: string }>(
      `UPDATE outbound SET state = 'ready' WHERE message_id = ANY($1) AND state = 'waiting' RETURNING account_id`,
      [[...headIds]],
    );
    return {
      accountIds: new Set(heads.map(({ account_id }) => account_id)),
      messageIds: due.map(({ message_id }) => message_id),
    };
  }

  /** The next place in the order in which messages were taken. */
  async nextSeq(sql: Sql): Promise<string> {
    const [row] = await sql.query<{ seq: string }>(`SELECT nextval('message_seq')::text AS seq`);
    return row?.seq ?? '0';
  }

  /** The next places in that order. */
  async nextSeqs(sql: Sql, count: number): Promise<readonly string[]> {
    const rows = await sql.query<{ seq: string }>(
      `SELECT nextval('message_seq')::text AS seq FROM generate_series(1, $1)`,
      [count],
    );
    return rows.map(({ seq }) => seq);
  }

  /** Locks the lines until the transaction ends; those without a head get one. Gives back the ids of the heads. */
  private async line(
    sql: Sql,
    rows: readonly Pick<NewOutbound, 'messageId' | 'threadId' | 'class' | 'seq'>[],
  ): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const heads = await sql.query<{ message_id: string }>(
      `INSERT INTO head (thread_id, class, message_id)
       SELECT DISTINCT ON (thread_id, class) thread_id, class, message_id
       FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bigint[]) AS h (thread_id, class, message_id, seq)
       ORDER BY thread_id, class, seq
       ON CONFLICT (thread_id, class) DO UPDATE SET class = excluded.class
       RETURNING message_id`,
      [
        rows.map(({ threadId }) => threadId),
        rows.map((row) => row.class),
        rows.map(({ messageId }) => messageId),
        rows.map(({ seq }) => seq),
      ],
    );
    return new Set(heads.map(({ message_id }) => message_id));
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
  ): Promise<Removal> {
    if (rows.length === 0) return { removed: new Map(), accountIds: new Set() };
    const lines = await this.lockLines(
      sql,
      rows.map(({ messageId }) => messageId),
    );
    const gone = await sql.query<GoneRow & { readonly is_locked: boolean; readonly woken: readonly string[] }>(LEAVE, [
      now,
      rows.map(({ messageId }) => messageId),
      rows.map(({ attemptId }) => attemptId),
      rows.map(({ messageId }) => lines.get(messageId) ?? null),
      rows.flatMap(({ messageId, attemptId }) => (attemptId === null ? [messageId] : [])),
    ]);
    // Its person was merged with another just then: it left from a line that was not the one which is locked.
    const moved = gone.filter(({ is_locked }) => !is_locked);
    const { accountIds } = await this.promote(sql, moved, now);
    return { removed: goneById(gone), accountIds: new Set([...accountIds, ...(gone[0]?.woken ?? [])]) };
  }

  /** Takes messages out that no attempt is under way for. */
  async withdraw(sql: Sql, ids: readonly string[], now: Date): Promise<Removal> {
    await this.lockLines(sql, ids);
    const gone = await sql.query<GoneRow>(
      `DELETE FROM outbound WHERE message_id = ANY($1) AND state IN ${STILL_HERE}
       RETURNING message_id, thread_id, class, account_id, contact_id, has_place, attempt_id, doubt_since IS NOT NULL AS was_in_doubt`,
      [ids],
    );
    return { removed: goneById(gone), ...(await this.promote(sql, gone, now)) };
  }

  /** Whether a reply is on its way to that person: one that waits for nothing but its turn, or is on the wire. */
  async isReplying(sql: Sql, threadId: string): Promise<boolean> {
    const rows = await sql.query(
      `SELECT FROM outbound WHERE thread_id = $1 AND class = $2 AND state IN ('ready', 'admitted', 'sending') LIMIT 1`,
      [threadId, rankOfClass('reply')],
    );
    return rows.length > 0;
  }

  /** Which of these have not left their lines. */
  async open(sql: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await sql.query<{ message_id: string }>('SELECT message_id FROM outbound WHERE message_id = ANY($1)', [
      ids,
    ]);
    return new Set(rows.map(({ message_id }) => message_id));
  }

  /** The lines of these messages, until the transaction ends. Gives back their threads, by message. */
  async lockLines(sql: Sql, messageIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (messageIds.length === 0) return new Map();
    const rows = await sql.query<{ message_id: string; thread_id: string }>(LOCK_LINES, [messageIds]);
    return new Map(rows.map(({ message_id, thread_id }) => [message_id, thread_id]));
  }

  /** Lines whose head has left: the next message becomes head, or the line ends. Their heads are locked. */
  private async promote(sql: Sql, gone: readonly GoneRow[], now: Date): Promise<Promotion> {
    if (gone.length === 0) return { accountIds: new Set() };
    // Once more: a message that entered its line just as it was taken out has a head that was not there to be locked.
    await sql.query(
      `SELECT h.class FROM head h JOIN unnest($1::uuid[], $2::smallint[]) AS g (thread_id, class) USING (thread_id, class)
       ORDER BY h.thread_id, h.class FOR UPDATE OF h`,
      [gone.map(({ thread_id }) => thread_id), gone.map((row) => row.class)],
    );
    const promoted = await sql.query<{ account_id: string }>(
      `WITH gone AS (
         SELECT thread_id, class, message_id, true AS is_locked
         FROM unnest($2::uuid[], $3::smallint[], $4::uuid[]) AS g (thread_id, class, message_id)
       ), ${PROMOTE}
       SELECT account_id FROM promoted`,
      [
        now,
        gone.map(({ thread_id }) => thread_id),
        gone.map((row) => row.class),
        gone.map(({ message_id }) => message_id),
      ],
    );
    return { accountIds: new Set(promoted.map(({ account_id }) => account_id)) };
  }
}

function goneById(rows: readonly GoneRow[]): ReadonlyMap<string, Gone> {
  return new Map(
    rows.map((row): [string, Gone] => [
      row.message_id,
      {
        messageId: row.message_id,
        accountId: row.account_id,
        contactId: row.contact_id,
        hasPlace: row.has_place,
        wasInDoubt: row.was_in_doubt,
        attemptId: row.attempt_id,
      },
    ]),
  );
}
