import { Module } from '@nestjs/common';
import { ThrottlerStorageService } from '@nestjs/throttler';
import type { Config } from '../platform/config/config.js';
import type { Log } from '../platform/logging/log.js';
import { CONFIG, LOG } from '../platform/platform.tokens.js';
import { AccessService } from './access.service.js';
import { ADMIN_KEY } from './access.tokens.js';
import { ensureAdminKey } from './admin-key.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { HOST_ACCESS, type HostAccess } from './host-access.js';
import { KeyService } from './key.service.js';

/** API keys. Modules with controllers of the API import it: the guards of `@ApiRoute` need what it exports. */
@Module({
  providers: [
    {
      provide: ADMIN_KEY,
      // Where a host application decides, no key is ever looked at: none is made, none is printed.
      useFactory: (config: Config, log: Log, host?: HostAccess) =>
        config.roles.has('api') && !host ? ensureAdminKey(config, log) : undefined,
      inject: [CONFIG, LOG, { token: HOST_ACCESS, optional: true }],
    },
    ApiKeyRepository,
    AccessService,
    KeyService,
    ThrottlerStorageService,
  ],
  exports: [AccessService, KeyService, ThrottlerStorageService],
})
export class AccessModule {}
