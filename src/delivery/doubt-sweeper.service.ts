import { Inject, Injectable } from '@nestjs/common';
import type { DeliveryPolicies } from '../contract/index.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { timeOfId } from '../platform/ids/ids.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { callbackUnbrokenSince, callbackUpSince } from '../platform/process/process-registry.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { type Doubt, DoubtRepository } from './doubt.repository.js';
import { EARLIEST_MS, inDoubtAction, settleMsOf, settlesAt } from './doubt.js';
import { ERROR_OUTCOME_UNKNOWN } from './judge.js';
import { classOfRank } from './message-class.js';
import { type Settlement, SettleService } from './settle.service.js';

const BATCH = 500;

/** Decides attempts in doubt whose clock has run out without a receipt: sent again, or reported as unknown. */
@Injectable()
export class DoubtSweeper extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly doubts: DoubtRepository,
    private readonly directory: GatewayDirectory,
    private readonly messages: MessageRepository,
    private readonly settle: SettleService,
    private readonly metrics: Metrics,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    const rows = await this.doubts.list(this.database, new Date(now.getTime() - EARLIEST_MS), BATCH);
    if (rows.length === 0) return;
    const upSince = await callbackUpSince(this.database, now);
    const unbrokenSince = await callbackUnbrokenSince(this.database);
    const oldest = await this.doubts.oldestUnread(this.database);
    for (const row of rows) {
      const gateway = this.directory.byId(row.gatewayId);
      const policies = gateway?.type.policies(gateway.settings);
      const settleMs = settleMsOf(policies ?? {}, classOfRank(row.class));
      const leftAt = timeOfId(row.attemptId);
      // Whoever sets the clock means it. And what met a process that was restarting is repeated only some time later.
      const proves = policies?.settleMs === undefined && leftAt !== undefined && leftAt >= unbrokenSince;
      const provedAt = (proves && row.laterReceiptAt) || undefined;
      const at = settlesAt({ doubtSince: row.doubtSince, upSince, settleMs, provedAt });
      // A receipt may still lie unread in the inbox.
      if (at > now || (oldest && oldest <= at)) continue;
      await this.decide(row, policies, now);
    }
  }

  private async decide(row: Doubt, policies: DeliveryPolicies | undefined, now: Date): Promise<void> {
    const record = await this.messages.find(this.database, row.messageId);
    const channel = record && this.directory.byId(row.gatewayId)?.channel(record.channel);
    const action = inDoubtAction(policies ?? {}, classOfRank(row.class), channel?.capabilities.settles ?? 'none');
    const base = { messageId: row.messageId, attemptId: row.attemptId };
    const settlement: Settlement =
      action === 'resend'
        ? { ...base, result: 'requeued', part: row.part, availableAt: now, held: null, countsAttempt: true }
        : { ...base, result: 'failed', error: ERROR_OUTCOME_UNKNOWN };
    if (await this.settle.settle(settlement)) {
      this.metrics.outcomesUnknown.inc({ action: action === 'resend' ? 'resent' : 'failed' });
      this.log.warn(
        { message: row.messageId, attempt: row.attemptId, action },
        'no receipt came for an attempt in doubt',
      );
    }
  }
}
