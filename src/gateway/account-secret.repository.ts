import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../platform/database/database.js';
import { Cipher } from '../platform/secrets/cipher.js';
import type { LoadedAccount } from './loaded-gateway.js';
import { type EncryptedValue, openSecret } from './stored-metadata.js';

/** Secrets of single accounts, encrypted at rest: a credential of its own, and the PIN that it was registered with. */
@Injectable()
export class AccountSecretRepository {
  constructor(
    private readonly database: Database,
    private readonly cipher: Cipher,
  ) {}

  /** Whether the account still has the credential that this process acted with. */
  async isCurrent(sql: Sql, { id, credentialMark }: Pick<LoadedAccount, 'id' | 'credentialMark'>): Promise<boolean> {
    const rows = await sql.query(
      `SELECT FROM account WHERE id = $1 AND credential ->> 'encrypted' IS NOT DISTINCT FROM $2`,
      [id, credentialMark ?? null],
    );
    return rows.length > 0;
  }

  /** Credentials that the network itself gave, by address; one that is the same stays as it is stored. True when any is new. */
  async keepFound(
    sql: Sql,
    { gatewayId, channel }: { readonly gatewayId: string; readonly channel: string },
    found: readonly { readonly address: string; readonly credential: string }[],
  ): Promise<boolean> {
    if (found.length === 0) return false;
    const wanted = new Map(found.map(({ address, credential }) => [address, credential]));
    const rows = await sql.query<{ id: string; address: string; credential: EncryptedValue | null }>(
      'SELECT id, address, credential FROM account WHERE gateway_id = $1 AND channel = $2 AND address = ANY($3::text[])',
      [gatewayId, channel, [...wanted.keys()]],
    );
    const changes = rows.flatMap(({ id, address, credential }) => {
      const given = wanted.get(address);
      const opened = credential && openSecret(credential.encrypted, this.cipher);
      if (given === undefined || (opened?.ok && opened.value === given)) return [];
      return [{ id, stored: JSON.stringify({ encrypted: this.cipher.encrypt(given) }) }];
    });
    await sql.query(
      `UPDATE account a SET credential = c.stored::jsonb, credential_expires_at = NULL
       FROM unnest($1::uuid[], $2::text[]) AS c (id, stored) WHERE a.id = c.id`,
      [changes.map(({ id }) => id), changes.map(({ stored }) => stored)],
    );
    return changes.length > 0;
  }

  /** False when the account has another credential by now: what was found out was not about that. */
  async setExpiry(sql: Sql, account: LoadedAccount, at: Date | null): Promise<boolean> {
    if (!(await this.isCurrent(sql, account))) return false;
    await sql.query('UPDATE account SET credential_expires_at = $2 WHERE id = $1', [account.id, at]);
    return true;
  }

  async savePin(accountId: string, pin: string): Promise<void> {
    const stored = JSON.stringify({ encrypted: this.cipher.encrypt(pin) });
    await this.database.query('UPDATE account SET pin = $2 WHERE id = $1', [accountId, stored]);
  }

  /** undefined: there is none, or no key here reads it. */
  async pinOf(accountId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ pin: EncryptedValue | null }>('SELECT pin FROM account WHERE id = $1', [
      accountId,
    ]);
    const opened = row?.pin && openSecret(row.pin.encrypted, this.cipher);
    return opened?.ok ? opened.value : undefined;
  }
}
