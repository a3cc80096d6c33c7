import { Injectable } from '@nestjs/common';
import type { Held, HeldReason, MessagePart } from '../../dialog/message-status.js';
import type { Sql } from '../../platform/database/database.js';
import type { Admitted } from '../attempt.repository.js';
import { CLASS_RANKS, type ClassRank, type MessageKind } from '../message-class.js';
import type { PairPace } from './pair-pace.js';

/** A head that may be next, with what its own tables say of it. */
export interface Candidate {
  readonly messageId: string;
  readonly threadId: string;
  readonly contactId: string;
  readonly class: ClassRank;
  readonly seq: string;
  readonly kind: MessageKind;
  readonly part: MessagePart;
  readonly hasFallback: boolean;
  readonly opens: boolean;
  readonly hasPlace: boolean;
  readonly templateId: string | null;
  /** of its template, where we know it */
  readonly category: string | null;
  readonly lastInboundAt: Date | null;
  readonly pair: PairPace | null;
  /** to several people */
  readonly isGroup: boolean;
  readonly threadHold: { readonly reason: HeldReason; readonly detail: string; readonly until: Date } | null;
}

export interface Lane {
  readonly class: ClassRank;
  readonly opens: boolean;
  readonly limit: number;
}

interface CandidateRow {
  message_id: string;
  thread_id: string;
  contact_id: string;
  class: ClassRank;
  seq: string;
  kind: MessageKind;
  part: MessagePart;
  has_fallback: boolean;
  opens: boolean;
  has_place: boolean;
  template_id: string | null;
  category: string | null;
  last_inbound_at: Date | null;
  is_group: boolean;
  tat: number | null;
  burst: number;
  strikes: number;
  reason: HeldReason;
  detail: string;
  until: Date | null;
}

/**
 * What belongs to a head is looked up one by one (a LIMIT keeps the planner from joining): it believes that the lanes give a tenth
 * of the backlog, and would read the threads of all of it for a hundred heads.
 */
const CANDIDATES = `WITH picked AS (
         SELECT o.* FROM unnest($2::smallint[], $3::boolean[], $4::int[]) AS l (class, opens, most), LATERAL (
           SELECT * FROM outbound WHERE account_id = $1 AND state = 'ready' AND class = l.class AND opens = l.opens ORDER BY seq LIMIT l.most
         ) AS o
         UNION
         (SELECT * FROM outbound WHERE account_id = $1 AND state = 'ready' AND window_until > $5 AND window_until <= $6
            AND class = ANY($2) ORDER BY window_until LIMIT $7)
       )
       SELECT o.message_id, o.thread_id, o.contact_id, o.class, o.seq, o.kind, o.part, o.has_fallback, o.opens, o.has_place,
         o.template_id, m.category, t.last_inbound_at, t.is_group, p.tat, p.burst, p.strikes, h.reason, h.detail, h.until
       FROM picked o, LATERAL (SELECT last_inbound_at, is_group FROM thread WHERE id = o.thread_id LIMIT 1) AS t
       LEFT JOIN LATERAL (SELECT category FROM template WHERE id = o.template_id LIMIT 1) AS m ON true
       LEFT JOIN LATERAL (SELECT tat, burst, strikes FROM pair_pace WHERE thread_id = o.thread_id LIMIT 1) AS p ON true
       LEFT JOIN LATERAL (
         SELECT reason, detail, until FROM thread_hold WHERE thread_id = o.thread_id AND class IN (-1, o.class) AND until > $5
         ORDER BY until DESC LIMIT 1
       ) AS h ON true
       ORDER BY o.class, (o.window_until > $5 AND o.window_until <= $6) IS TRUE DESC, o.seq`;

const ADMIT = `UPDATE outbound o SET state = 'admitted', attempt = attempt + 1, attempt_id = a.attempt_id, held_reason = NULL,
         has_place = o.has_place OR a.has_place, opens = false, changed_at = $4
       FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS a (message_id, attempt_id, has_place)
       WHERE o.message_id = a.message_id AND o.state = 'ready' RETURNING o.message_id`;

/**
 * The heads of an account's lines: those that may leave now (`ready`), come back at a time (`later`), or when their cause is
 * gone (`held`). Each kind has an index of its own, so that nothing that cannot leave is ever read past. Here ready ones are found, and
 * leave or step aside; aside.repository.ts brings them back.
 */
@Injectable()
export class HeadsRepository {
  /**
   * The oldest ready heads of each lane, and those whose window closes before `closingBefore` first of all. Nothing is locked:
   * one pass per account admits at a time, and {@link admit} looks again.
   */
  async candidates(
    sql: Sql,
    accountId: string,
    lanes: readonly Lane[],
    now: Date,
    closingBefore: Date,
  ): Promise<readonly Candidate[]> {
    const rows = await sql.query<CandidateRow>(CANDIDATES, [
      accountId,
      lanes.map((lane) => lane.class),
      lanes.map(({ opens }) => opens),
      lanes.map(({ limit }) => limit),
      now,
      closingBefore,
      Math.max(0, ...lanes.map(({ limit }) => limit)),
    ]);
    return rows.map(toCandidate);
  }

