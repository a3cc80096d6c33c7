import { getQueueToken } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Database } from '../platform/database/database.js';
import type { QueueConnection } from '../platform/queue/queue-connection.js';
import { QUEUE_CONNECTION } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { within } from './within.js';

const DEADLINE_MS = 2_000;

export interface FailingPart {
  readonly part: 'database' | 'queue';
  readonly detail: string;
}

/** Whether this process can do its work: asked of the database and of the queue themselves, every time. */
@Injectable()
export class ReadinessService {
  private migrated = false;
  /** Probes that come while one is under way share its answer: a part that hangs is not asked ever more often. */
  private checking: Promise<readonly FailingPart[]> | undefined;

  constructor(
    private readonly database: Database,
    @Inject(QUEUE_CONNECTION) private readonly connection: QueueConnection,
    @Inject(getQueueToken(QUEUES.inbox)) private readonly queue: Queue,
  ) {}

  failing(): Promise<readonly FailingPart[]> {
    this.checking ??= this.check().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  private async check(): Promise<readonly FailingPart[]> {
    const [database, queue] = await Promise.all([faultOf(() => this.askDatabase()), faultOf(() => this.askQueue())]);
    return [
      ...(database === undefined ? [] : [{ part: 'database', detail: database } as const]),
      ...(queue === undefined ? [] : [{ part: 'queue', detail: queue } as const]),
    ];
  }

  private async askDatabase(): Promise<string | undefined> {
    await this.database.query('SELECT 1');
    this.migrated ||= !(await this.database.dataSource.showMigrations());
    return this.migrated ? undefined : 'migrations are missing';
  }

  private async askQueue(): Promise<string | undefined> {
    const fault = await this.connection.check();
    if (fault !== undefined) return fault;
    await this.queue.getJobCounts('waiting');
    return undefined;
  }
}

async function faultOf(ask: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await within(DEADLINE_MS, ask());
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  }
}
