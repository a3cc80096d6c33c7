import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { type Kicker, RESCUE } from '../../platform/queue/kicker.js';
import type { QueueConnection } from '../../platform/queue/queue-connection.js';
import { QueueWorker } from '../../platform/queue/queue-worker.js';
import { QUEUE_CONNECTION, kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { AdmitService } from './admit.service.js';

/** Waiting for this long inside a job is cheaper, and more exact, than a job for it. */
const WAIT_IN_JOB_MS = 250;

/** What is due later than this is found by the sweeper. */
const WAKE_WITHIN_MS = 5_000;

/** One job is a run of passes: as long as the account has something to give out, it stays with the process that began. */
@Injectable()
export class AdmitProcessor extends QueueWorker {
  private isStopping = false;

  constructor(
    private readonly admission: AdmitService,
    private readonly clock: Clock,
    @Inject(kickerToken(QUEUES.admit)) private readonly kicker: Kicker,
    @Inject(QUEUE_CONNECTION) connection: QueueConnection,
    @Inject(LOG) log: Log,
  ) {
    super(QUEUES.admit, { concurrency: 64 }, connection, log);
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await super.beforeApplicationShutdown();
  }

  async process(job: Job<{ key: string }>): Promise<void> {
    const accountId = job.data.key;
    while (!this.isStopping) {
      const { isTaken, again } = await this.admission.pass(accountId);
      if (isTaken) {
        // Whoever passes now may have read before what this job is for. Of two runs of one account the rescuing one leaves.
        if (job.name !== RESCUE) this.kicker.kick(accountId);
        return;
      }
      if (!again) return;
      const waitMs = again.getTime() - this.clock.now().getTime();
      if (waitMs > WAIT_IN_JOB_MS) {
        if (waitMs < WAKE_WITHIN_MS) setTimeout(() => this.kicker.kick(accountId), waitMs).unref();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
    }
  }
}
