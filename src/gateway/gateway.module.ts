import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import type { GatewayType } from '../contract/index.js';
import { AccountController } from './account.controller.js';
import { AccountCredentials } from './account-credentials.service.js';
import { AccountFinder } from './account-finder.service.js';
import { AccountGroupRepository } from './account-group.repository.js';
import { AccountNewsRepository } from './account-news.repository.js';
import { AccountRepository } from './account.repository.js';
import { AccountSecretRepository } from './account-secret.repository.js';
import { AccountService } from './account.service.js';
import { AccountStateRepository } from './account-state.repository.js';
import { AccountRegistrar } from './commands/account-registrar.service.js';
import { AccountCareController } from './care/account-care.controller.js';
import { AccountCare } from './care/account-care.service.js';
import { CallbackCommands } from './commands/callback-commands.js';
import { CommandDispatcher } from './commands/command-dispatcher.js';
import { RemoveCommand } from './commands/remove.command.js';
import { SearchCommand } from './commands/search.command.js';
import { SetupCommand } from './commands/setup.command.js';
import { SubscribeCommand } from './commands/subscribe.command.js';
import { UnsubscribeCommand } from './commands/unsubscribe.command.js';
import { CredentialsWatch } from './credentials-watch.service.js';
import { ConnectionGaps } from './connection-gaps.service.js';
import { DoctorController } from './doctor/doctor.controller.js';
import { DoctorService } from './doctor/doctor.service.js';
import { SelfTest } from './doctor/self-test.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayController } from './gateway.controller.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayEvents } from './gateway-events.js';
import { GatewayHooks } from './gateway-hooks.js';
import { GatewayLoader } from './gateway-loader.js';
import { GatewayPlanner } from './gateway-planner.js';
import { GatewayPresenter } from './gateway.presenter.js';
import { GatewayRecheckService } from './gateway-recheck.service.js';
import { GatewayRemovalService } from './gateway-removal.service.js';
import { GatewayRepository } from './gateway.repository.js';
import { GatewayService } from './gateway.service.js';
import { GatewayStatusService } from './gateway-status.service.js';
import { GATEWAY_TYPES } from './gateway.tokens.js';
import { GatewayTypeController } from './gateway-type.controller.js';
import { GatewayTypes } from './gateway-types.js';
import { GatewayVerifier } from './gateway-verifier.js';
import { GrantRegistrar } from './onboarding/grant-registrar.service.js';
import { OnboardingService } from './onboarding/onboarding.service.js';
import { OnboardingStateRepository } from './onboarding/onboarding-state.repository.js';
import { Revocations } from './onboarding/revocations.service.js';
import { ProviderSubscriptions } from './provider-subscriptions.js';
import { AccountReader } from './readings/account-reader.service.js';
import { AccountSyncRepository } from './readings/account-sync.repository.js';
import { ApplyReading } from './readings/apply-reading.service.js';
import { CredentialChecks } from './readings/credential-checks.service.js';
import { SecretRepository } from './secret.repository.js';
import { SecretRotationService } from './secret-rotation.service.js';
import { Warnings } from './warnings.service.js';
import { WarningsRepository } from './warnings.repository.js';
import { StreamDirectory } from './streams/stream-directory.js';
import { StreamInterestRepository } from './streams/stream-interest.repository.js';
import { TicketRepository } from './ticket.repository.js';
import { TicketService } from './ticket.service.js';
import { WebhookController } from './webhooks/webhook.controller.js';
import { WebhookDirectory } from './webhooks/webhook-directory.js';
import { WebhookRepository } from './webhooks/webhook.repository.js';
import { WebhookService } from './webhooks/webhook.service.js';

/** Gateways and accounts: configuration, registry of types, callback commands, tickets. */
@Module({})
export class GatewayModule {
  /** Built once by the application. What it exports is there for every room, so none of them names the gateway types. */
  static forRoot(gatewayTypes: readonly GatewayType[]): DynamicModule {
    return {
      module: GatewayModule,
      global: true,
      imports: [AccessModule],
      controllers: [
        GatewayController,
        GatewayTypeController,
        AccountController,
        AccountCareController,
        WebhookController,
        DoctorController,
      ],
      providers: [
        { provide: GATEWAY_TYPES, useValue: gatewayTypes },
        GatewayTypes,
        GatewayRepository,
        AccountRepository,
        AccountGroupRepository,
        AccountNewsRepository,
        AccountStateRepository,
        SecretRepository,
        TicketRepository,
        WebhookRepository,
        WebhookDirectory,
        WebhookService,
        StreamInterestRepository,
        StreamDirectory,
        WarningsRepository,
        Warnings,
        GatewayLoader,
        GatewayEvents,
        GatewayHooks,
        GatewayDirectory,
        CredentialsWatch,
        GatewayChanges,
        ConnectionGaps,
        GatewayVerifier,
        GatewayPlanner,
        GatewayPresenter,
        GatewayService,
        GatewayRemovalService,
        GatewayStatusService,
        GatewayRecheckService,
        SecretRotationService,
        AccountFinder,
        AccountCredentials,
        AccountSecretRepository,
        AccountService,
        AccountSyncRepository,
        ApplyReading,
        CredentialChecks,
        AccountReader,
        AccountCare,
        TicketService,
        ProviderSubscriptions,
        AccountRegistrar,
        SetupCommand,
        SearchCommand,
        SubscribeCommand,
        UnsubscribeCommand,
        RemoveCommand,
        CommandDispatcher,
        OnboardingStateRepository,
        GrantRegistrar,
        OnboardingService,
        Revocations,
        CallbackCommands,
        SelfTest,
        DoctorService,
      ],
      exports: [
        GatewayTypes,
        GatewayHooks,
        GatewayDirectory,
        AccountGroupRepository,
        AccountNewsRepository,
        AccountReader,
        AccountSecretRepository,
        AccountSyncRepository,
        GatewayStatusService,
        WebhookDirectory,
        StreamInterestRepository,
        StreamDirectory,
        Warnings,
        CallbackCommands,
        SelfTest,
        Revocations,
        GatewayRecheckService,
      ],
    };
  }
}
