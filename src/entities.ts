import { ApiKeyEntity } from './access/api-key.entity.js';
import { AccountPaceEntity } from './delivery/admission/account-pace.entity.js';
import { ClassHoldEntity } from './delivery/admission/class-hold.entity.js';
import { InboundPaceEntity } from './delivery/admission/inbound-pace.entity.js';
import { PairPaceEntity } from './delivery/admission/pair-pace.entity.js';
import { PauseEntity } from './delivery/admission/pause.entity.js';
import { PortfolioEntity } from './delivery/admission/portfolio.entity.js';
import { ThreadHoldEntity } from './delivery/admission/thread-hold.entity.js';
import { TierPlaceEntity } from './delivery/admission/tier-place.entity.js';
import { TierSeedEntity } from './delivery/admission/tier-seed.entity.js';
import { AccountPulseEntity } from './delivery/account-pulse.entity.js';
import { ArrivalEntity } from './delivery/arrival.entity.js';
import { AttemptEntity } from './delivery/attempt.entity.js';
import { DeliveryWatchEntity } from './delivery/delivery-watch.entity.js';
import { HeadEntity } from './delivery/head.entity.js';
import { IdempotencyKeyEntity } from './delivery/accept/idempotency-key.entity.js';
import { PortfolioDayEntity } from './delivery/limits/portfolio-day.entity.js';
import { OutboundEntity } from './delivery/outbound.entity.js';
import { UnmatchedReceiptEntity } from './delivery/unmatched-receipt.entity.js';
import { ConsentHistoryEntity } from './dialog/consent/consent-history.entity.js';
import { ConsentEntity } from './dialog/consent/consent.entity.js';
import { ContactIdentityEntity } from './dialog/contact-identity.entity.js';
import { ContactEntity } from './dialog/contact.entity.js';
import { DialogEntity } from './dialog/dialog.entity.js';
import { MessageRefEntity } from './dialog/message-ref.entity.js';
import { MessageEntity } from './dialog/message.entity.js';
import { ThreadEntity } from './dialog/thread.entity.js';
import { AccountGroupEntity } from './gateway/account-group.entity.js';
import { AccountEntity } from './gateway/account.entity.js';
import { AccountSyncEntity } from './gateway/readings/account-sync.entity.js';
import { GatewayWarningEntity } from './gateway/gateway-warning.entity.js';
import { GatewayEntity } from './gateway/gateway.entity.js';
import { OnboardingStateEntity } from './gateway/onboarding/onboarding-state.entity.js';
import { TicketEntity } from './gateway/ticket.entity.js';
import { StreamInterestEntity } from './gateway/streams/stream-interest.entity.js';
import { WebhookEntity } from './gateway/webhooks/webhook.entity.js';
import { InboxPendingEntity } from './inbox/inbox-pending.entity.js';
import { ProviderEventEntity } from './inbox/provider-event.entity.js';
import { UnhandledEventEntity } from './inbox/unhandled-event.entity.js';
import { MediaFileEntity } from './media/media-file.entity.js';
import { MediaUploadEntity } from './media/media-upload.entity.js';
import { InstallationEntity } from './platform/database/installation.entity.js';
import { EventDeliveryEntity } from './platform/outbox/event-delivery.entity.js';
import { EventLineEntity } from './platform/outbox/event-line.entity.js';
import { EventEntity } from './platform/outbox/event.entity.js';
import { StreamEventEntity } from './platform/outbox/stream-event.entity.js';
import { StreamHeadEntity } from './platform/outbox/stream-head.entity.js';
import { StreamPendingEntity } from './platform/outbox/stream-pending.entity.js';
import { CallbackUptimeEntity } from './platform/process/callback-uptime.entity.js';
import { ProcessEntity } from './platform/process/process.entity.js';
import { TemplateSyncEntity } from './template/template-sync.entity.js';
import { TemplateEntity } from './template/template.entity.js';
import { RateEntity } from './usage/rate.entity.js';
import { UsageDayEntity } from './usage/usage-day.entity.js';

/**
 * All tables, for reading them with TypeORM. A host application can spread the list into its own DataSource; the tables
 * themselves are made by the migrations, never by `synchronize`.
 */
export const ENTITIES = [
  InstallationEntity,
  ProcessEntity,
  CallbackUptimeEntity,
  ApiKeyEntity,
  GatewayEntity,
  GatewayWarningEntity,
  AccountGroupEntity,
  AccountEntity,
  AccountSyncEntity,
  TicketEntity,
  OnboardingStateEntity,
  WebhookEntity,
  StreamInterestEntity,
  TemplateEntity,
  TemplateSyncEntity,
  MediaFileEntity,
  MediaUploadEntity,
  ProviderEventEntity,
  InboxPendingEntity,
  UnhandledEventEntity,
  ContactEntity,
  ContactIdentityEntity,
  ConsentEntity,
  ConsentHistoryEntity,
  ThreadEntity,
  DialogEntity,
  MessageEntity,
  MessageRefEntity,
  OutboundEntity,
  AccountPulseEntity,
  HeadEntity,
  AttemptEntity,
  DeliveryWatchEntity,
  ArrivalEntity,
  UsageDayEntity,
  RateEntity,
  ClassHoldEntity,
  ThreadHoldEntity,
  PauseEntity,
  AccountPaceEntity,
  InboundPaceEntity,
  PairPaceEntity,
  PortfolioEntity,
  PortfolioDayEntity,
  TierPlaceEntity,
  TierSeedEntity,
  UnmatchedReceiptEntity,
  IdempotencyKeyEntity,
  EventEntity,
  EventDeliveryEntity,
  EventLineEntity,
  StreamPendingEntity,
  StreamEventEntity,
  StreamHeadEntity,
] as const;
