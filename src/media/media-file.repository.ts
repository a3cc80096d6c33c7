import { Injectable } from '@nestjs/common';
import type { MediaState } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import type { MediaError } from './media-error.js';
import { LEASE_MS } from './retry-plan.js';

/** A file as it is written the first time. */
export interface NewMediaFile {
  readonly id: string;
  readonly createdAt: Date;
  readonly gatewayId: string | null;
  /** a customer's: where it came to, and how to get it */
  readonly accountId?: string;
  readonly messageId?: string;
  readonly providerId?: string;
  readonly providerUrl?: string;
  readonly urlUntil?: Date;
  readonly until?: Date;
  readonly mimeType?: string;
  readonly filename?: string;
  readonly toldSha256?: string;
  /** our own: what is stored */
  readonly stored?: StoredFile;
}

export interface StoredFile {
  readonly sha256: string;
  readonly size: number;
  readonly mimeType: string;
}

export interface MediaFile extends Omit<NewMediaFile, 'stored'> {
  readonly state: MediaState;
  readonly sha256?: string;
  readonly size?: number;
  readonly attempts: number;
  readonly nextAt?: Date;
  readonly error?: MediaError;
}

type Row = Readonly<Record<string, unknown>>;

/** An arbitrary constant, used for nothing else: who stores or removes the bytes of one hash does so alone. */
const HASH_LOCK = 7_240_831;

@Injectable()
export class MediaFileRepository {
  async insert(sql: Sql, files: readonly NewMediaFile[]): Promise<void> {
    if (files.length === 0) return;
    const column = <T>(read: (file: NewMediaFile) => T | undefined): (T | null)[] =>
      files.map((file) => read(file) ?? null);
    await sql.query(
      `INSERT INTO media_file (id, created_at, used_at, gateway_id, account_id, message_id, provider_id, provider_url, url_until, until,
         mime_type, filename, told_sha256, sha256, size, state, attempts, next_at)
       SELECT id, created_at, created_at, gateway_id, account_id, message_id, provider_id, provider_url, url_until, until,
         mime_type, filename, told_sha256, sha256, size, CASE WHEN sha256 IS NULL THEN 'pending' ELSE 'ready' END, 0,
         CASE WHEN sha256 IS NULL THEN created_at END
       FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[],
         $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::text[], $14::integer[])
         AS f (id, created_at, gateway_id, account_id, message_id, provider_id, provider_url, url_until, until, mime_type, filename,
           told_sha256, sha256, size)`,
      [
        column(({ id }) => id),
        column(({ createdAt }) => createdAt),
        column(({ gatewayId }) => gatewayId),
        column(({ accountId }) => accountId),
        column(({ messageId }) => messageId),
        column(({ providerId }) => providerId),
        column(({ providerUrl }) => providerUrl),
        column(({ urlUntil }) => urlUntil),
        column(({ until }) => until),
        column(({ mimeType, stored }) => stored?.mimeType ?? mimeType),
        column(({ filename }) => filename),
        column(({ toldSha256 }) => toldSha256),
        column(({ stored }) => stored?.sha256),
        column(({ stored }) => stored?.size),
      ],
    );
  }

