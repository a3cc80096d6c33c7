import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { mapFew } from '../gateway/call-provider.js';
import { GatewayTypes } from '../gateway/gateway-types.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';
import { TemplateSyncService } from './template-sync.service.js';

const TICK_MS = 1_000;
const GRACE_MS = 5_000;

/** Reads the groups whose time has come: new ones, those that somebody wants read, and each every few hours. */
@Injectable()
export class TemplateSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly types: GatewayTypes,
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly sync: TemplateSyncService,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** A reading that waits for a silent network is not waited for: another process does it again. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref())]);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick()
        .catch((error: unknown) => this.log.warn({ err: error }, 'templates could not be looked after; trying again'))
        .then(() => {
          if (!this.stopped) this.schedule();
        });
    }, TICK_MS);
  }

  /** One round; also called by tests. */
  async tick(): Promise<void> {
    const now = this.clock.now();
    const channels = this.types.all().flatMap((type) => type.channels.filter(({ templates }) => templates));
    await this.syncs.addNew([...new Set(channels.map(({ channel }) => channel))], now);
    await this.syncs.want(this.database, await this.templates.pausesOver(now), now);
    await mapFew(await this.syncs.due(now), async (groupId) => {
      if (!this.stopped) await this.sync.sync(groupId, true);
    });
  }
}
