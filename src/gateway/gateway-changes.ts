import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayHooks } from './gateway-hooks.js';

/** After a committed change: in force in this process before the request is answered, then told to the rooms to the right. */
@Injectable()
export class GatewayChanges {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly hooks: GatewayHooks,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async settle(gatewayId: string): Promise<void> {
    try {
      await this.directory.refresh(gatewayId);
    } catch (error) {
      // The change is committed: the notification that went with it makes every process, this one too, try until it reads it.
      this.log.warn({ err: error, gateway: gatewayId }, 'could not read a gateway back after a change');
    }
    this.hooks.changed(gatewayId);
  }

  /** The same after a change that a person has made. */
  async settleAttended(gatewayId: string): Promise<void> {
    await this.settle(gatewayId);
    this.hooks.attended(gatewayId);
  }
}
