import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../platform/database/database.js';
import type { StoredBot } from './stored-bot.js';
import type { StoredMetadata } from './stored-metadata.js';

export type GatewayStatus = 'ok' | 'unverified' | 'parked';

export interface GatewayRow {
  readonly id: string;
  readonly uri: string;
  readonly name: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly metadata: StoredMetadata;
  readonly bot: StoredBot | null;
  readonly app_key: string | null;
  readonly status: GatewayStatus;
  readonly status_reason: string | null;
  /** when the network stops taking its credentials, where it says so */
  readonly credentials_expire_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** changes with every write: lets a change be refused that was made from an outdated row */
  readonly version: string;
}

export type NewGatewayRow = Omit<GatewayRow, 'version'>;

const COLUMNS = `id, uri, name, type, enabled, metadata, bot, app_key, status, status_reason, created_at, updated_at,
  credentials_expire_at`;
const READ = `SELECT ${COLUMNS}, xmin::text AS version FROM gateway`;

/** Writers notify in their own transaction, so that other processes hear of it with the commit. */
export const GATEWAY_CHANGES = 'patchbay_gateway';

export async function notifyGatewayChanged(sql: Sql, gatewayId: string): Promise<void> {
  await sql.query('SELECT pg_notify($1, $2)', [GATEWAY_CHANGES, gatewayId]);
}

/** An arbitrary constant, used for nothing else. */
const RECHECK_LOCK = 7_240_613;

@Injectable()
export class GatewayRepository {
  constructor(private readonly database: Database) {}

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** One process at a time; does nothing when another is at it. The lock goes with the transaction, whatever happens. */
  async exclusively(work: () => Promise<void>): Promise<void> {
    await this.database.transaction(async (sql) => {
      const [lock] = await sql.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [RECHECK_LOCK]);
      if (lock?.held) await work();
    });
  }

  all(): Promise<GatewayRow[]> {
    return this.database.query(`${READ} WHERE deleted_at IS NULL`);
  }

  byIds(ids: readonly string[]): Promise<GatewayRow[]> {
    return this.database.query(`${READ} WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL`, [ids]);
  }

  async byId(id: string, sql: Sql = this.database): Promise<GatewayRow | undefined> {
    const [row] = await sql.query<GatewayRow>(`${READ} WHERE id = $1 AND deleted_at IS NULL`, [id]);
    return row;
  }

  async byUri(uri: string): Promise<GatewayRow | undefined> {
    const [row] = await this.database.query<GatewayRow>(`${READ} WHERE uri = $1 AND deleted_at IS NULL`, [uri]);
    return row;
  }

  byStatus(status: GatewayStatus): Promise<GatewayRow[]> {
    return this.database.query(`${READ} WHERE status = $1 AND deleted_at IS NULL`, [status]);
  }

  list(within: readonly string[] | null, before: string | undefined, limit: number): Promise<GatewayRow[]> {
    return this.database.query(
      `${READ} WHERE deleted_at IS NULL AND ($1::uuid[] IS NULL OR id = ANY($1::uuid[])) AND ($2::uuid IS NULL OR id < $2::uuid)
       ORDER BY id DESC LIMIT $3`,
      [within, before ?? null, limit],
    );
  }

  async insert(sql: Sql, row: NewGatewayRow): Promise<void> {
    await sql.query(
      `INSERT INTO gateway (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      valuesOf(row),
    );
  }

  /** False when the row is no longer the one that the change was made from. */
  async update(sql: Sql, row: NewGatewayRow, version: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE gateway SET (uri, name, type, enabled, metadata, bot, app_key, status, status_reason, created_at, updated_at,
         credentials_expire_at)
         = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       WHERE id = $1 AND xmin::text = $14 AND deleted_at IS NULL RETURNING id`,
      [...valuesOf(row), version],
    );
    return rows.length > 0;
  }

  /** False when nothing changed; with a version, also when the row is no longer that one. */
  async setStatus(
    sql: Sql,
    id: string,
    status: GatewayStatus,
    reason: string | null,
    at: Date,
    { version, unchangedSince }: { version?: string | undefined; unchangedSince?: Date | undefined } = {},
  ): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE gateway SET status = $2, status_reason = $3, updated_at = $4
       WHERE id = $1 AND deleted_at IS NULL AND ($5::text IS NULL OR xmin::text = $5)
         AND ($6::timestamptz IS NULL OR updated_at <= $6)
         AND (status, status_reason) IS DISTINCT FROM ($2::text, $3::text) RETURNING id`,
      [id, status, reason, at, version ?? null, unchangedSince ?? null],
    );
    return rows.length > 0;
  }

  async setExpiry(sql: Sql, id: string, at: Date | null): Promise<void> {
    await sql.query('UPDATE gateway SET credentials_expire_at = $2 WHERE id = $1', [id, at]);
  }

  async changeBot(sql: Sql, id: string, change: (bot: StoredBot | null) => StoredBot | null, at: Date): Promise<void> {
    const [row] = await sql.query<{ bot: StoredBot | null }>(
      'SELECT bot FROM gateway WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
      [id],
    );
    if (!row) return;
    const bot = change(row.bot);
    await sql.query('UPDATE gateway SET bot = $2, updated_at = $3 WHERE id = $1', [id, bot && JSON.stringify(bot), at]);
  }
}

function valuesOf(row: NewGatewayRow): unknown[] {
  return [
    row.id,
    row.uri,
    row.name,
    row.type,
    row.enabled,
    JSON.stringify(row.metadata),
    row.bot && JSON.stringify(row.bot),
    row.app_key,
    row.status,
    row.status_reason,
    row.created_at,
    row.updated_at,
    row.credentials_expire_at,
  ];
}
