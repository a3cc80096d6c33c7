import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerLimitDetail, ThrottlerStorageService } from '@nestjs/throttler';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { principalOf } from './request-principal.js';

const MINUTE_MS = 60_000;

/**
 * Limits requests per key over all routes, in this process; the bootstrap key is not limited. The storage comes from our own
 * module and not from ThrottlerModule, which is global and would reach into a host application.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    @Inject(CONFIG) config: Config,
    // Named, since ThrottlerGuard's own parameters, which are inherited, name a token of ThrottlerModule.
    @Inject(ThrottlerStorageService) storage: ThrottlerStorageService,
    @Inject(Reflector) reflector: Reflector,
  ) {
    // A block duration of 0 makes the minute a sliding one.
    super([{ limit: config.apiRateLimit, ttl: MINUTE_MS, blockDuration: 0 }], storage, reflector);
  }

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    return principalOf(context).isBootstrap;
  }

  protected override generateKey(context: ExecutionContext): string {
    return principalOf(context).id;
  }

  protected override async throwThrottlingException(
    _context: ExecutionContext,
    { limit, timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    const seconds = Math.max(1, timeToBlockExpire);
    throw new Problem(
      429,
      'rate.limited',
      `This key made more than ${limit} requests within a minute; try again in ${seconds} s.`,
      undefined,
      { 'Retry-After': String(seconds) },
    );
  }
}
