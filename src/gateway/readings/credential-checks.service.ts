import { Inject, Injectable } from '@nestjs/common';
import type { GatewayCall, SettingsVerdict } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { appendEvents } from '../../platform/outbox/outbox.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { AccountSecretRepository } from '../account-secret.repository.js';
import { gatewayEvent } from '../gateway-events.js';
import { GatewayRepository, notifyGatewayChanged } from '../gateway.repository.js';
import type { LoadedAccount, LoadedGateway } from '../loaded-gateway.js';
import { Warnings } from '../warnings.service.js';

/** of the warning */
export const CREDENTIALS_REFUSED = 'credentials.refused';

/**
 * Asks now and then whether credentials still work, and until when. What is refused is a warning, no more: sending finds out for
 * itself, and a check that is wrong once must not stop it. No answer changes nothing.
 */
@Injectable()
export class CredentialChecks {
  constructor(
    private readonly rows: GatewayRepository,
    private readonly secrets: AccountSecretRepository,
    private readonly warnings: Warnings,
    private readonly clock: Clock,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** @param own accounts with credentials of their own; @param isGateways whether the gateway's are to be asked about as well */
  async check(gateway: LoadedGateway, own: readonly LoadedAccount[], isGateways: boolean): Promise<void> {
    try {
      if (isGateways) await this.checkGateway(gateway);
      for (const account of own) await this.checkAccount(gateway, account);
    } catch (error) {
      this.log.warn(
        { err: error, gateway: gateway.uri },
        'could not write down how credentials are; the next check will',
      );
    }
  }

  private async checkGateway(gateway: LoadedGateway): Promise<void> {
    const verdict = await this.ask(gateway, gateway.call());
    await this.warn(gateway, verdict);
    if (verdict.status !== 'ok' || isSame(verdict.expiresAt, gateway.credentialsExpireAt)) return;
    const now = this.clock.now();
    const expiresAt = verdict.expiresAt ?? null;
    await this.rows.transaction(async (sql) => {
      await this.rows.setExpiry(sql, gateway.id, expiresAt);
      await notifyGatewayChanged(sql, gateway.id);
      const payload = { change: 'credentials', credentialsExpireAt: expiresAt?.toISOString() ?? null };
      await appendEvents(sql, [gatewayEvent('gateway.updated', gateway, { occurredAt: now, payload }, now)], now);
    });
    this.dispatch.kick('events');
  }

  private async checkAccount(gateway: LoadedGateway, account: LoadedAccount): Promise<void> {
    const verdict = await this.ask(gateway, gateway.accountCall(account));
    await this.warn(gateway, verdict, account.address);
    if (verdict.status !== 'ok' || isSame(verdict.expiresAt, account.credentialExpiresAt)) return;
    const now = this.clock.now();
    const expiresAt = verdict.expiresAt ?? null;
    await this.rows.transaction(async (sql) => {
      if (!(await this.secrets.setExpiry(sql, account, expiresAt))) return;
      await notifyGatewayChanged(sql, gateway.id);
      const from = account.credentialExpiresAt?.toISOString() ?? null;
      const payload = {
        account: { id: account.address, name: account.name },
        changes: [{ field: 'credentialExpiresAt', from, to: expiresAt?.toISOString() ?? null }],
      };
      await appendEvents(
        sql,
        [gatewayEvent('account.updated', gateway, { occurredAt: now, payload, account }, now)],
        now,
      );
    });
    this.dispatch.kick('events');
  }

  private async warn(gateway: LoadedGateway, verdict: SettingsVerdict, address?: string): Promise<void> {
    const key = {
      gatewayId: gateway.id,
      code: CREDENTIALS_REFUSED,
      ...(address !== undefined && { subject: address }),
    };
    if (verdict.status === 'ok') await this.warnings.clear(key);
    if (verdict.status !== 'refused') return;
    const whose = address === undefined ? 'the gateway' : `the account ${address}`;
    await this.warnings.raise({
      ...key,
      level: verdict.code,
      detail: `The network no longer accepts the credentials of ${whose}: ${verdict.detail} ${verdict.advice ?? 'Save new ones.'}`,
    });
  }

  private async ask(gateway: LoadedGateway, call: GatewayCall): Promise<SettingsVerdict> {
    try {
      return await gateway.type.verifySettings(call);
    } catch (error) {
      this.log.error({ err: error, gateway: gateway.uri }, 'the check of credentials failed');
      return { status: 'unreachable', reason: 'the check itself failed; the log has the details' };
    }
  }
}

function isSame(one: Date | undefined, other: Date | undefined): boolean {
  return one?.getTime() === other?.getTime();
}