  async findAll(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, MediaFile>> {
    if (ids.length === 0) return new Map();
    const rows = await sql.query<Row>('SELECT * FROM media_file WHERE id = ANY($1)', [ids]);
    return new Map(rows.map((row) => [row['id'] as string, toFile(row)]));
  }

  async find(sql: Sql, id: string): Promise<MediaFile | undefined> {
    return (await this.findAll(sql, [id])).get(id);
  }

  /** Files that a message names now are kept for longer. Written once a day at most. */
  async touch(sql: Sql, ids: readonly string[], now: Date): Promise<void> {
    if (ids.length === 0) return;
    await sql.query(
      `UPDATE media_file SET used_at = $2 WHERE id = ANY($1) AND used_at < $2::timestamptz - interval '1 day'`,
      [ids, now],
    );
  }

  /** Files that somebody should try, oldest first. */
  async due(sql: Sql, now: Date, limit: number): Promise<readonly string[]> {
    const rows = await sql.query<{ id: string }>(
      'SELECT id FROM media_file WHERE next_at <= $1 ORDER BY next_at LIMIT $2',
      [now, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** The file, if it is due: it is then in the caller's hands for as long as he renews. */
  async claim(sql: Sql, id: string, now: Date): Promise<MediaFile | undefined> {
    const [row] = await sql.query<Row>(
      `UPDATE media_file SET attempts = attempts + 1, next_at = $3 WHERE id = $1 AND next_at <= $2 RETURNING *`,
      [id, now, new Date(now.getTime() + LEASE_MS)],
    );
    return row && toFile(row);
  }

  async renew(sql: Sql, id: string, now: Date): Promise<void> {
    await sql.query('UPDATE media_file SET next_at = $2 WHERE id = $1 AND next_at IS NOT NULL', [
      id,
      new Date(now.getTime() + LEASE_MS),
    ]);
  }

  /**
   * Says what will be stored for a file, before it is: from then on nobody removes those bytes. Waits for whoever is just
   * removing them.
   */
  async announce(sql: Sql, id: string, { sha256, size, mimeType }: StoredFile): Promise<void> {
    await this.lock(sql, sha256);
    await sql.query('UPDATE media_file SET sha256 = $2, size = $3, mime_type = $4 WHERE id = $1', [
      id,
      sha256,
      size,
      mimeType,
    ]);
  }

  async ready(sql: Sql, id: string): Promise<void> {
    await sql.query(
      `UPDATE media_file SET state = 'ready', next_at = NULL, error = NULL, provider_url = NULL WHERE id = $1`,
      [id],
    );
  }

  /** @param nextAt when it is tried again; null: never */
  async failed(sql: Sql, id: string, error: MediaError, nextAt: Date | null): Promise<void> {
    await sql.query(
      `UPDATE media_file SET state = 'failed', next_at = $3, error = $2::json, sha256 = NULL, size = NULL
       WHERE id = $1 AND state <> 'ready'`,
      [id, JSON.stringify(error), nextAt],
    );
  }

  /** Hashes of files that no message has named since. */
  async unused(sql: Sql, before: Date, limit: number): Promise<readonly { id: string; sha256: string | null }[]> {
    return sql.query('SELECT id, sha256 FROM media_file WHERE used_at < $1 ORDER BY used_at LIMIT $2', [before, limit]);
  }

  /** Takes rows away; true when no other names the same bytes. The lock is kept until the transaction ends. */
  async remove(sql: Sql, id: string, sha256: string | null, before: Date): Promise<boolean> {
    if (sha256 !== null) await this.lock(sql, sha256);
    const gone = await sql.query('DELETE FROM media_file WHERE id = $1 AND used_at < $2 RETURNING 1', [id, before]);
    if (sha256 === null || gone.length === 0) return false;
    const others = await sql.query('SELECT 1 FROM media_file WHERE sha256 = $1 LIMIT 1', [sha256]);
    return others.length === 0;
  }

  private async lock(sql: Sql, sha256: string): Promise<void> {
    await sql.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [HASH_LOCK, sha256]);
  }
}

function toFile(row: Row): MediaFile {
  const optional = <T>(name: string, column: string): Record<string, T> =>
    row[column] === null ? {} : { [name]: row[column] as T };
  return {
    id: row['id'] as string,
    createdAt: row['created_at'] as Date,
    gatewayId: row['gateway_id'] as string | null,
    state: row['state'] as MediaState,
    attempts: row['attempts'] as number,
    ...optional('accountId', 'account_id'),
    ...optional('messageId', 'message_id'),
    ...optional('providerId', 'provider_id'),
    ...optional('providerUrl', 'provider_url'),
    ...optional('urlUntil', 'url_until'),
    ...optional('until', 'until'),
    ...optional('mimeType', 'mime_type'),
    ...optional('filename', 'filename'),
    ...optional('toldSha256', 'told_sha256'),
    ...optional('sha256', 'sha256'),
    ...optional('size', 'size'),
    ...optional('nextAt', 'next_at'),
    ...optional('error', 'error'),
  };
}
