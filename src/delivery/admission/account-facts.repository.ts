import { Injectable } from '@nestjs/common';
import type { Held, HeldReason } from '../../dialog/message-status.js';
import type { Prepared, Sql } from '../../platform/database/database.js';
import { CLASS_RANKS, type ClassRank, classOfRank } from '../message-class.js';
import { type AccountPace, FULL_PACE, inboundRate } from './account-pace.js';

/** How an account stands just now. Read from the database: the answer must not be a second old. */
export interface AccountFacts {
  /** what keeps each class from leaving; a class that is not there may leave */
  readonly obstacles: Readonly<Partial<Record<ClassRank, Held>>>;
  /** its network was away a moment ago: one message at a time finds out whether it still is */
  readonly isProbing: boolean;
  readonly pace: AccountPace;
  /** slots given so far */
  readonly turn: number;
  /** messages that came in during the last second */
  readonly inbound: number;
  /** admitted, or claimed and on the wire for no longer than a moment */
  readonly underWay: number;
  /** admitted or on the wire */
  readonly unsettled: number;
  /** heads that were held because of the account, its gateway or the stop switch */
  readonly hasHeld: boolean;
  /** heads that were held by the messaging limit */
  readonly hasHeldByTier: boolean;
  /** heads whose time has come */
  readonly hasDue: boolean;
  /** a template of its group is paused */
  readonly hasPausedTemplate: boolean;
}

/** Of the holds of an account whose network cannot be reached. */
export const NETWORK_AWAY = 'provider.unreachable';

/** That long after such a hold messages are tried singly, unless one of them is answered. */
const PROBING_MS = 10_000;

/** A class of an account that is held, and for what. */
export interface ClassHold {
  readonly accountId: string;
  readonly class: ClassRank;
  readonly code: string;
  readonly since: Date;
}

/** The same as it is shown. */
export interface ShownHold extends ClassHold {
  readonly detail: string;
  /** null: until something else frees it */
  readonly until: Date | null;
}

interface Row {
  enabled: boolean;
  active: boolean;
  gateway_enabled: boolean;
  gateway_status: string;
  status_reason: string | null;
  deleted_at: Date | null;
  tat: number | null;
  turn: string | null;
  factor: number | null;
  lowered_at: Date | null;
  tenth: string | null;
  counts: readonly number[] | null;
  under_way: number;
  unsettled: number;
  has_held: boolean;
  has_held_by_tier: boolean;
  has_due: boolean | null;
  has_paused_template: boolean;
}

interface HoldRow {
  kind: 'hold' | 'pause';
  code: string | null;
  class: ClassRank | null;
  detail: string;
  until: Date | null;
}

/**
 * A message that was claimed longer ago is on the wire: it stands in no other's way any more, however long its network takes to
 * answer, and whether its process still lives or not.
 */
const LEAVES_WITHIN_MS = 200;

/**
 * Whether an account has such heads. The order is that of the index: without one, what is held elsewhere makes reading the table
 * from its beginning look cheap.
 */
const hasHeld = (...reasons: readonly HeldReason[]): string =>
  `EXISTS (SELECT FROM unnest(ARRAY['${reasons.join("', '")}']) AS r (reason), LATERAL (
           SELECT FROM outbound o WHERE o.account_id = a.id AND o.state = 'held' AND o.held_reason = r.reason
           ORDER BY o.account_id, o.held_reason, o.class, o.seq LIMIT 1) AS h)`;

const FACTS = `SELECT a.enabled, a.active, g.enabled AS gateway_enabled, g.status AS gateway_status, g.status_reason, g.deleted_at,
         p.tat, p.turn, p.factor, p.lowered_at,
         i.tenth, i.counts,
         u.under_way, u.unsettled,
         ${hasHeld('account', 'gateway', 'paused')} AS has_held,
         ${hasHeld('tier')} AS has_held_by_tier,
         (SELECT min(o.available_at) FROM outbound o WHERE o.account_id = a.id AND o.state = 'later') <= $2 AS has_due,
         EXISTS (SELECT FROM template t WHERE t.group_id = a.group_id AND t.standing = 'paused') AS has_paused_template
       FROM account a JOIN gateway g ON g.id = a.gateway_id
       LEFT JOIN account_pace p ON p.account_id = a.id
       LEFT JOIN inbound_pace i ON i.account_id = a.id
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS unsettled, (count(*) FILTER (WHERE o.state = 'admitted' OR o.changed_at > $3))::int AS under_way
         FROM outbound o WHERE o.account_id = a.id AND o.state IN ('admitted', 'sending')
       ) AS u
       WHERE a.id = $1`;

