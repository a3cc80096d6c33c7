import { Inject, Injectable } from '@nestjs/common';
import { MessageRepository } from '../dialog/message.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { callbackUpSince } from '../platform/process/process-registry.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { inDoubtAction, isDue, settleMsOf } from './doubt.js';
import { ERROR_OUTCOME_UNKNOWN } from './judge.js';
import { classOfRank } from './message-class.js';
import { type Settlement, SettleService } from './settle.service.js';

const BATCH = 500;

interface DoubtRow {
  message_id: string;
  attempt_id: string;
  gateway_id: string;
  class: number;
  part: 'content' | 'fallback';
  doubt_since: Date;
}

/** Decides attempts in doubt whose clock has run out without a receipt: sent again, or reported as unknown. */
@Injectable()
export class DoubtSweeper extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
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
    const rows = await this.database.query<DoubtRow>(
      `SELECT message_id, attempt_id, gateway_id, class, part, doubt_since FROM outbound WHERE state = 'doubt' ORDER BY doubt_since LIMIT $1`,
      [BATCH],
    );
    if (rows.length === 0) return;
    const upSince = await callbackUpSince(this.database);
    const oldest = await oldestUnprocessed(this.database);
    for (const row of rows) {
      const gateway = this.directory.byId(row.gateway_id);
      const policies = gateway?.type.policies(gateway.settings) ?? {};
      const settleMs = settleMsOf(policies, classOfRank(row.class));
      if (!isDue({ doubtSince: row.doubt_since, upSince, settleMs }, now)) continue;
      const deadline = new Date(Math.max(row.doubt_since.getTime(), upSince.getTime()) + settleMs);
      // A receipt may still lie unread in the inbox.
      if (oldest && oldest <= deadline) continue;
      await this.decide(row, policies, now);
    }
  }

  private async decide(row: DoubtRow, policies: Parameters<typeof inDoubtAction>[0], now: Date): Promise<void> {
    const record = await this.messages.find(this.database, row.message_id);
    const channel = record && this.directory.byId(row.gateway_id)?.channel(record.channel);
    const action = inDoubtAction(policies, classOfRank(row.class), channel?.capabilities.settles ?? 'none');
    const base = { messageId: row.message_id, attemptId: row.attempt_id };
    const settlement: Settlement =
      action === 'resend'
        ? { ...base, result: 'requeued', part: row.part, availableAt: now, held: null, countsAttempt: true }
        : { ...base, result: 'failed', error: ERROR_OUTCOME_UNKNOWN };
    if (await this.settle.settle(settlement)) {
      this.metrics.outcomesUnknown.inc({ action: action === 'resend' ? 'resent' : 'failed' });
      this.log.warn(
        { message: row.message_id, attempt: row.attempt_id, action },
        'no receipt came for an attempt in doubt',
      );
    }
  }
}

async function oldestUnprocessed(sql: Sql): Promise<Date | undefined> {
  const [row] = await sql.query<{ at: Date | null }>('SELECT min(received_at) AS at FROM inbox_pending');
  return row?.at ?? undefined;
}
