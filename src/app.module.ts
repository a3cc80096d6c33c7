import { type DynamicModule, Module } from '@nestjs/common';
import { ApiModule } from './api/api.module.js';
import { HealthModule } from './api/health.module.js';
import { HostAccessModule, type HostAccess } from './access/host-access.js';
import { BotWorkerModule } from './bot/bot-worker.module.js';
import { StreamModule } from './bot/stream/stream.module.js';
import { custom } from './channels/custom/index.js';
import { dialog360 } from './channels/dialog360/index.js';
import { type InProcessHandlers, NO_HANDLERS } from './bot/in-process/handlers.js';
import { InProcessModule } from './bot/in-process/in-process.module.js';
import { messenger } from './channels/messenger/index.js';
import { telegram } from './channels/telegram/index.js';
import type { GatewayType } from './contract/index.js';
import { DeliveryWorkerModule } from './delivery/delivery-worker.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { GatewayWorkerModule } from './gateway/gateway-worker.module.js';
import { InboxModule } from './inbox/inbox.module.js';
import { InboxWorkerModule } from './inbox/inbox-worker.module.js';
import { DeliveryModule } from './delivery/delivery.module.js';
import { DialogModule } from './dialog/dialog.module.js';
import { DialogWorkerModule } from './dialog/dialog-worker.module.js';
import { TemplateModule } from './template/template.module.js';
import { TemplateWorkerModule } from './template/template-worker.module.js';
import { UsageModule } from './usage/usage.module.js';
import { UsageWorkerModule } from './usage/usage-worker.module.js';
import { MediaModule } from './media/media.module.js';
import { MediaWorkerModule } from './media/media-worker.module.js';
import type { Config } from './platform/config/config.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';

/** The gateway types of the stand-alone app. Adding a channel is one folder and one line here. */
export function gatewayTypes(config: Pick<Config, 'graphUrl' | 'graphVersion'>): readonly GatewayType[] {
  return [messenger({ graphUrl: config.graphUrl, graphVersion: config.graphVersion }), dialog360, custom(), telegram];
}

const API = [
  ApiModule,
  MediaModule,
  TemplateModule,
  DialogModule,
  DeliveryModule,
  UsageModule,
  StreamModule,
  InboxModule,
];
const WORKER = [
  GatewayWorkerModule,
  MediaWorkerModule,
  TemplateWorkerModule,
  DialogWorkerModule,
  DeliveryWorkerModule,
  UsageWorkerModule,
  BotWorkerModule,
  InboxWorkerModule,
];

/** What a host application has of its own. */
export interface HostParts {
  /** Default: those of the house */
  readonly gatewayTypes?: readonly GatewayType[];
  /** Default: API keys */
  readonly access?: HostAccess;
  /** who answers, and who listens, inside this process */
  readonly handlers?: InProcessHandlers;
}

/** The app: the platform as it was opened, the gateway types, and the rooms that this process's roles want. */
@Module({})
export class AppModule {
  static forRoot(platform: PlatformOptions, host: HostParts = {}): DynamicModule {
    const { roles } = platform.config;
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(platform),
        ...(host.access ? [HostAccessModule.forRoot(host.access)] : []),
        InProcessModule.forRoot(host.handlers ?? NO_HANDLERS),
        GatewayModule.forRoot(host.gatewayTypes ?? gatewayTypes(platform.config)),
        HealthModule,
        ...(roles.has('api') ? API : []),
        ...(roles.has('worker') ? WORKER : []),
      ],
    };
  }
}
