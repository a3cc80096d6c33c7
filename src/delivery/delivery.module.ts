import { Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DialogModule } from '../dialog/dialog.module.js';
import { GatewayHooks } from '../gateway/gateway-hooks.js';
import { TemplateHooks } from '../template/template-hooks.js';
import { TemplateModule } from '../template/template.module.js';
import { AcceptService } from './accept.service.js';
import { AccountStanding } from './account-standing.repository.js';
import { AdmitService } from './admit.service.js';
import { DialogMessagesController } from './dialog-messages.controller.js';
import { GatewayQueue } from './gateway-queue.service.js';
import { IdempotencyService } from './idempotency.service.js';
import { JudgeTemplates } from './judge-templates.service.js';
import { LimitsController } from './limits/limits.controller.js';
import { LIMITS_EXPORTS, LIMITS_PROVIDERS } from './limits/limits.providers.js';
import { TierNewsService } from './limits/tier-news.service.js';
import { MessagesController } from './messages.controller.js';
import { OutboundRepository } from './outbound.repository.js';
import { OutcomePolicy } from './outcome-policy.service.js';
import { ProgressEvents } from './progress-events.service.js';
import { ProgressRepository } from './progress.repository.js';
import { ReceiptMatcher } from './receipt-matcher.service.js';
import { ReceiptMerger } from './receipt-merger.service.js';
import { ReceiptsService } from './receipts.service.js';
import { RecipientResolver } from './recipient-resolver.service.js';
import { SendMessageService } from './send-message.service.js';
import { SenderService } from './sender.service.js';
import { SettleService } from './settle.service.js';
import { TemplateRefusals } from './template-refusals.service.js';
import { TemplateHolds } from './template-holds.repository.js';

/** Outbound: acceptance, admission, sending, outcomes, receipts. */
@Module({
  imports: [AccessModule, TemplateModule, DialogModule],
  controllers: [MessagesController, DialogMessagesController, LimitsController],
  providers: [
    ...LIMITS_PROVIDERS,
    AcceptService,
    AccountStanding,
    AdmitService,
    GatewayQueue,
    IdempotencyService,
    JudgeTemplates,
    OutboundRepository,
    OutcomePolicy,
    ProgressEvents,
    ProgressRepository,
    ReceiptMatcher,
    ReceiptMerger,
    ReceiptsService,
    RecipientResolver,
    SendMessageService,
    SenderService,
    SettleService,
    TemplateHolds,
    TemplateRefusals,
  ],
  exports: [
    ...LIMITS_EXPORTS,
    AcceptService,
    AdmitService,
    IdempotencyService,
    JudgeTemplates,
    ProgressEvents,
    ReceiptsService,
    RecipientResolver,
    SenderService,
    SettleService,
  ],
})
export class DeliveryModule implements OnModuleInit {
  constructor(
    private readonly hooks: GatewayHooks,
    private readonly queue: GatewayQueue,
    private readonly templateHooks: TemplateHooks,
    private readonly templateHolds: TemplateHolds,
    private readonly tierNews: TierNewsService,
  ) {}

  onModuleInit(): void {
    this.hooks.registerQueue(this.queue);
    this.hooks.registerLimits(this.tierNews);
    this.templateHooks.registerHolds(this.templateHolds);
  }
}
