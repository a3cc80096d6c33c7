import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { IdempotencyService } from './accept/idempotency.service.js';
import { ownError } from './judge.js';
import { ProgressRepository } from './progress.repository.js';
import { AccountFactsRepository } from './admission/account-facts.repository.js';
import { AccountHolds } from './admission/account-holds.service.js';
import { OutboundRepository } from './outbound.repository.js';
import { WithdrawService } from './withdraw.service.js';

const BATCH = 500;
const FORGET_EVERY_MS = 10 * 60_000;

/** Longer than any network repeats its receipts (Meta: 7 days). */
const UNMATCHED_FOR_MS = 8 * 24 * 60 * 60_000;

/** What time brings: retries and holds that are over, messages that expire, records that were only to be kept for a while. */
@Injectable()
export class DueSweeper extends Sweeper {
  private forgotAt = new Date(0);
  /** how far the accounts with work were at the last look: one that has not moved since may have lost its process */
  private turns: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly withdrawing: WithdrawService,
    private readonly outbound: OutboundRepository,
    private readonly facts: AccountFactsRepository,
    private readonly holds: AccountHolds,
    private readonly progress: ProgressRepository,
    private readonly idempotency: IdempotencyService,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    await this.expire(now);
    await this.enterLines(now);
    await this.holds.look();
    const freed = await this.facts.holdsOver(this.database, now);
    const turns = await this.accountsWithWork(now);
    for (const accountId of new Set([...freed, ...turns.keys()])) this.admission.kick(accountId);
    for (const [accountId, turn] of turns)
      if (this.turns.get(accountId) === turn) await this.admission.rescue(accountId);
    this.turns = turns;
    await this.forget(now);
  }

  /** What was scheduled takes its place in its line. */
  private async enterLines(now: Date): Promise<void> {
    for (let count = BATCH; count === BATCH;) {
      const { accountIds, messageIds } = await this.database.transaction(async (sql) => {
        const entered = await this.outbound.enterLines(sql, now, BATCH);
        await this.progress.update(
          sql,
          entered.messageIds.map((messageId) => ({ messageId, status: 'queued' as const, held: null })),
          now,
        );
        return entered;
      });
      for (const accountId of accountIds) this.admission.kick(accountId);
      count = messageIds.length;
    }
  }

  /** What only had to be kept for a while. */
  private async forget(now: Date): Promise<void> {
    if (now.getTime() - this.forgotAt.getTime() < FORGET_EVERY_MS) return;
    this.forgotAt = now;
    await this.idempotency.forgetOld();
    await this.database.query('DELETE FROM thread_hold WHERE until < $1', [now]);
    await this.database.query('DELETE FROM pair_pace WHERE tat < $1', [now.getTime()]);
    await this.database.query('DELETE FROM unmatched_receipt WHERE recorded_at < $1', [
      new Date(now.getTime() - UNMATCHED_FOR_MS),
    ]);
  }

  /**
   * A head may leave: its retry is due, its hold has passed, or the kick for it was lost. By account, how many slots it was given
   * so far. One head of each account is looked for, in the order of its index: without an order a large backlog makes reading the
   * table from its beginning look cheap, and for an account that has none of it that is the whole table.
   */
  private async accountsWithWork(now: Date): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.query<{ account_id: string; turn: string }>(
      `SELECT a.id AS account_id, coalesce(p.turn, 0)::text AS turn FROM account a LEFT JOIN account_pace p ON p.account_id = a.id
       WHERE (SELECT true FROM outbound o WHERE o.account_id = a.id AND o.state = 'ready'
           ORDER BY o.account_id, o.class, o.opens, o.seq LIMIT 1)
         OR (SELECT true FROM outbound o WHERE o.account_id = a.id AND o.state = 'later' AND o.available_at <= $1
           ORDER BY o.account_id, o.available_at LIMIT 1)`,
      [now],
    );
    return new Map(rows.map(({ account_id, turn }) => [account_id, turn]));
  }

  private async expire(now: Date): Promise<void> {
    const rows = await this.database.query<{ message_id: string; expires_at: Date }>(
      `SELECT message_id, expires_at FROM outbound
       WHERE expires_at <= $1 AND state IN ('scheduled', 'waiting', 'ready', 'later', 'held') ORDER BY expires_at LIMIT $2`,
      [now, BATCH],
    );
    await this.withdrawing.withdraw(
      rows.map((row) => ({
        messageId: row.message_id,
        status: 'expired',
        error: ownError(
          'message.expired',
          'Too late',
          `expiresAt (${row.expires_at.toISOString()}) passed before its turn came.`,
        ),
      })),
    );
  }
}
