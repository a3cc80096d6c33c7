import { Inject, Injectable } from '@nestjs/common';
import { mapFew } from '../gateway/call-provider.js';
import { GatewayTypes } from '../gateway/gateway-types.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';
import { TemplateSyncService } from './template-sync.service.js';

const GRACE_MS = 5_000;

/** Reads the groups whose time has come: new ones, those that somebody wants read, and each every few hours. */
@Injectable()
export class TemplateSchedule extends Sweeper {
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly types: GatewayTypes,
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly sync: TemplateSyncService,
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
    const channels = this.types.all().flatMap((type) => type.channels.filter(({ templates }) => templates));
    await this.syncs.addNew([...new Set(channels.map(({ channel }) => channel))], now);
    await this.syncs.want(this.database, await this.templates.pausesOver(now), now);
    await mapFew(await this.syncs.due(now), async (groupId) => {
      if (!this.stopping) await this.sync.sync(groupId, true);
    });
  }
}
