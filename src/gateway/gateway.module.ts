import { type DynamicModule, Module } from '@nestjs/common';
import type { GatewayType } from '../contract/index.js';
import { AccessModule } from '../access/access.module.js';
import { AccountRepository } from './account.repository.js';
import { GATEWAY_TYPES } from './gateway.tokens.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayHooks } from './gateway-hooks.js';
import { GatewayLoader } from './gateway-loader.js';
import { GatewayRepository } from './gateway.repository.js';
import { GatewayTypes } from './gateway-types.js';

/** Gateways and accounts: configuration, registry of types, callback commands, tickets. */
@Module({})
export class GatewayModule {
  /** Built once by the application; other modules get what it exports, since it is global within the application. */
  static forRoot(gatewayTypes: readonly GatewayType[]): DynamicModule {
    return {
      module: GatewayModule,
      global: true,
      imports: [AccessModule],
      providers: [
        { provide: GATEWAY_TYPES, useValue: gatewayTypes },
        GatewayTypes,
        GatewayRepository,
        AccountRepository,
        GatewayLoader,
        GatewayHooks,
        GatewayDirectory,
      ],
      exports: [GatewayTypes, GatewayHooks, GatewayDirectory, AccessModule],
    };
  }
}
