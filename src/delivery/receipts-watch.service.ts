import { Inject, Injectable } from '@nestjs/common';
import type { Channel } from '../contract/index.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { WarningKey } from '../gateway/warnings.repository.js';
import { Warnings } from '../gateway/warnings.service.js';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { AccountPulseRepository } from './account-pulse.repository.js';

const EVERY_MS = 15_000;
const CODE = 'receipts.missing';

/** So long after an acceptance at least one receipt should have come. */
const PATIENCE_MS = 5 * 60_000;

/** An account that has sent nothing for so long tells nothing any more. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/**
 * Messages are accepted and no receipt comes: then the network's webhooks do not reach us, and what customers write does not
 * either. Nothing else would show it.
 */
@Injectable()
export class ReceiptsWatch extends Sweeper {
  private lookedAt = new Date(0);

  constructor(
    private readonly rows: AccountPulseRepository,
    private readonly directory: GatewayDirectory,
    private readonly warnings: Warnings,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    if (now.getTime() - this.lookedAt.getTime() < EVERY_MS) return;
    this.lookedAt = now;
    await this.look(now);
  }

  private async look(now: Date): Promise<void> {
    const silent = await this.rows.silent(
      new Date(now.getTime() - PATIENCE_MS),
      new Date(now.getTime() - FORGOTTEN_MS),
    );
    const raised: WarningKey[] = [];
    this.metrics.unreceipted.reset();
    for (const { account_id, unreceipted, since } of silent) {
      const found = this.directory.accountById(account_id);
      if (!found || !givesReceipts(found.gateway.channel(found.account.channel))) continue;
      const { gateway, account } = found;
      this.metrics.unreceipted.set({ gateway: gateway.uri, account: account.address }, unreceipted);
      const key = { gatewayId: gateway.id, code: CODE, subject: account.address };
      raised.push(key);
      await this.warnings.raise({
        ...key,
        detail: `The network has accepted messages of account ${account.address} since ${since.toISOString()} and sent no receipt: its webhooks do not seem to reach this server.`,
      });
    }
    await this.warnings.clearOthers(CODE, raised);
  }
}

/** `read` alone proves nothing: people need not read. */
function givesReceipts(channel: Channel | undefined): boolean {
  const receipts = channel?.capabilities.receipts ?? [];
  return receipts.includes('sent') || receipts.includes('delivered');
}
