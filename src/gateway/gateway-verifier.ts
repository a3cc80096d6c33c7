import { Inject, Injectable } from '@nestjs/common';
import type { GatewayCall, SettingsVerdict } from '../contract/index.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import type { GatewayStatus } from './gateway.repository.js';
import type { LoadedGateway } from './loaded-gateway.js';

export interface VerifiedStatus {
  readonly status: GatewayStatus;
  readonly reason: string | null;
  /** when the network stops taking them, where it says so */
  readonly expiresAt: Date | null;
}

/** Asks the network whether a gateway's settings work. */
@Injectable()
export class GatewayVerifier {
  constructor(@Inject(LOG) private readonly log: Log) {}

  /**
   * For settings that a person has just given.
   *
   * @throws Problem 422 with the channel's code when the network refuses them
   */
  async verifyGiven(gateway: LoadedGateway): Promise<VerifiedStatus> {
    const verdict = await this.ask(gateway, gateway.interactiveCall());
    if (verdict.status === 'refused') {
      const { code, detail, key } = verdict;
      throw new Problem(422, code, detail, [{ path: `metadata.${key}`, code, message: detail }]);
    }
    return statusOf(verdict);
  }

  /** For settings that are stored already: a refusal parks the gateway. */
  async verifyStored(gateway: LoadedGateway): Promise<VerifiedStatus> {
    return statusOf(await this.ask(gateway, gateway.call()));
  }

  private async ask(gateway: LoadedGateway, call: GatewayCall): Promise<SettingsVerdict> {
    try {
      return await gateway.type.verifySettings(call);
    } catch (error) {
      this.log.error({ err: error, gateway: gateway.uri }, 'the check of a gateway’s settings failed');
      return { status: 'unreachable', reason: 'the check itself failed; the log has the details' };
    }
  }
}

function statusOf(verdict: SettingsVerdict): VerifiedStatus {
  switch (verdict.status) {
    case 'ok':
      return { status: 'ok', reason: null, expiresAt: verdict.expiresAt ?? null };
    case 'refused':
      return { status: 'parked', reason: verdict.detail, expiresAt: null };
    case 'unreachable':
      return { status: 'unverified', reason: verdict.reason, expiresAt: null };
  }
}
