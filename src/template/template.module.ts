import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { GatewayHooks } from '../gateway/gateway-hooks.js';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { TemplateAuthor } from './template-author.service.js';
import { TemplateEvents } from './template-events.service.js';
import { TemplateGroups } from './template-groups.service.js';
import { TemplateHooks } from './template-hooks.js';
import { TemplateJudge } from './template-judge.service.js';
import { TemplateNewsService } from './template-news.service.js';
import { TemplateReader } from './template-reader.service.js';
import { TemplateRepository } from './template.repository.js';
import { TemplatesController } from './templates.controller.js';
import { TemplateSyncRepository } from './template-sync.repository.js';
import { TemplateSyncService } from './template-sync.service.js';
import { TemplateWriter } from './template-writer.service.js';

/** What the networks have reviewed: names, languages, categories, statuses, parameters. */
@Module({
  imports: [AccessModule],
  controllers: [TemplatesController],
  providers: [
    TemplateRepository,
    TemplateSyncRepository,
    TemplateHooks,
    TemplateEvents,
    TemplateSyncService,
    TemplateNewsService,
    TemplateJudge,
    TemplateGroups,
    TemplateWriter,
    TemplateAuthor,
    TemplateReader,
  ],
  exports: [
    TemplateRepository,
    TemplateSyncRepository,
    TemplateHooks,
    TemplateSyncService,
    TemplateNewsService,
    TemplateJudge,
  ],
})
export class TemplateModule implements OnModuleInit {
  constructor(
    private readonly hooks: GatewayHooks,
    private readonly syncs: TemplateSyncRepository,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    // A new token may get an answer where the old one did not; whoever sets up or subscribes wants to see the templates now.
    this.hooks.onChange((gatewayId) => this.want(gatewayId, false));
    this.hooks.onEngaged((gatewayId) => this.want(gatewayId, true));
  }

  private want(gatewayId: string, isUrgent: boolean): void {
    this.syncs.wantOfGateway(gatewayId, this.clock.now(), isUrgent).catch((error: unknown) => {
      this.log.warn({ err: error, gateway: gatewayId }, 'could not ask for templates; the schedule will');
    });
  }
}