  /** Those that were still ready are admitted. */
  async admit(
    sql: Sql,
    rows: readonly (Admitted & { readonly hasPlace: boolean })[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const won = await sql.query<{ message_id: string }>(ADMIT, [
      rows.map(({ messageId }) => messageId),
      rows.map(({ attemptId }) => attemptId),
      rows.map(({ hasPlace }) => hasPlace),
      now,
    ]);
    return new Set(won.map(({ message_id }) => message_id));
  }

  /** Heads step aside. Gives back those that were not held for that reason yet. */
  async stepAside(
    sql: Sql,
    rows: readonly { messageId: string; held: Held; until: Date | null; opens: boolean }[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const moved = await sql.query<{ message_id: string; was: string | null }>(
      `UPDATE outbound o SET state = CASE WHEN r.until IS NULL THEN 'held' ELSE 'later' END, held_reason = r.reason,
         available_at = coalesce(r.until, o.available_at), opens = r.opens, changed_at = $5
       FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[]) AS r (message_id, reason, until, opens),
         outbound b
       WHERE o.message_id = r.message_id AND b.message_id = r.message_id AND o.state = 'ready'
       RETURNING o.message_id, b.held_reason AS was`,
      [
        rows.map(({ messageId }) => messageId),
        rows.map(({ held }) => held.reason),
        rows.map(({ until }) => until),
        rows.map(({ opens }) => opens),
        now,
      ],
    );
    const reasons = new Map(rows.map(({ messageId, held }) => [messageId, held.reason]));
    return new Set(
      moved.filter(({ message_id, was }) => was !== reasons.get(message_id)).map(({ message_id }) => message_id),
    );
  }

  /** The oldest ready heads of a class step aside, at most so many. Gives back those not held for that reason yet. */
  async stepAsideOldest(
    sql: Sql,
    accountId: string,
    { class: rank, reason, limit }: { class: ClassRank; reason: HeldReason; limit: number },
    now: Date,
  ): Promise<{ readonly told: readonly string[]; readonly moved: number }> {
    const rows = await sql.query<{ message_id: string; was: string | null }>(
      `UPDATE outbound o SET state = 'held', held_reason = $3, changed_at = $4
       FROM (SELECT message_id, held_reason FROM outbound
             WHERE account_id = $1 AND state = 'ready' AND class = $2 ORDER BY seq LIMIT $5) AS h
       WHERE o.message_id = h.message_id AND o.state = 'ready' RETURNING o.message_id, h.held_reason AS was`,
      [accountId, rank, reason, now, limit],
    );
    return { told: rows.filter(({ was }) => was !== reason).map(({ message_id }) => message_id), moved: rows.length };
  }

  /**
   * The same for the messaging limit, whose portfolio must be locked: of the heads that would open a person, those of people
   * who have a place open nobody, and stay.
   */
  async stepAsideForTier(
    sql: Sql,
    accountId: string,
    { class: rank, portfolioId, limit }: { class: ClassRank; portfolioId: string; limit: number },
    now: Date,
  ): Promise<{ readonly told: readonly string[]; readonly moved: number }> {
    const rows = await sql.query<{ message_id: string; was: string | null; has_place: boolean }>(
      `UPDATE outbound o SET opens = NOT h.has_place, state = CASE WHEN h.has_place THEN o.state ELSE 'held' END,
         held_reason = CASE WHEN h.has_place THEN o.held_reason ELSE 'tier' END, changed_at = $4
       FROM (
         SELECT message_id, held_reason, EXISTS (
           SELECT FROM tier_place p WHERE p.portfolio_id = $3 AND p.contact_id = r.contact_id
         ) AS has_place
         FROM outbound r WHERE account_id = $1 AND state = 'ready' AND class = $2 AND opens ORDER BY seq LIMIT $5
       ) AS h
       WHERE o.message_id = h.message_id AND o.state = 'ready' RETURNING o.message_id, h.held_reason AS was, h.has_place`,
      [accountId, rank, portfolioId, now, limit],
    );
    const told = rows.filter(({ has_place, was }) => !has_place && was !== 'tier').map(({ message_id }) => message_id);
    return { told, moved: rows.length };
  }

  /** Its content missed its window: the other part goes instead. */
  async toFallback(
    sql: Sql,
    rows: readonly { messageId: string; kind: MessageKind; templateId: string | null }[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const moved = await sql.query<{ message_id: string }>(
      `UPDATE outbound o SET part = 'fallback', kind = r.kind, template_id = r.template_id, opens = true, window_until = NULL,
         attempt = 0, changed_at = $4
       FROM unnest($1::uuid[], $2::smallint[], $3::uuid[]) AS r (message_id, kind, template_id)
       WHERE o.message_id = r.message_id AND o.state = 'ready' AND o.part = 'content' RETURNING o.message_id`,
      [
        rows.map(({ messageId }) => messageId),
        rows.map(({ kind }) => kind),
        rows.map(({ templateId }) => templateId),
        now,
      ],
    );
    return new Set(moved.map(({ message_id }) => message_id));
  }
}

function toCandidate(row: CandidateRow): Candidate {
  return {
    messageId: row.message_id,
    threadId: row.thread_id,
    contactId: row.contact_id,
    class: row.class,
    seq: row.seq,
    kind: row.kind,
    part: row.part,
    hasFallback: row.has_fallback,
    opens: row.opens,
    hasPlace: row.has_place,
    templateId: row.template_id,
    category: row.category,
    lastInboundAt: row.last_inbound_at,
    isGroup: row.is_group,
    pair: row.tat === null ? null : { tat: row.tat, burst: row.burst, strikes: row.strikes },
    threadHold: row.until && { reason: row.reason, detail: row.detail, until: row.until },
  };
}

/** Both lanes of every class, with the same limit. */
export function lanesOf(
  classes: readonly ClassRank[],
  limit: (rank: ClassRank, opens: boolean) => number,
): readonly Lane[] {
  return CLASS_RANKS.filter((rank) => classes.includes(rank)).flatMap((rank) =>
    [false, true].map((opens) => ({ class: rank, opens, limit: limit(rank, opens) })).filter((lane) => lane.limit > 0),
  );
}