const HOLDS: Prepared = {
  name: 'account_holds',
  text: `SELECT 'hold' AS kind, code, class, detail, until FROM class_hold
       WHERE account_id = $1 AND (until IS NULL OR until > $2 OR code = '${NETWORK_AWAY}')
       UNION ALL
       SELECT 'pause', NULL, p.class, p.reason, p.until FROM pause p
       WHERE (p.until IS NULL OR p.until > $2) AND (p.account_id IS NULL OR p.account_id = $1)
         AND (p.gateway_id IS NULL OR p.gateway_id = (SELECT gateway_id FROM account WHERE id = $1))`,
};

const SAVE_PACE: Prepared = {
  name: 'account_pace_save',
  text: `INSERT INTO account_pace (account_id, tat, turn, factor) VALUES ($1, $2, $3, 1)
       ON CONFLICT (account_id) DO UPDATE SET tat = excluded.tat, turn = excluded.turn`,
};

@Injectable()
export class AccountFactsRepository {
  async load(sql: Sql, accountId: string, now: Date): Promise<AccountFacts> {
    const [row] = await sql.query<Row>(FACTS, [accountId, now, new Date(now.getTime() - LEAVES_WITHIN_MS)]);
    const holds = await sql.query<HoldRow>(HOLDS, [accountId, now]);
    return {
      obstacles: obstaclesOf(
        row,
        holds.filter(({ until }) => until === null || until > now),
      ),
      isProbing: holds.some(({ code }) => code === NETWORK_AWAY),
      pace:
        row?.tat === null || row === undefined
          ? FULL_PACE
          : { tat: row.tat, factor: row.factor ?? 1, loweredAt: row.lowered_at?.getTime() ?? null },
      turn: Number(row?.turn ?? 0),
      inbound: row?.counts ? inboundRate({ tenth: Number(row.tenth), counts: row.counts }, now.getTime()) : 0,
      underWay: row?.under_way ?? 0,
      unsettled: row?.unsettled ?? 0,
      hasHeld: row?.has_held ?? false,
      hasHeldByTier: row?.has_held_by_tier ?? false,
      hasDue: row?.has_due ?? false,
      hasPausedTemplate: row?.has_paused_template ?? false,
    };
  }

  /** How far the account has come; what a refusal has left of its pace is none of admission's business. */
  async savePace(sql: Sql, accountId: string, { tat }: AccountPace, turn: number): Promise<void> {
    await sql.query(SAVE_PACE, [accountId, tat, turn]);
  }

  /** Keeps classes of an account back until then, or, without an end, until something else frees them. */
  async hold(
    sql: Sql,
    accountId: string,
    classes: readonly ClassRank[],
    { code, detail, until, now }: { code: string; detail: string; until: Date | null; now: Date },
  ): Promise<void> {
    await sql.query(
      `INSERT INTO class_hold AS h (account_id, class, code, detail, since, until)
       SELECT $1, c, $3, $4, $5, $6 FROM unnest($2::smallint[]) AS c ORDER BY c
       ON CONFLICT (account_id, class, code) DO UPDATE SET detail = excluded.detail, since = excluded.since,
         until = CASE WHEN h.until > $5 THEN GREATEST(h.until, excluded.until) ELSE excluded.until END`,
      [accountId, classes, code, detail, now, until],
    );
  }

  /** What held an account is gone; gives back whether anything did. */
  async release(sql: Sql, accountIds: readonly string[], codes: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await sql.query<{ account_id: string }>(
      `DELETE FROM class_hold WHERE account_id = ANY($1) AND code = ANY($2) RETURNING account_id`,
      [accountIds, codes],
    );
    return new Set(rows.map(({ account_id }) => account_id));
  }

  /** All holds of all accounts; few. */
  async holds(sql: Sql): Promise<readonly ClassHold[]> {
    return sql.query<{ accountId: string; class: ClassRank; code: string; since: Date }>(
      `SELECT account_id AS "accountId", class, code, since FROM class_hold`,
    );
  }

