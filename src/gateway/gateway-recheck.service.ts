import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import type { Log } from '../platform/logging/log.js';
import { CONFIG, LOG } from '../platform/platform.tokens.js';
import { GatewayLoader } from './gateway-loader.js';
import { GatewayRepository, type GatewayRow, notifyGatewayChanged } from './gateway.repository.js';
import { GatewayStatusService } from './gateway-status.service.js';
import { GatewayVerifier } from './gateway-verifier.js';

const EVERY_MS = 30_000;
const GRACE_MS = 5_000;

/** Asks again about gateways whose network did not answer when they were saved. One worker at a time does it. */
@Injectable()
export class GatewayRecheckService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly rows: GatewayRepository,
    private readonly loader: GatewayLoader,
    private readonly verifier: GatewayVerifier,
    private readonly statuses: GatewayStatusService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.roles.has('worker')) return;
    this.timer = setInterval(() => {
      this.running = this.recheck().catch((error: unknown) => {
        this.log.warn({ err: error }, 'could not check unverified gateways; trying again later');
      });
    }, EVERY_MS).unref();
  }

  /** A check that waits for a silent network is not waited for: its result is only worth having while we live. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopped = true;
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref())]);
  }

  /** One round; also called by tests. */
  async recheck(): Promise<void> {
    await this.rows.exclusively(async () => {
      for (const row of await this.rows.byStatus('unverified')) {
        if (this.stopped) return;
        await this.check(row);
      }
    });
  }

  private async check(row: GatewayRow): Promise<void> {
    const gateway = this.loader.load(row, []);
    if (gateway?.status !== 'unverified') return;
    const { status, reason, expiresAt } = await this.verifier.verifyStored(gateway);
    // A person may have changed the settings meanwhile: what was found out then says nothing.
    if (!(await this.statuses.setStatus(row.id, status, reason, { version: row.version }))) return;
    await this.rows.transaction(async (sql) => {
      await this.rows.setExpiry(sql, row.id, expiresAt);
      await notifyGatewayChanged(sql, row.id);
    });
    this.log.info({ gateway: row.uri, status, reason }, 'a gateway was checked again');
  }
}
