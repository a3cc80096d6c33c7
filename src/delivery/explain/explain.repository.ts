import { Injectable } from '@nestjs/common';
import type { HeldReason } from '../../dialog/message-status.js';
import { Database } from '../../platform/database/database.js';
import type { PairPace } from '../admission/pair-pace.js';
import type { ClassRank } from '../message-class.js';

/** What is known of a person on an account. */
export interface PersonFacts {
  readonly isLost: boolean;
  /** several people */
  readonly isGroup: boolean;
  readonly pair: PairPace | null;
  readonly threadHold: { readonly reason: HeldReason; readonly detail: string; readonly until: Date } | null;
  /** messages of the same line that go before, beside those that {@link ExplainRepository.ahead} counts */
  readonly inLine: number;
  /** the first of them is held, until then where that is known: what comes behind it waits too */
  readonly lineHeld: { readonly reason: HeldReason; readonly until: Date | null } | null;
}

const NOTHING: PersonFacts = { isLost: false, isGroup: false, pair: null, threadHold: null, inLine: 0, lineHeld: null };

/** Counting a backlog beyond this tells nobody more. */
const MOST = 50_000;

@Injectable()
export class ExplainRepository {
  constructor(private readonly database: Database) {}

  async person(accountId: string, contactId: string | undefined, rank: ClassRank, now: Date): Promise<PersonFacts> {
    if (contactId === undefined) return NOTHING;
    const [row] = await this.database.query<{
      is_lost: boolean;
      is_group: boolean;
      tat: number | null;
      burst: number;
      strikes: number;
      reason: HeldReason;
      detail: string;
      until: Date | null;
      in_line: number;
      line_reason: HeldReason | null;
      line_until: Date | null;
    }>(
      `SELECT t.is_lost, t.is_group, p.tat, p.burst, p.strikes, h.reason, h.detail, h.until,
         (SELECT count(*)::int FROM outbound o WHERE o.thread_id = t.id AND o.class = $3 AND o.state NOT IN ('scheduled', 'ready'))
           AS in_line,
         f.held_reason AS line_reason, f.until AS line_until
       FROM thread t LEFT JOIN pair_pace p ON p.thread_id = t.id
       LEFT JOIN LATERAL (
         SELECT reason, detail, until FROM thread_hold WHERE thread_id = t.id AND class IN (-1, $3) AND until > $4
         ORDER BY until DESC LIMIT 1
       ) AS h ON true
       LEFT JOIN LATERAL (
         SELECT held_reason, CASE state WHEN 'later' THEN available_at END AS until FROM outbound
         WHERE thread_id = t.id AND class = $3 AND state IN ('held', 'later') LIMIT 1
       ) AS f ON true
       WHERE t.account_id = $1 AND t.contact_id = $2`,
      [accountId, contactId, rank, now],
    );
    if (!row) return NOTHING;
    return {
      isLost: row.is_lost,
      isGroup: row.is_group,
      pair: row.tat === null ? null : { tat: row.tat, burst: row.burst, strikes: row.strikes },
      threadHold: row.until && { reason: row.reason, detail: row.detail, until: row.until },
      inLine: row.in_line,
      lineHeld: row.line_reason && { reason: row.line_reason, until: row.line_until },
    };
  }

  /** Messages of the account that may leave and go before a new one of this class; at most {@link MOST}. */
  async ahead(accountId: string, rank: ClassRank): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (
         SELECT FROM outbound WHERE account_id = $1 AND state = 'ready' AND class <= $2 LIMIT ${MOST}) AS o`,
      [accountId, rank],
    );
    return row?.count ?? 0;
  }
}
