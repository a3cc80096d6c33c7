import { Inject, Injectable } from '@nestjs/common';
import type { SettingsVerdict } from '../contract/index.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { Cipher, isMasked } from '../platform/secrets/cipher.js';
import type { AccountRow } from './account.repository.js';
import { GatewayDirectory } from './gateway-directory.js';
import type { LoadedGateway } from './loaded-gateway.js';

/** What is to be stored of an account's own credential. */
export type CredentialChange = Pick<AccountRow, 'credential' | 'credential_expires_at'>;

/** A credential that a person gives one account, in place of its gateway's. Asked about at the network before it is stored. */
@Injectable()
export class AccountCredentials {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly cipher: Cipher,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * @param given undefined or masked: as it is; null: the gateway's from now on
   * @throws Problem 400 when it cannot be one, 422 when the network refuses it, or its channel knows none
   */
  async judge(row: AccountRow, given: string | null | undefined): Promise<CredentialChange> {
    const { credential, credential_expires_at } = row;
    if (given === undefined || (given !== null && isMasked(given) && credential)) {
      return { credential, credential_expires_at };
    }
    if (given === null) return { credential: null, credential_expires_at: null };
    const gateway = this.directory.byId(row.gateway_id);
    const key = gateway?.channel(row.channel)?.accounts.credential;
    if (!gateway || key === undefined) {
      const detail = `Accounts of the channel ${row.channel} have no credentials of their own; the gateway's are used.`;
      throw new Problem(422, 'account.credential.unsupported', detail);
    }
    const wrong = isMasked(given)
      ? 'is masked; give the value itself'
      : gateway.type.settings.find(({ name }) => name === key)?.check?.(given);
    if (wrong !== undefined) throw refused(400, 'validation.failed', wrong);
    const verdict = await this.ask(gateway, key, given);
    if (verdict.status === 'refused') throw refused(422, verdict.code, verdict.detail);
    return {
      credential: { encrypted: this.cipher.encrypt(given) },
      credential_expires_at: (verdict.status === 'ok' && verdict.expiresAt) || null,
    };
  }

  private async ask(gateway: LoadedGateway, key: string, given: string): Promise<SettingsVerdict> {
    const call = gateway.interactiveCall();
    try {
      return await gateway.type.verifySettings({ ...call, settings: { ...call.settings, [key]: given } });
    } catch (error) {
      this.log.error({ err: error, gateway: gateway.uri }, 'the check of an account’s credential failed');
      return { status: 'unreachable', reason: 'the check itself failed; the log has the details' };
    }
  }
}

function refused(status: 400 | 422, code: string, message: string): Problem {
  const detail = status === 400 ? `credential ${message}.` : message;
  return new Problem(status, code, detail, [{ path: 'credential', code, message }]);
}