  /** What holds these accounts now, for people to see. */
  holdsOf(sql: Sql, accountIds: readonly string[], now: Date): Promise<readonly ShownHold[]> {
    return sql.query<ShownHold>(
      `SELECT account_id AS "accountId", class, code, detail, since, until FROM class_hold
       WHERE account_id = ANY($1::uuid[]) AND (until IS NULL OR until > $2)`,
      [accountIds, now],
    );
  }

  /** Holds and pauses whose time is over; gives back the accounts to wake. */
  async holdsOver(sql: Sql, now: Date): Promise<ReadonlySet<string>> {
    const rows = await sql.query<{ account_id: string }>(
      `WITH holds AS (
         DELETE FROM class_hold WHERE until <= CASE WHEN code = '${NETWORK_AWAY}' THEN $2::timestamptz ELSE $1 END RETURNING account_id
       ), pauses AS (
         DELETE FROM pause WHERE until <= $1 RETURNING gateway_id, account_id
       )
       SELECT account_id FROM holds
       UNION SELECT a.id FROM account a JOIN pauses p
         ON (p.account_id IS NULL OR p.account_id = a.id) AND (p.gateway_id IS NULL OR p.gateway_id = a.gateway_id)`,
      [now, new Date(now.getTime() - PROBING_MS)],
    );
    return new Set(rows.map(({ account_id }) => account_id));
  }

  /** Changes the pace under its lock, since many refusals come at once. */
  async lowerPace(sql: Sql, accountId: string, lower: (pace: AccountPace) => AccountPace): Promise<void> {
    await sql.query(
      `INSERT INTO account_pace (account_id, tat, turn, factor) VALUES ($1, 0, 0, 1) ON CONFLICT DO NOTHING`,
      [accountId],
    );
    const [row] = await sql.query<{ tat: number; factor: number; lowered_at: Date | null }>(
      'SELECT tat, factor, lowered_at FROM account_pace WHERE account_id = $1 FOR UPDATE',
      [accountId],
    );
    if (!row) return;
    const { factor, loweredAt } = lower({
      tat: row.tat,
      factor: row.factor,
      loweredAt: row.lowered_at?.getTime() ?? null,
    });
    await sql.query('UPDATE account_pace SET factor = $2, lowered_at = $3 WHERE account_id = $1', [
      accountId,
      factor,
      loweredAt === null ? null : new Date(loweredAt),
    ]);
  }
}

function obstaclesOf(row: Row | undefined, holds: readonly HoldRow[]): AccountFacts['obstacles'] {
  const standing = standingOf(row);
  const obstacles: Partial<Record<ClassRank, Held>> = {};
  for (const rank of CLASS_RANKS) {
    const own = holds.filter((hold) => hold.class === null || hold.class === rank);
    const worst = own.reduce<HoldRow | undefined>(
      (longest, hold) => (lastsLonger(hold, longest) ? hold : longest),
      undefined,
    );
    const obstacle = standing ?? (worst && heldBy(worst, rank));
    if (obstacle) obstacles[rank] = obstacle;
  }
  return obstacles;
}

function lastsLonger(hold: HoldRow, other: HoldRow | undefined): boolean {
  if (!other) return true;
  return other.until !== null && (hold.until === null || hold.until > other.until);
}

function heldBy({ kind, class: only, detail, until }: HoldRow, rank: ClassRank): Held {
  const ends = until && { until: until.toISOString() };
  if (kind === 'hold') return { reason: 'account', detail, ...ends };
  const what = only === null ? 'Sending' : `Sending of ${classOfRank(rank)} messages`;
  return {
    reason: 'paused',
    detail: `${what} is paused: ${detail.replace(/\.?$/, '.')} It goes on with POST /limits/resume.`,
    ...ends,
  };
}

/** What keeps the whole account from sending. */
function standingOf(row: Row | undefined): Held | undefined {
  if (!row || row.deleted_at) return { reason: 'gateway', detail: 'The gateway was deleted.' };
  if (row.gateway_status === 'parked') {
    const detail = `The gateway is parked: ${row.status_reason ?? 'no reason on record'}. It resumes when that is mended.`;
    return { reason: 'gateway', detail };
  }
  if (!row.gateway_enabled) {
    return { reason: 'gateway', detail: 'The gateway is disabled. It resumes when it is enabled.' };
  }
  if (!row.active) {
    return { reason: 'account', detail: 'The number is not active here. It resumes when it is subscribed again.' };
  }
  if (!row.enabled) return { reason: 'account', detail: 'The account is disabled. It resumes when it is enabled.' };
  return undefined;
}
