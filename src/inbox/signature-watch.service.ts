import { Inject, Injectable } from '@nestjs/common';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';
import { Warnings } from '../gateway/warnings.service.js';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';

const SPAN_MS = 60_000;

/** Wrong signatures in a minute, seen by one process, that are no accident. */
const MANY = 20;

const SHOWN_MS = 60 * 60_000;

interface Count {
  sinceMs: number;
  refused: number;
}

/**
 * Many wrong signatures: the gateway's `client_secret` is not the app's any more, or somebody tries. Costs a counter; the
 * database hears of it once a minute at most, and only while it goes on.
 */
@Injectable()
export class SignatureWatch {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly warnings: Warnings,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** A webhook's signature was wrong for each of these gateways. */
  refused(gateways: readonly LoadedGateway[]): void {
    for (const { id } of gateways) {
      if (this.isMany(id)) void this.warn(id);
    }
  }

  /** True once per span. */
  private isMany(gatewayId: string): boolean {
    const nowMs = this.clock.now().getTime();
    let count = this.counts.get(gatewayId);
    if (!count || nowMs - count.sinceMs >= SPAN_MS) {
      count = { sinceMs: nowMs, refused: 0 };
      this.counts.set(gatewayId, count);
    }
    count.refused += 1;
    return count.refused === MANY + 1;
  }

  private async warn(gatewayId: string): Promise<void> {
    try {
      await this.warnings.raise({
        gatewayId,
        code: 'webhook.signatures_refused',
        detail: `More than ${MANY} webhooks in a minute came with a wrong signature: the secret in the gateway's metadata is not the network's (Meta: client_secret), or somebody else sends them.`,
        until: new Date(this.clock.now().getTime() + SHOWN_MS),
      });
    } catch (error) {
      this.log.warn({ err: error, gateway: gatewayId }, 'could not note that many signatures were wrong');
    }
  }
}
