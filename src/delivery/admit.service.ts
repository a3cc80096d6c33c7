import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QUEUES, REMOVE_WHEN_DONE } from '../platform/queue/queues.js';
import { AccountStanding } from './account-standing.repository.js';
import { type Admitted, OutboundRepository } from './outbound.repository.js';
import { ProgressRepository } from './progress.repository.js';
import type { SendJob } from './send-job.js';

/** Messages of one account that are admitted or on the wire at once; the rest of the backlog stays in PostgreSQL. */
const UNDER_WAY = 512;

/** A job on PostgreSQL carries several messages, since there a job costs more than a message. */
const PER_POSTGRESQL_JOB = 16;

/** Namespace of the advisory locks that let one pass per account run at a time. */
const ADMISSION_LOCK = 7_240_614;

/**
 * Decides which messages may leave now; the queue only carries them. One pass per account at a time; a pass that finds its
 * account taken leaves, since the kick that woke it is kept and run after the holder's.
 */
@Injectable()
export class AdmitService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly outbound: OutboundRepository,
    private readonly standing: AccountStanding,
    private readonly progress: ProgressRepository,
    @InjectQueue(QUEUES.send) private readonly queue: Queue<SendJob>,
    @Inject(QUEUE_CONNECTION) private readonly connection: QueueConnection,
  ) {}

  async pass(accountId: string): Promise<void> {
    const admitted = await this.database.transaction(async (sql) => {
      const [lock] = await sql.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS taken',
        [ADMISSION_LOCK, accountId],
      );
      if (!lock?.taken) return [];
      const now = this.clock.now();
      await this.standing.obstacle(sql, accountId, now);
      const entered = await this.outbound.enterLines(sql, now, 500);
      await this.progress.update(
        sql,
        entered.messageIds.map((messageId) => ({ messageId, status: 'queued' as const, held: null })),
        now,
      );
      return this.outbound.admit(sql, accountId, now, UNDER_WAY);
    });
    if (admitted.length > 0) await this.enqueue(admitted);
  }

  private async enqueue(admitted: readonly Admitted[]): Promise<void> {
    const size = this.connection.backend === 'redis' ? 1 : PER_POSTGRESQL_JOB;
    const jobs = [];
    for (let start = 0; start < admitted.length; start += size) {
      const messages = admitted.slice(start, start + size);
      // One job per message and attempt: a waiting or active job of the same id would swallow the new one.
      jobs.push({
        name: 'send',
        data: { messages },
        opts: { ...REMOVE_WHEN_DONE, jobId: `send-${messages[0]?.attemptId ?? ''}` },
      });
    }
    await this.queue.addBulk(jobs);
  }
}
