import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Sweeper } from '../../platform/process/sweeper.js';
import { mapFew } from '../call-provider.js';
import { GatewayTypes } from '../gateway-types.js';
import { AccountReader } from './account-reader.service.js';
import { AccountSyncRepository } from './account-sync.repository.js';

const GRACE_MS = 5_000;

/** Reads the groups whose time has come: new ones, and each once in a while. */
@Injectable()
export class AccountReadingSchedule extends Sweeper {
  private stopping = false;

  constructor(
    private readonly clock: Clock,
    private readonly types: GatewayTypes,
    private readonly syncs: AccountSyncRepository,
    private readonly reader: AccountReader,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  /** A reading that waits for a silent network is not waited for: another process does it again. */
  override async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    const grace = new Promise<void>((resolve) => setTimeout(resolve, GRACE_MS).unref());
    await Promise.race([super.onApplicationShutdown(), grace]);
  }

  /** One round; also called by tests. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    const channels = this.types.all().flatMap((type) => type.channels.filter(({ accounts }) => accounts.refresh));
    await this.syncs.addNew([...new Set(channels.map(({ channel }) => channel))], now);
    await mapFew(await this.syncs.due(now), async (groupId) => {
      if (!this.stopping) await this.reader.readGroup(groupId);
    });
  }
}
