import { Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ConsentHooks } from '../dialog/consent/consent-hooks.js';
import { DialogModule } from '../dialog/dialog.module.js';
import { GatewayHooks } from '../gateway/gateway-hooks.js';
import { MediaModule } from '../media/media.module.js';
import { TemplateHooks } from '../template/template-hooks.js';
import { TemplateModule } from '../template/template.module.js';
import { AccountFactsRepository } from './admission/account-facts.repository.js';
import { AccountHolds } from './admission/account-holds.service.js';
import { AdmitService } from './admission/admit.service.js';
import { ConsentHolds } from './admission/consent-holds.service.js';
import { ConsentObstacles } from './admission/consent-obstacles.service.js';
import { HeadJudge } from './admission/head-judge.service.js';
import { PersonPaces } from './admission/person-paces.repository.js';
import { AsideRepository } from './admission/aside.repository.js';
import { HeadsRepository } from './admission/heads.repository.js';
import { HeldNews } from './admission/held-news.service.js';
import { InboundEffects } from './admission/inbound-effects.service.js';
import { MissedWindows } from './admission/missed-windows.service.js';
import { Places } from './admission/places.service.js';
import { SendQueue } from './admission/send-queue.service.js';
import { TemplateHolds } from './admission/template-holds.repository.js';
import { TierLedger } from './admission/tier-ledger.repository.js';
import { AcceptService } from './accept/accept.service.js';
import { DeliveryWatchRepository } from './delivery-watch.repository.js';
import { AccountPulseRepository } from './account-pulse.repository.js';
import { AccountPulse } from './account-pulse.service.js';
import { DialogMessagesController } from './dialog-messages.controller.js';
import { ExplainRepository } from './explain/explain.repository.js';
import { ExplainService } from './explain/explain.service.js';
import { GatewayQueue } from './gateway-queue.service.js';
import { IdempotencyService } from './accept/idempotency.service.js';
import { BulkFilters } from './bulk/bulk-filter.service.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkRepository } from './bulk/bulk.repository.js';
import { RedriveService } from './bulk/redrive.service.js';
import { BatchController } from './batch.controller.js';
import { EntryReader } from './accept/entry-reader.service.js';
import { JudgePhone } from './accept/judge-phone.service.js';
import { JudgeTemplates } from './accept/judge-templates.service.js';
import { AccountStanding } from './limits/account-standing.service.js';
import { LimitsController } from './limits/limits.controller.js';
import { LIMITS_EXPORTS, LIMITS_PROVIDERS } from './limits/limits.providers.js';
import { TierNewsService } from './limits/tier-news.service.js';
import { MessagesController } from './messages.controller.js';
import { ArrivalRepository } from './arrival.repository.js';
import { AttemptRepository } from './attempt.repository.js';
import { OutboundRepository } from './outbound.repository.js';
import { OutcomeEffects } from './outcome-effects.service.js';
import { OutcomePolicy } from './outcome-policy.service.js';
import { PresenceController } from './presence/presence.controller.js';
import { PresenceService } from './presence/presence.service.js';
import { ProgressEvents } from './progress-events.service.js';
import { ProgressRepository } from './progress.repository.js';
import { ReceiptMarksRepository } from './receipt-marks.repository.js';
import { ReceiptMarks } from './receipt-marks.service.js';
import { ReceiptMatcher } from './receipt-matcher.service.js';
import { ReceiptMerger } from './receipt-merger.service.js';
import { ReceiptsService } from './receipts.service.js';
import { MessageWriter } from './accept/message-writer.service.js';
import { PrepareService } from './accept/prepare.service.js';
import { RecipientResolver } from './accept/recipient-resolver.service.js';
import { SendBatchService } from './accept/send-batch.service.js';
import { SendMessageService } from './accept/send-message.service.js';
import { SenderFiles } from './sender-files.service.js';
import { SenderService } from './sender.service.js';
import { SettleService } from './settle.service.js';
import { TemplateRefusals } from './template-refusals.service.js';
import { WithdrawService } from './withdraw.service.js';

/** Outbound: acceptance, admission, sending, outcomes, receipts. */
@Module({
  imports: [AccessModule, MediaModule, TemplateModule, DialogModule],
  controllers: [
    BatchController,
    BulkController,
    MessagesController,
    DialogMessagesController,
    LimitsController,
    PresenceController,
  ],
  providers: [
    ArrivalRepository,
    ...LIMITS_PROVIDERS,
    AcceptService,
    AccountFactsRepository,
    AccountHolds,
    BulkFilters,
    BulkRepository,
    ConsentHolds,
    ConsentObstacles,
    HeadJudge,
    AsideRepository,
    HeadsRepository,
    PersonPaces,
    HeldNews,
    InboundEffects,
    MissedWindows,
    Places,
    SendQueue,
    TierLedger,
    WithdrawService,
    AccountPulse,
    AccountPulseRepository,
    AdmitService,
    DeliveryWatchRepository,
    EntryReader,
    ExplainRepository,
    ExplainService,
    GatewayQueue,
    IdempotencyService,
    JudgePhone,
    JudgeTemplates,
    MessageWriter,
    AttemptRepository,
    OutboundRepository,
    OutcomeEffects,
    OutcomePolicy,
    PrepareService,
    PresenceService,
    ProgressEvents,
    ProgressRepository,
    ReceiptMarksRepository,
    ReceiptMarks,
    ReceiptMatcher,
    RedriveService,
    ReceiptMerger,
    ReceiptsService,
    RecipientResolver,
    SendBatchService,
    SendMessageService,
    SenderFiles,
    SenderService,
    SettleService,
    TemplateHolds,
    TemplateRefusals,
  ],
  exports: [
    ...LIMITS_EXPORTS,
    AsideRepository,
    AcceptService,
    AccountFactsRepository,
    AccountHolds,
    AccountPulseRepository,
    AdmitService,
    DeliveryWatchRepository,
    ArrivalRepository,
    OutboundRepository,
    ProgressRepository,
    IdempotencyService,
    InboundEffects,
    PrepareService,
    PresenceService,
    ProgressEvents,
    ReceiptMarks,
    ReceiptMatcher,
    ReceiptsService,
    RecipientResolver,
    SenderService,
    SettleService,
    Places,
    TierLedger,
    WithdrawService,
  ],
})
export class DeliveryModule implements OnModuleInit {
  constructor(
    private readonly hooks: GatewayHooks,
    private readonly queue: GatewayQueue,
    private readonly templateHooks: TemplateHooks,
    private readonly templateHolds: TemplateHolds,
    private readonly tierNews: TierNewsService,
    private readonly consentHooks: ConsentHooks,
    private readonly consentHolds: ConsentHolds,
    private readonly accountHolds: AccountHolds,
    private readonly standing: AccountStanding,
  ) {}

  onModuleInit(): void {
    this.hooks.registerQueue(this.queue);
    this.hooks.registerLimits(this.tierNews);
    this.hooks.registerStanding(this.standing);
    this.hooks.onChange((gatewayId) => this.accountHolds.wake(gatewayId));
    this.hooks.onAttended((gatewayId) => void this.accountHolds.attended(gatewayId));
    this.templateHooks.registerHolds(this.templateHolds);
    this.consentHooks.registerHolds(this.consentHolds);
  }
}
