import { Inject, Injectable } from '@nestjs/common';
import type { MessageStatus } from '../dialog/message-status.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { DeliveryWatchRepository } from './delivery-watch.repository.js';
import { ProgressEvents } from './progress-events.service.js';

const BATCH = 500;

/** It arrived, or whoever sent it took it back. */
const NO_NEWS: ReadonlySet<MessageStatus> = new Set(['delivered', 'read', 'played', 'cancelled']);

/** Tells, once, of messages that were not delivered within the time that their sender gave them. Nothing else happens to them. */
@Injectable()
export class UndeliveredSweeper extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly watches: DeliveryWatchRepository,
    private readonly messages: MessageRepository,
    private readonly events: ProgressEvents,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    for (;;) if ((await this.sweepSome()) < BATCH) return;
  }

  private async sweepSome(): Promise<number> {
    const now = this.clock.now();
    const { taken, wroteEvents } = await this.database.transaction(async (sql) => {
      const ids = await this.watches.takeDue(sql, now, BATCH);
      const late = (await this.messages.findAll(sql, ids, { lock: false })).filter(
        ({ status }) => !NO_NEWS.has(status),
      );
      const steps = late.map((message) => ({
        type: 'message.undelivered' as const,
        at: now,
        message,
        status: message.status,
        ...(message.providerId !== undefined && { providerId: message.providerId }),
        ...(message.error && { error: message.error }),
      }));
      return { taken: ids.length, wroteEvents: await this.events.write(sql, steps, now) };
    });
    if (wroteEvents) this.dispatch.kick('events');
    return taken;
  }
}
