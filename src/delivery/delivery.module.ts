import { Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DialogModule } from '../dialog/dialog.module.js';
import { GatewayHooks } from '../gateway/gateway-hooks.js';
import { AcceptService } from './accept.service.js';
import { AccountStanding } from './account-standing.repository.js';
import { AdmitService } from './admit.service.js';
import { DialogMessagesController } from './dialog-messages.controller.js';
import { GatewayQueue } from './gateway-queue.service.js';
import { IdempotencyService } from './idempotency.service.js';
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

/** Outbound: acceptance, admission, sending, outcomes, receipts. */
@Module({
  imports: [AccessModule, DialogModule],
  controllers: [MessagesController, DialogMessagesController],
  providers: [
    AcceptService,
    AccountStanding,
    AdmitService,
    GatewayQueue,
    IdempotencyService,
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
  ],
  exports: [
    AcceptService,
    AdmitService,
    IdempotencyService,
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
  ) {}

  onModuleInit(): void {
    this.hooks.registerQueue(this.queue);
  }
}
