import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QUEUES, REMOVE_WHEN_DONE } from '../../platform/queue/queues.js';
import type { Scheduled, SendJob } from './send-job.js';

/** A job carries several messages: it costs more than a message does, most of all on PostgreSQL. */
const PER_JOB = 16;

/** Hands admitted messages to the senders. What is lost on the way is taken back by the sweeper. */
@Injectable()
export class SendQueue {
  constructor(@InjectQueue(QUEUES.send) private readonly queue: Queue<SendJob>) {}

  async add(accountId: string, scheduled: readonly Scheduled[], perSecond: number): Promise<void> {
    if (scheduled.length === 0) return;
    const jobs = [];
    for (let start = 0; start < scheduled.length; start += PER_JOB) {
      const messages = scheduled.slice(start, start + PER_JOB);
      // One job per message and attempt: a waiting or active job of the same id would swallow the new one.
      jobs.push({
        name: 'send',
        data: { accountId, perSecond, messages },
        opts: { jobId: `send-${messages[0]?.attemptId ?? ''}`, ...REMOVE_WHEN_DONE },
      });
    }
    await this.queue.addBulk(jobs);
  }
}
