import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { MessageRepository } from '../dialog/message.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { GatewayHooks } from '../gateway/gateway-hooks.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { ProcessRegistry, callbackUpSince, isDeadClaim } from '../platform/process/process-registry.js';
import type { Kicker } from '../platform/queue/kicker.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QUEUE_CONNECTION, kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { inDoubtAction, isDue, settleMsOf } from './doubt.js';
import { IdempotencyService } from './idempotency.service.js';
import { ERROR_OUTCOME_UNKNOWN, ownError } from './judge.js';
import { SenderService } from './sender.service.js';
import { type Settlement, SettleService } from './settle.service.js';

const TICK_MS = 1_000;
/** An admitted message whose job is nowhere was lost with it; while jobs wait their turn, it only waits too. */
const UNCLAIMED_AFTER_MS = 5_000;
const UNCLAIMED_BEHIND_OTHERS_MS = 60_000;
const BATCH = 500;
const FORGET_EVERY_MS = 10 * 60_000;

/** Longer than any network repeats its receipts (Meta: 7 days). */
const UNMATCHED_FOR_MS = 8 * 24 * 60 * 60_000;

interface DoubtRow {
  message_id: string;
  attempt_id: string;
  gateway_id: string;
  class: string;
  part: 'content' | 'fallback';
  doubt_since: Date;
}

/**
 * What no job will do: wakes admission when a retry is due, decides doubts whose clock has run out, takes back what a lost job
 * or a dead process left behind, and lets late messages expire. Every process with the worker role ticks; all steps are
 * idempotent, and a repair that becomes necessary is counted.
 */
