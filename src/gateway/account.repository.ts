import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import { Database, type Sql } from '../platform/database/database.js';
import type { StoredBot } from './stored-bot.js';
import type { EncryptedValue } from './stored-metadata.js';

export interface AccountRow {
  readonly id: string;
  readonly gateway_id: string;
  readonly group_id: string;
  readonly group_address: string;
  readonly portfolio: string | null;
  readonly channel: string;
  readonly address: string;
  readonly name: string;
  readonly phone: string | null;
  readonly details: JsonObject;
  /** the last of each kind: {at, value} */
  readonly news: JsonObject;
  readonly group_news: JsonObject;
  readonly active: boolean;
  readonly enabled: boolean;
  readonly bot: StoredBot | null;
  /** of its own; null: the gateway's */
  readonly credential: EncryptedValue | null;
  readonly credential_expires_at: Date | null;
  /** it was registered here, and its PIN is kept */
  readonly has_pin: boolean;
  /** when its group was last read between two setups, and why the last try failed */
  readonly read_at: Date | null;
  readonly read_error: string | null;
  readonly connected_since: Date | null;
  readonly missing_since: Date | null;
  readonly told_at: Date | null;
  readonly updated_at: Date;
  readonly version: string;
}

const READ = `
  SELECT account.id, account.gateway_id, account.group_id, account_group.address AS group_address, portfolio, account.channel,
    account.address, account.name, phone, account.details, account.news, account_group.news AS group_news, active, account.enabled, account.bot, connected_since,
    coalesce(account.missing_since, account_group.missing_since) AS missing_since, told_at, account.updated_at,
    account.credential, credential_expires_at, pin IS NOT NULL AS has_pin, account_sync.read_at, account_sync.error AS read_error,
    account.xmin::text AS version
  FROM account JOIN account_group ON account_group.id = account.group_id
  LEFT JOIN account_sync ON account_sync.group_id = account.group_id
  WHERE account.removed_at IS NULL`;

export interface AccountFilter {
  /** null: all */
  readonly gateways: readonly string[] | null;
  readonly channel?: string;
  readonly address?: string;
  readonly before?: string;
  readonly limit: number;
}

@Injectable()
export class AccountRepository {
  constructor(private readonly database: Database) {}

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  all(): Promise<AccountRow[]> {
    return this.database.query(READ);
  }

  ofGateways(ids: readonly string[]): Promise<AccountRow[]> {
    return this.database.query(`${READ} AND account.gateway_id = ANY($1::uuid[])`, [ids]);
  }

  async byId(id: string, sql: Sql = this.database): Promise<AccountRow | undefined> {
    const [row] = await sql.query<AccountRow>(`${READ} AND account.id = $1`, [id]);
    return row;
  }

  list(filter: AccountFilter): Promise<AccountRow[]> {
    return this.database.query(
      `${READ} AND ($1::uuid[] IS NULL OR account.gateway_id = ANY($1::uuid[])) AND ($2::text IS NULL OR account.channel = $2)
       AND ($3::text IS NULL OR account.address = $3) AND ($4::uuid IS NULL OR account.id < $4::uuid)
       ORDER BY account.id DESC LIMIT $5`,
      [filter.gateways, filter.channel ?? null, filter.address ?? null, filter.before ?? null, filter.limit],
    );
  }

  /** False when the row is no longer the one that the change was made from. */
  async update(
    sql: Sql,
    id: string,
    change: Pick<AccountRow, 'enabled' | 'bot' | 'credential' | 'credential_expires_at'> & { readonly at: Date },
    version: string,
  ): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE account SET enabled = $2, bot = $3, updated_at = $4, credential = $6, credential_expires_at = $7
       WHERE id = $1 AND xmin::text = $5 AND removed_at IS NULL RETURNING id`,
      [
        id,
        change.enabled,
        change.bot && JSON.stringify(change.bot),
        change.at,
        version,
        change.credential && JSON.stringify(change.credential),
        change.credential_expires_at,
      ],
    );
    return rows.length > 0;
  }

  async changeBot(sql: Sql, id: string, change: (bot: StoredBot | null) => StoredBot | null, at: Date): Promise<void> {
    const [row] = await sql.query<{ bot: StoredBot | null }>('SELECT bot FROM account WHERE id = $1 FOR UPDATE', [id]);
    if (!row) return;
    const bot = change(row.bot);
    await sql.query('UPDATE account SET bot = $2, updated_at = $3 WHERE id = $1', [id, bot && JSON.stringify(bot), at]);
  }
}
