import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Held } from '../dialog/message-status.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QUEUES, REMOVE_WHEN_DONE } from '../platform/queue/queues.js';
import { AccountStanding } from './account-standing.repository.js';
import { type Admitted, OutboundRepository } from './outbound.repository.js';
import { ProgressEvents } from './progress-events.service.js';
import { ProgressRepository } from './progress.repository.js';
import type { SendJob } from './send-job.js';
import { TemplateHolds } from './template-holds.repository.js';

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
    private readonly templateHolds: TemplateHolds,
    private readonly messages: MessageRepository,
    private readonly progress: ProgressRepository,
    private readonly events: ProgressEvents,
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
      const obstacle = await this.standing.obstacle(sql, accountId, now);
      if (!obstacle) {
        const { paused, holds } = await this.templateHolds.hold(sql, accountId, now);
        for (const { messageIds, held } of holds) await this.say(sql, messageIds, held, now);
        return this.outbound.admit(sql, accountId, now, UNDER_WAY, paused);
      }
      await this.say(sql, await this.outbound.hold(sql, accountId, obstacle.reason, now), obstacle, now);
      return [];
    });
    if (admitted.length > 0) await this.enqueue(admitted);
  }

  /** Says on each message, and to its bot, what holds it. */
  private async say(sql: Sql, ids: readonly string[], obstacle: Held, now: Date): Promise<void> {
    const records = await this.messages.findAll(sql, ids, { lock: true });
    await this.progress.update(
      sql,
      records.map(({ id }) => ({ messageId: id, status: 'held' as const, held: obstacle })),
      now,
    );
    await this.progress.note(
      sql,
      records.map(({ id }) => ({
        messageId: id,
        key: `held#${obstacle.reason}#${now.getTime()}`,
        status: 'held',
        at: now,
        detail: { ...obstacle },
      })),
      now,
    );
    await this.events.write(
      sql,
      records.map((message) => ({ type: 'message.held' as const, at: now, message, status: 'held' })),
      now,
    );
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
