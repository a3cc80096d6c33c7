import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayHooks } from './gateway-hooks.js';
import { CREDENTIALS_REFUSED } from './readings/credential-checks.service.js';
import type { WarningKey } from './warnings.repository.js';
import { Warnings } from './warnings.service.js';

const DAY_MS = 24 * 60 * 60_000;
const EVERY_MS = 60_000;
const CODE = 'credentials.expiring';

/** Days before the end at which it is worth another word; 0 is the end itself. */
const DAYS = [0, 1, 3, 7, 14];

/** The gateway's, or those of one of its accounts. */
interface Expiring {
  readonly gatewayId: string;
  readonly address?: string;
  readonly at: Date | undefined;
}

/** Says in good time that the credentials of a gateway, or of an account that has its own, will no longer be accepted. */
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
    /** Nobody asks about the others any more, so nobody would take back what was said of them. */
    const asked: Pick<WarningKey, 'gatewayId' | 'subject'>[] = [];
    for (const gateway of this.directory.all()) {
      const used = gateway.accounts.filter((account) => gateway.needsOwnCredential(account));
      const own = used.map(({ address, credentialExpiresAt: at }) => ({ address, at }));
      asked.push({ gatewayId: gateway.id }, ...own.map(({ address }) => ({ gatewayId: gateway.id, subject: address })));
      for (const one of [{ at: gateway.credentialsExpireAt }, ...own]) {
        const key = await this.judge({ gatewayId: gateway.id, ...one });
        if (key) near.push(key);
      }
    }
    await this.warnings.clearOthers(CODE, near);
    await this.warnings.clearOthers(CREDENTIALS_REFUSED, asked);
    await this.warnings.forgetOld();
  }

  /** The warning that is in force when the end is near. */
  private async judge({ gatewayId, address, at: endsAt }: Expiring): Promise<WarningKey | undefined> {
    if (!endsAt) return undefined;
    const leftMs = endsAt.getTime() - this.clock.now().getTime();
    const days = DAYS.find((limit) => leftMs <= limit * DAY_MS);
    if (days === undefined) return undefined;
    const at = endsAt.toISOString().slice(0, 16).replace('T', ' ');
    const whose = address === undefined ? 'this gateway' : `the account ${address}`;
    const key = { gatewayId, code: CODE, ...(address !== undefined && { subject: address }) };
    await this.warnings.raise({
      ...key,
      level: `${days} ${endsAt.toISOString()}`,
      detail:
        days === 0
          ? `The credentials of ${whose} expired on ${at} UTC: nothing can be sent until new ones are saved.`
          : `The credentials of ${whose} expire on ${at} UTC: save new ones before.`,
    });
    return key;
  }
}
