import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { ProcessRegistry, isDeadClaim } from '../platform/process/process-registry.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import type { SendJob } from './admission/send-job.js';
import { settleMsOf } from './doubt.js';
import { SenderService } from './sender.service.js';
import { classOfRank } from './message-class.js';
import { SettleService } from './settle.service.js';

/** An admitted message whose job is nowhere was lost with it, or with the process that had taken the job. */
const UNCLAIMED_AFTER_MS = 3_000;
/** A queue that is too long to look through may still have it. */
const LONG_QUEUE = 1_000;
const UNCLAIMED_IN_LONG_QUEUE_MS = 60_000;
const BATCH = 500;

/** Takes back what a lost job, a lost answer of the database or a dead process left behind, and counts every repair. */
@Injectable()
export class ClaimSweeper extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly settle: SettleService,
    private readonly sender: SenderService,
    private readonly processes: ProcessRegistry,
    private readonly metrics: Metrics,
    @InjectQueue(QUEUES.send) private readonly sendQueue: Queue<SendJob>,
    @Inject(QUEUE_CONNECTION) private readonly connection: QueueConnection,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    await this.takeBackUnclaimed(now);
    await this.takeBackLost(now);
    if (this.processes.mayJudge) await this.doubtDeadClaims(now);
  }

  private async takeBackUnclaimed(now: Date): Promise<void> {
    // A queue that is away answers nothing, and may still have the jobs.
    if ((await this.connection.check()) !== undefined) return;
    const rows = await this.unclaimed(now);
    if (rows.length === 0) return;
    const queued = await this.queued();
    const lost = rows.filter(({ attempt_id, changed_at }) =>
      queued ? !queued.has(attempt_id) : now.getTime() - changed_at.getTime() > UNCLAIMED_IN_LONG_QUEUE_MS,
    );
    const back = await this.database.query(
      `UPDATE outbound o SET state = 'ready', attempt = attempt - 1, changed_at = $1
       FROM unnest($2::uuid[], $3::uuid[]) AS l (message_id, attempt_id)
       WHERE o.message_id = l.message_id AND o.attempt_id = l.attempt_id AND o.state = 'admitted' RETURNING o.message_id`,
      [now, lost.map(({ message_id }) => message_id), lost.map(({ attempt_id }) => attempt_id)],
    );
    this.count('unclaimed', back.length);
  }

  private async unclaimed(now: Date) {
    return this.database.query<{ message_id: string; attempt_id: string; changed_at: Date }>(
      `SELECT message_id, attempt_id, changed_at FROM outbound WHERE state = 'admitted' AND changed_at < $1
       ORDER BY changed_at LIMIT $2`,
      [new Date(now.getTime() - UNCLAIMED_AFTER_MS), BATCH],
    );
  }

  /** The attempts whose jobs wait for a worker; undefined when there are too many jobs. */
  private async queued(): Promise<ReadonlySet<string> | undefined> {
    const { waiting = 0, delayed = 0 } = await this.sendQueue.getJobCounts('waiting', 'delayed');
    if (waiting + delayed > LONG_QUEUE) return undefined;
    if (waiting + delayed === 0) return new Set();
    const jobs = await this.sendQueue.getJobs(['waiting', 'delayed'], 0, LONG_QUEUE, true);
    return new Set(jobs.flatMap((job) => job?.data.messages.map(({ attemptId }) => attemptId) ?? []));
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
      class: number;
    }>(
      `SELECT message_id, attempt_id, gateway_id, class FROM outbound WHERE state = 'sending' AND ${isDeadClaim('claimed_by')} LIMIT $1`,
      [BATCH],
    );
    for (const row of rows) {
      const gateway = this.directory.byId(row.gateway_id);
      const until = new Date(
        now.getTime() + settleMsOf(gateway?.type.policies(gateway.settings) ?? {}, classOfRank(row.class)),
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

  private count(kind: string, repaired: number): void {
    if (repaired === 0) return;
    this.metrics.repairs.inc({ kind }, repaired);
    this.log.warn({ kind, repaired }, 'the sweeper repaired outbound messages');
  }
}
