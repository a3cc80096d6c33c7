import { Inject, Injectable } from '@nestjs/common';
import type { CallOutcome, WebhookRequest } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { callProvider } from '../call-provider.js';
import { GatewayStatusService } from '../gateway-status.service.js';
import type { LoadedGateway } from '../loaded-gateway.js';

/** A gateway type that cannot say whose credentials they are. */
const UNTOLD: CallOutcome<boolean> = { status: 'ok', value: true };

export type RevocationVerdict = 'taken' | 'forged' | 'not-configured';

/** Somebody takes back at the network what they granted: gateways that live on it are parked, with the reason. */
@Injectable()
export class Revocations {
  constructor(
    private readonly statuses: GatewayStatusService,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** undefined: the request is nothing of the kind. */
  async take(gateways: readonly LoadedGateway[], request: WebhookRequest): Promise<RevocationVerdict | undefined> {
    const verdicts = gateways.flatMap((gateway) => {
      const found = gateway.type.onboarding?.revocation?.(request, gateway.context());
      return found ? [{ gateway, found }] : [];
    });
    if (verdicts.length === 0) return undefined;
    const believed = verdicts.flatMap(({ gateway, found }) => (found.ok ? [{ gateway, by: found.by }] : []));
    if (believed.length > 0) {
      await Promise.all(believed.map(({ gateway, by }) => this.judge(gateway, by)));
      return 'taken';
    }
    return verdicts.some(({ found }) => !found.ok && found.why === 'forged') ? 'forged' : 'not-configured';
  }

  private async judge(gateway: LoadedGateway, by: string): Promise<void> {
    const { onboarding } = gateway.type;
    const now = this.clock.now();
    const outcome = await callProvider(
      this.log,
      async () => (await onboarding?.livesOn?.(by, gateway.interactiveCall())) ?? UNTOLD,
    );
    if (outcome.status !== 'ok') {
      // Its check in the background finds out.
      const reason = `${by} has removed the app at the network, which does not say whether the gateway lived on that.`;
      await this.statuses.setStatus(gateway.id, 'unverified', reason, { unchangedSince: now });
    } else if (outcome.value) {
      const reason = `${by}, whose token this gateway uses, has removed the app at the network: save another token, or set it up again.`;
      await this.statuses.park(gateway.id, reason, now);
    }
    this.log.warn({ gateway: gateway.uri, by, outcome: outcome.status }, 'somebody has removed the app at the network');
  }
}
