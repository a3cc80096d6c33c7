import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayHooks } from './gateway-hooks.js';
import type { WarningKey } from './warnings.repository.js';
import { Warnings } from './warnings.service.js';

const DAY_MS = 24 * 60 * 60_000;
const EVERY_MS = 60_000;
const CODE = 'credentials.expiring';

/** Days before the end at which it is worth another word; 0 is the end itself. */
const DAYS = [0, 1, 3, 7, 14];

interface Expiring {
  readonly id: string;
  readonly credentialsExpireAt?: Date | undefined;
}

/** Says in good time that a gateway's credentials will no longer be accepted. */
@Injectable()
export class CredentialsWatch extends Sweeper {
  private lookedAt = new Date(0);

  constructor(
    private readonly directory: GatewayDirectory,
    private readonly warnings: Warnings,
    private readonly clock: Clock,
    @Inject(LOG) log: Log,
    hooks: GatewayHooks,
  ) {
    super(log);
    // What was just saved is looked at with the next tick.
    hooks.onChange(() => {
      this.lookedAt = new Date(0);
    });
  }

  async sweep(): Promise<void> {
    const now = this.clock.now();
    if (now.getTime() - this.lookedAt.getTime() < EVERY_MS) return;
    this.lookedAt = now;
    const near: WarningKey[] = [];
    for (const gateway of this.directory.all()) {
      if (await this.judge(gateway)) near.push({ gatewayId: gateway.id, code: CODE });
    }
    await this.warnings.clearOthers(CODE, near);
    await this.warnings.forgetOld();
  }

  /** True when the end is near. */
  private async judge({ id, credentialsExpireAt }: Expiring): Promise<boolean> {
    if (!credentialsExpireAt) return false;
    const leftMs = credentialsExpireAt.getTime() - this.clock.now().getTime();
    const days = DAYS.find((limit) => leftMs <= limit * DAY_MS);
    if (days === undefined) return false;
    const at = credentialsExpireAt.toISOString().slice(0, 16).replace('T', ' ');
    await this.warnings.raise({
      gatewayId: id,
      code: CODE,
      level: `${days} ${credentialsExpireAt.toISOString()}`,
      detail:
        days === 0
          ? `The credentials of this gateway expired on ${at} UTC: nothing can be sent until new ones are saved.`
          : `The credentials of this gateway expire on ${at} UTC: save new ones before.`,
    });
    return true;
  }
}