@Injectable()
export class DeliverySweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private forgotAt = new Date(0);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly hooks: GatewayHooks,
    private readonly messages: MessageRepository,
    private readonly settle: SettleService,
    private readonly idempotency: IdempotencyService,
    private readonly sender: SenderService,
    private readonly processes: ProcessRegistry,
    private readonly metrics: Metrics,
    @InjectQueue(QUEUES.send) private readonly sendQueue: Queue,
    @Inject(QUEUE_CONNECTION) private readonly connection: QueueConnection,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.hooks.onChange((gatewayId) => {
      for (const account of this.directory.byId(gatewayId)?.accounts ?? []) this.admission.kick(account.id);
    });
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick()
        .catch((error: unknown) => this.log.warn({ err: error }, 'the delivery sweep failed; it is tried again'))
        .then(() => {
          if (!this.stopped) this.schedule();
        });
    }, TICK_MS);
  }

  private async tick(): Promise<void> {
    const now = this.clock.now();
    await this.takeBackUnclaimed(now);
    await this.takeBackLost(now);
    if (this.processes.mayJudge) await this.doubtDeadClaims(now);
    await this.decideDoubts(now);
    await this.expire(now);
    for (const accountId of await this.accountsWithWork(now)) this.admission.kick(accountId);
    await this.forget(now);
  }

  /** What only had to be kept for a while. */
  private async forget(now: Date): Promise<void> {
    if (now.getTime() - this.forgotAt.getTime() < FORGET_EVERY_MS) return;
    this.forgotAt = now;
    await this.idempotency.forgetOld();
    await this.database.query('DELETE FROM unmatched_receipt WHERE recorded_at < $1', [
      new Date(now.getTime() - UNMATCHED_FOR_MS),
    ]);
  }

  /** A head may leave: its retry is due, its hold has passed, or the kick for it was lost. */
  private async accountsWithWork(now: Date): Promise<readonly string[]> {
    const rows = await this.database.query<{ account_id: string }>(
      `SELECT a.id AS account_id FROM account a
       WHERE EXISTS (SELECT 1 FROM outbound o WHERE o.account_id = a.id AND o.state = 'ready' AND NOT o.blocked AND o.available_at <= $1)`,
      [now],
    );
    return rows.map(({ account_id }) => account_id);
  }

  private async takeBackUnclaimed(now: Date): Promise<void> {
    // A queue that is away answers nothing, and may still have the jobs.
    if ((await this.connection.check()) !== undefined) return;
    const { waiting = 0, delayed = 0 } = await this.sendQueue.getJobCounts('waiting', 'delayed');
    const patience = waiting + delayed > 0 ? UNCLAIMED_BEHIND_OTHERS_MS : UNCLAIMED_AFTER_MS;
    const rows = await this.database.query<{ message_id: string }>(
      `UPDATE outbound SET state = 'ready', attempt = attempt - 1, changed_at = $1
       WHERE message_id IN (
         SELECT message_id FROM outbound WHERE state = 'admitted' AND changed_at < $2 ORDER BY changed_at LIMIT $3 FOR UPDATE SKIP LOCKED
       ) RETURNING message_id`,
      [now, new Date(now.getTime() - patience), BATCH],
    );
    this.count('unclaimed', rows.length);
  }

  /** Claimed in our name by a statement whose answer we never got: nothing went on the wire, so it simply goes back. */
  private async takeBackLost(now: Date): Promise<void> {
    const rows = await this.database.query<{ message_id: string; attempt_id: string; part: 'content' | 'fallback' }>(
      `SELECT message_id, attempt_id, part FROM outbound WHERE state = 'sending' AND changed_at < $2 AND claimed_by = $1`,
      [this.processes.id, new Date(now.getTime() - UNCLAIMED_AFTER_MS)],
    );
    const lost = rows.filter(({ attempt_id }) => !this.sender.has(attempt_id));
    for (const { message_id, attempt_id, part } of lost) {
      await this.settle.settle({
        messageId: message_id,
        attemptId: attempt_id,
        result: 'requeued',
        part,
        availableAt: now,
        held: null,
        countsAttempt: false,
      });
    }
    this.count('lost_claim', lost.length);
  }

  /** Its process died between the claim and the settlement: bytes may have left. */
  private async doubtDeadClaims(now: Date): Promise<void> {
    const rows = await this.database.query<{
      message_id: string;
      attempt_id: string;
      gateway_id: string;
      class: string;
    }>(
      `SELECT message_id, attempt_id, gateway_id, class FROM outbound WHERE state = 'sending' AND ${isDeadClaim('claimed_by')} LIMIT $1`,
      [BATCH],
    );
    for (const row of rows) {
      const gateway = this.directory.byId(row.gateway_id);
      const until = new Date(
        now.getTime() + settleMsOf(gateway?.type.policies(gateway.settings) ?? { windowUnknown: 'try' }, row.class),
      );
      await this.settle.settle({
        messageId: row.message_id,
        attemptId: row.attempt_id,
        result: 'doubted',
        held: {
          reason: 'doubt',
          detail:
            'The process that was sending it died. Whether the network took it is not known yet; its receipt is awaited.',
          until: until.toISOString(),
        },
      });
    }
    this.count('dead_claim', rows.length);
  }

  private async decideDoubts(now: Date): Promise<void> {
    const rows = await this.database.query<DoubtRow>(
      `SELECT message_id, attempt_id, gateway_id, class, part, doubt_since FROM outbound WHERE state = 'doubt' ORDER BY doubt_since LIMIT $1`,
      [BATCH],
    );
    if (rows.length === 0) return;
    const upSince = await callbackUpSince(this.database);
    const oldest = await oldestUnprocessed(this.database);
    for (const row of rows) {
      const gateway = this.directory.byId(row.gateway_id);
      const policies = gateway?.type.policies(gateway.settings) ?? { windowUnknown: 'try' as const };
      const settleMs = settleMsOf(policies, row.class);
      if (!isDue({ doubtSince: row.doubt_since, upSince, settleMs }, now)) continue;
      const deadline = new Date(Math.max(row.doubt_since.getTime(), upSince.getTime()) + settleMs);
      // A receipt may still lie unread in the inbox.
      if (oldest && oldest <= deadline) continue;
      await this.decide(row, policies, now);
    }
  }

  private async decide(row: DoubtRow, policies: Parameters<typeof inDoubtAction>[0], now: Date): Promise<void> {
    const record = await this.messages.find(this.database, row.message_id);
    const channel = record && this.directory.byId(row.gateway_id)?.channel(record.channel);
    const action = inDoubtAction(policies, row.class, channel?.capabilities.settles ?? 'none');
    const base = { messageId: row.message_id, attemptId: row.attempt_id };
    const settlement: Settlement =
      action === 'resend'
        ? { ...base, result: 'requeued', part: row.part, availableAt: now, held: null, countsAttempt: true }
        : { ...base, result: 'failed', error: ERROR_OUTCOME_UNKNOWN };
    if (await this.settle.settle(settlement)) {
      this.metrics.outcomesUnknown.inc({ action: action === 'resend' ? 'resent' : 'failed' });
      this.log.warn(
        { message: row.message_id, attempt: row.attempt_id, action },
        'no receipt came for an attempt in doubt',
      );
    }
  }

  private async expire(now: Date): Promise<void> {
    const rows = await this.database.query<{ message_id: string; expires_at: Date }>(
      `SELECT message_id, expires_at FROM outbound WHERE expires_at <= $1 AND state IN ('waiting', 'ready') ORDER BY expires_at LIMIT $2`,
      [now, BATCH],
    );
    for (const row of rows) {
      const error = ownError(
        'message.expired',
        'Too late',
        `expiresAt (${row.expires_at.toISOString()}) passed before its turn came.`,
      );
      await this.settle.withdraw(row.message_id, 'expired', error);
    }
  }

  private count(kind: string, repaired: number): void {
    if (repaired === 0) return;
    this.metrics.repairs.inc({ kind }, repaired);
    this.log.warn({ kind, repaired }, 'the sweeper repaired outbound messages');
  }
}

async function oldestUnprocessed(sql: Sql): Promise<Date | undefined> {
  const [row] = await sql.query<{ at: Date | null }>('SELECT min(received_at) AS at FROM inbox_pending');
  return row?.at ?? undefined;
}
