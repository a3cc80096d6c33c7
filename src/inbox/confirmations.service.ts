import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';

/** A message whose network waits to hear that it has come. */
export interface Confirmation {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly what: JsonObject;
}

/**
 * Tells networks that messages have come, after they are on record. Nobody waits for it and nothing hangs on it: one that gets
 * lost costs the person a moment of waiting, so it is not tried again.
 */
@Injectable()
export class Confirmations implements OnApplicationShutdown {
  private readonly underWay = new Set<Promise<void>>();

  constructor(@Inject(LOG) private readonly log: Log) {}

  send(confirmations: readonly Confirmation[]): void {
    for (const confirmation of confirmations) {
      const sending = this.carry(confirmation).finally(() => this.underWay.delete(sending));
      this.underWay.add(sending);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async carry({ gateway, account, what }: Confirmation): Promise<void> {
    try {
      const dialog = gateway.channel(account.channel)?.dialog;
      const outcome = await dialog?.confirm?.(what, gateway.accountCall(account));
      if (!outcome || outcome.status === 'ok') return;
      const reason = outcome.status === 'refused' ? outcome.remote.message : outcome.reason;
      this.log.info({ account: account.address, reason }, 'the network did not hear that a message has come');
    } catch (error) {
      this.log.error({ err: error, account: account.address }, 'a channel threw instead of returning an outcome');
    }
  }
}
