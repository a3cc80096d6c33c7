import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { Permission } from './permissions.js';

export interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly permissions: readonly Permission[];
  readonly gateways: readonly string[] | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

const COLUMNS = 'id, name, hash, permissions, gateways, created_at, last_used_at';

@Injectable()
export class ApiKeyRepository {
  constructor(private readonly database: Database) {}

  findByHashes(hashes: readonly Buffer[]): Promise<ApiKeyRow[]> {
    return this.database.query(`SELECT ${COLUMNS} FROM api_key WHERE hash = ANY($1::bytea[])`, [hashes]);
  }

  async byId(id: string): Promise<ApiKeyRow | undefined> {
    const [row] = await this.database.query<ApiKeyRow>(`SELECT ${COLUMNS} FROM api_key WHERE id = $1`, [id]);
    return row;
  }

  /** `within`: only keys that reach nothing beyond these gateways; null: every key */
  list(within: readonly string[] | null, before: string | undefined, limit: number): Promise<ApiKeyRow[]> {
    return this.database.query(
      `SELECT ${COLUMNS} FROM api_key
       WHERE ($1::uuid[] IS NULL OR gateways <@ $1::uuid[]) AND ($2::uuid IS NULL OR id < $2::uuid)
       ORDER BY id DESC LIMIT $3`,
      [within, before ?? null, limit],
    );
  }

  async insert(row: ApiKeyRow): Promise<void> {
    await this.database.query(`INSERT INTO api_key (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)`, [
      row.id,
      row.name,
      row.hash,
      row.permissions,
      row.gateways,
      row.created_at,
      row.last_used_at,
    ]);
  }

  /** False when there is no such key (within those gateways). */
  async delete(id: string, within: readonly string[] | null): Promise<boolean> {
    const rows = await this.database.query(
      'DELETE FROM api_key WHERE id = $1 AND ($2::uuid[] IS NULL OR gateways <@ $2::uuid[]) RETURNING id',
      [id, within],
    );
    return rows.length > 0;
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.database.query('UPDATE api_key SET last_used_at = $2 WHERE id = $1', [id, at]);
  }
}
