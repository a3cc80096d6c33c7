import { Inject, Injectable } from '@nestjs/common';
import type { MessageError } from '../dialog/message-status.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics/metrics.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { Places } from './admission/places.service.js';
import { OutboundRepository } from './outbound.repository.js';
import { ProgressEvents, eventTypeOf } from './progress-events.service.js';
import { ProgressRepository } from './progress.repository.js';

/** A message that leaves its line without an attempt. */
export interface Withdrawal {
  readonly messageId: string;
  readonly status: 'cancelled' | 'expired' | 'failed';
  readonly error: MessageError | null;
}

export interface WithdrawEffect {
  /** those it was not too late for */
  readonly withdrawn: ReadonlySet<string>;
  /** accounts to wake after the commit */
  readonly accountIds: ReadonlySet<string>;
  readonly wroteEvents: boolean;
}

const NOTHING: WithdrawEffect = { withdrawn: new Set(), accountIds: new Set(), wroteEvents: false };

/** Takes messages out of their lines that no attempt is under way for: cancelled, expired, or failed at their turn. */
@Injectable()
export class WithdrawService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly outbound: OutboundRepository,
    private readonly progress: ProgressRepository,
    private readonly events: ProgressEvents,
    private readonly places: Places,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  /** Gives back the ids of those that it was not too late for. */
  async withdraw(withdrawals: readonly Withdrawal[]): Promise<ReadonlySet<string>> {
    if (withdrawals.length === 0) return new Set();
    const now = this.clock.now();
    const effect = await this.database.transaction((sql) => this.apply(sql, withdrawals, now));
    for (const accountId of effect.accountIds) this.admission.kick(accountId);
    if (effect.wroteEvents) this.dispatch.kick('events');
    return effect.withdrawn;
  }

  /** The part that happens inside a transaction; the caller wakes what is named after its commit. */
  async apply(sql: Sql, withdrawals: readonly Withdrawal[], now: Date): Promise<WithdrawEffect> {
    if (withdrawals.length === 0) return NOTHING;
    const wanted = new Map(withdrawals.map((withdrawal) => [withdrawal.messageId, withdrawal]));
    const { removed, accountIds } = await this.outbound.withdraw(sql, [...wanted.keys()], now);
    const freed = await this.places.release(sql, [...removed.values()], now);
    const records = await this.progress.lock(sql, [...removed.keys()]);
    const going = records.flatMap((record) => {
      const withdrawal = wanted.get(record.id);
      return withdrawal ? [{ ...withdrawal, record }] : [];
    });
    await this.progress.update(
      sql,
      going.map(({ messageId, status, error }) => {
        const detail = error && { code: error.code, detail: error.detail };
        return { messageId, status, error, held: null, notes: [{ key: status, status, at: now, detail }] };
      }),
      now,
    );
    const steps = going.flatMap(({ record, status, error }) => {
      const type = eventTypeOf(status);
      return type ? [{ type, at: now, message: record, status, ...(error && { error }) }] : [];
    });
    const wroteEvents = await this.events.write(sql, steps, now);
    for (const { status } of going) this.metrics.messages.inc({ direction: 'out', status });
    return { withdrawn: new Set(removed.keys()), accountIds: new Set([...accountIds, ...freed]), wroteEvents };
  }
}
