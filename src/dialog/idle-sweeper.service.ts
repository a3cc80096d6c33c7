import { Inject, Injectable } from '@nestjs/common';
import { dialogPolicyOf } from '../gateway/dialog-settings.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { DialogCloser } from './dialog-closer.service.js';
import { IdleRepository } from './idle.repository.js';

/** The shortest time-out is a minute: a new dialog is early enough on the list. */
const ADOPT_EVERY_MS = 10_000;

/** A dialog that an operator has is looked at again after so long. */
const ASSIGNED_MS = 60_000;

/** Closes dialogs in which nobody has said anything for as long as their gateway allows. */
@Injectable()
export class IdleSweeper extends Sweeper {
  private adoptedMs = -Infinity;
  private hadPolicies = true;

  constructor(
    private readonly rows: IdleRepository,
    private readonly closer: DialogCloser,
    private readonly directory: GatewayDirectory,
    private readonly database: Database,
    private readonly clock: Clock,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const policies = this.directory.all().flatMap((gateway) => {
      const { idleMs } = dialogPolicyOf(gateway);
      return idleMs === undefined ? [] : [{ gatewayId: gateway.id, idleMs }];
    });
    // Where no gateway asks for it, not even a query is spent; once more after the last one stopped asking.
    if (policies.length === 0 && !this.hadPolicies) return;
    const now = this.clock.now();
    if (performance.now() - this.adoptedMs >= ADOPT_EVERY_MS) {
      const hasMore = await this.rows.adopt(policies, now);
      if (!hasMore) this.adoptedMs = performance.now();
    }
    const due = await this.rows.due(now);
    let wroteEvents = false;
    for (const dialog of due) wroteEvents = (await this.judge(dialog)) || wroteEvents;
    if (due.length === 0) this.hadPolicies = policies.length > 0;
    if (wroteEvents) this.dispatch.kick('events');
  }

  /** True when an event was written. */
  private async judge(dialog: { id: string; gatewayId: string; threadId: string }): Promise<boolean> {
    const gateway = this.directory.byId(dialog.gatewayId);
    const idleMs = gateway && dialogPolicyOf(gateway).idleMs;
    return this.database.transaction(async (sql) => {
      if (idleMs === undefined) {
        await this.rows.lookAgain(sql, dialog.id, null);
        return false;
      }
      const now = this.clock.now();
      const idleAt = await this.rows.idleAt(sql, dialog, idleMs, now);
      if (idleAt === undefined) return false;
      if (idleAt !== null && idleAt <= now) return (await this.closer.close(sql, dialog.id, 'idle')).wroteEvents;
      await this.rows.lookAgain(sql, dialog.id, idleAt ?? new Date(now.getTime() + Math.min(ASSIGNED_MS, idleMs)));
      return false;
    });
  }
}
