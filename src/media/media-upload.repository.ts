import { Injectable } from '@nestjs/common';
import type { KnownFile, MediaState } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { MediaError } from './media-error.js';
import { LEASE_MS } from './retry-plan.js';

/** A file that an account wants to have at the network. */
export interface WantedUpload {
  readonly accountId: string;
  readonly sha256: string;
  readonly mimeType: string;
  readonly filename?: string;
  readonly size: number;
}

export interface MediaUploadRecord extends WantedUpload {
  readonly id: string;
  readonly createdAt: Date;
  readonly state: MediaState;
  readonly providerId?: string;
  readonly settledAt?: Date;
  readonly expiresAt?: Date;
  readonly attempts: number;
  readonly nextAt?: Date;
  readonly error?: MediaError;
}

type Row = Readonly<Record<string, unknown>>;

@Injectable()
export class MediaUploadRepository {
  async find(sql: Sql, accountId: string, hashes: readonly string[]): Promise<ReadonlyMap<string, MediaUploadRecord>> {
    const rows = await sql.query<Row>(
      `SELECT * FROM media_upload WHERE account_id = $1 AND sha256 = ANY($2) AND kind = ''`,
      [accountId, hashes],
    );
    return new Map(rows.map((row) => [row['sha256'] as string, toUpload(row)]));
  }

  /** From now on somebody carries it, unless somebody does already. Returns its id. */
  async want(sql: Sql, wanted: WantedUpload, now: Date): Promise<string> {
    const [row] = await sql.query<{ id: string }>(
      `INSERT INTO media_upload AS u (id, created_at, account_id, sha256, mime_type, filename, size, state, attempts, next_at)
       VALUES ($1, $7, $2, $3, $4, $5, $6, 'pending', 0, $7)
       ON CONFLICT (account_id, sha256, kind) DO UPDATE SET
         state = 'pending', attempts = CASE WHEN u.next_at IS NULL THEN 0 ELSE u.attempts END, next_at = coalesce(u.next_at, $7),
         created_at = CASE WHEN u.next_at IS NULL THEN $7 ELSE u.created_at END, provider_id = NULL, error = NULL
       RETURNING id`,
      [newId(now), wanted.accountId, wanted.sha256, wanted.mimeType, wanted.filename ?? null, wanted.size, now],
    );
    return row?.id ?? '';
  }

  /** The network's ids of a file that travelled, by what it was sent as. */
  async known(sql: Sql, accountId: string, sha256: string, now: Date): Promise<ReadonlyMap<string, string>> {
    const rows = await sql.query<{ kind: string; provider_id: string }>(
      `SELECT kind, provider_id FROM media_upload
       WHERE account_id = $1 AND sha256 = $2 AND kind <> '' AND state = 'ready' AND expires_at > $3`,
      [accountId, sha256, now],
    );
    return new Map(rows.map((row) => [row.kind, row.provider_id]));
  }

  /** It travelled with a message, and goes by this id from now on. */
  async remember(
    sql: Sql,
    { accountId, sha256, mimeType, filename, size }: WantedUpload,
    { kind, providerId }: Pick<KnownFile, 'kind' | 'providerId'>,
    now: Date,
    expiresAt: Date,
  ): Promise<void> {
    await sql.query(
      `INSERT INTO media_upload (id, created_at, account_id, sha256, kind, mime_type, filename, size, state, provider_id, settled_at,
         expires_at, attempts)
       VALUES ($1, $9, $2, $3, $4, $5, $6, $7, 'ready', $8, $9, $10, 1)
       ON CONFLICT (account_id, sha256, kind) DO UPDATE SET
         provider_id = excluded.provider_id, settled_at = excluded.settled_at, expires_at = excluded.expires_at`,
      [newId(now), accountId, sha256, kind, mimeType, filename ?? null, size, providerId, now, expiresAt],
    );
  }

  async due(sql: Sql, now: Date, limit: number): Promise<readonly string[]> {
    const rows = await sql.query<{ id: string }>(
      'SELECT id FROM media_upload WHERE next_at <= $1 ORDER BY next_at LIMIT $2',
      [now, limit],
    );
    return rows.map(({ id }) => id);
  }

  async claim(sql: Sql, id: string, now: Date): Promise<MediaUploadRecord | undefined> {
    const [row] = await sql.query<Row>(
      'UPDATE media_upload SET attempts = attempts + 1, next_at = $3 WHERE id = $1 AND next_at <= $2 RETURNING *',
      [id, now, new Date(now.getTime() + LEASE_MS)],
    );
    return row && toUpload(row);
  }

  async renew(sql: Sql, id: string, now: Date): Promise<void> {
    await sql.query('UPDATE media_upload SET next_at = $2 WHERE id = $1 AND next_at IS NOT NULL', [
      id,
      new Date(now.getTime() + LEASE_MS),
    ]);
  }

  async ready(sql: Sql, id: string, providerId: string, now: Date, expiresAt: Date): Promise<void> {
    await sql.query(
      `UPDATE media_upload SET state = 'ready', provider_id = $2, settled_at = $3, expires_at = $4, next_at = NULL, error = NULL
       WHERE id = $1`,
      [id, providerId, now, expiresAt],
    );
  }

  /** @param nextAt when it is tried again; null: not by itself */
  async failed(sql: Sql, id: string, error: MediaError, now: Date, nextAt: Date | null): Promise<void> {
    await sql.query(
      `UPDATE media_upload SET state = 'failed', error = $2::json, settled_at = $3, next_at = $4 WHERE id = $1`,
      [id, JSON.stringify(error), now, nextAt],
    );
  }

  /** The network does not know them. Gives back how many there were. */
  async forget(sql: Sql, accountId: string, hashes: readonly string[], settledBefore: Date): Promise<number> {
    const rows = await sql.query(
      `DELETE FROM media_upload WHERE account_id = $1 AND sha256 = ANY($2) AND state = 'ready' AND settled_at < $3 RETURNING 1`,
      [accountId, hashes, settledBefore],
    );
    return rows.length;
  }

  async removeExpired(sql: Sql, now: Date, limit: number): Promise<number> {
    const rows = await sql.query(
      `DELETE FROM media_upload WHERE ctid = ANY (ARRAY(SELECT ctid FROM media_upload WHERE expires_at < $1 LIMIT $2)) RETURNING 1`,
      [now, limit],
    );
    return rows.length;
  }
}

function toUpload(row: Row): MediaUploadRecord {
  const optional = <T>(name: string, column: string): Record<string, T> =>
    row[column] === null ? {} : { [name]: row[column] as T };
  return {
    id: row['id'] as string,
    createdAt: row['created_at'] as Date,
    accountId: row['account_id'] as string,
    sha256: row['sha256'] as string,
    mimeType: row['mime_type'] as string,
    size: row['size'] as number,
    state: row['state'] as MediaState,
    attempts: row['attempts'] as number,
    ...optional('filename', 'filename'),
    ...optional('providerId', 'provider_id'),
    ...optional('settledAt', 'settled_at'),
    ...optional('expiresAt', 'expires_at'),
    ...optional('nextAt', 'next_at'),
    ...optional('error', 'error'),
  };
}
