import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { GatewayDirectory } from './gateway-directory.js';
import { type Warning, type WarningKey, type WarningRow, WarningsRepository } from './warnings.repository.js';

/**
 * The one place where anything that was noticed about a gateway is raised and taken back: by any process, any number of times.
 * It is told once (`announce`), and shown with the gateway for as long as it is in force.
 */
@Injectable()
export class Warnings {
  constructor(
    private readonly rows: WarningsRepository,
    private readonly directory: GatewayDirectory,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async raise(warning: Warning): Promise<void> {
    if (await this.rows.raise(warning, this.clock.now())) this.announce('raised', warning, warning.detail);
  }

  async clear(key: WarningKey): Promise<void> {
    if (await this.rows.clear(key)) this.announce('cleared', key, undefined);
  }

  /** Takes back all warnings of a code but these. */
  async clearOthers(code: string, keep: readonly Pick<WarningKey, 'gatewayId' | 'subject'>[]): Promise<void> {
    const kept = new Set(keep.map(({ gatewayId, subject }) => `${gatewayId} ${subject ?? ''}`));
    for (const row of await this.rows.active(this.clock.now())) {
      const isOther = row.code === code && !kept.has(`${row.gateway_id} ${row.subject}`);
      if (isOther) await this.clear({ gatewayId: row.gateway_id, code, subject: row.subject });
    }
  }

  /** The sentences to show with each gateway. */
  async textsOf(gatewayIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const texts = new Map<string, string[]>();
    if (gatewayIds.length === 0) return texts;
    for (const { gateway_id, detail } of await this.rows.active(this.clock.now(), gatewayIds)) {
      const own = texts.get(gateway_id);
      if (own) own.push(detail);
      else texts.set(gateway_id, [detail]);
    }
    return texts;
  }

  active(): Promise<readonly WarningRow[]> {
    return this.rows.active(this.clock.now());
  }

  forgetOld(): Promise<void> {
    return this.rows.forgetOld(this.clock.now());
  }

  /** Comes once per change in the whole installation, whoever noticed it: events for bots and webhooks belong here. */
  private announce(change: 'raised' | 'cleared', key: WarningKey, detail: string | undefined): void {
    const fields = {
      gateway: this.directory.byId(key.gatewayId)?.uri ?? key.gatewayId,
      code: key.code,
      ...(key.subject !== undefined && key.subject !== '' && { account: key.subject }),
      ...(detail !== undefined && { detail }),
    };
    if (change === 'raised') this.log.warn(fields, 'a gateway wants attention');
    else this.log.info(fields, 'a warning of a gateway is over');
  }
}
