import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';

const LIFE_MS = 24 * 60 * 60_000;

/**
 * A request that has been running for this long died with its process: the key is free again. Should it live after all, it
 * finds at its end that the key was taken over, and leaves nothing behind.
 */
const ABANDONED_AFTER_MS = 10_000;

/** A key that is ours until the request is answered or refused. */
export interface HeldKey {
  readonly owner: string;
  readonly key: string;
  readonly takenAt: Date;
}

/** The same request twice is one request: the first 2xx answer is kept for 24 h, refusals are not. */
@Injectable()
export class IdempotencyService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes the key, or gives back the answer that it has already got.
   *
   * @throws Problem 400 for a malformed key, 409 when it was used for something else or its request still runs
   */
  async begin(owner: string, key: string, body: unknown): Promise<{ held: HeldKey } | { answer: object }> {
    if (key.length > 128 || !/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(key)) {
      throw new Problem(
        400,
        'idempotency.key.malformed',
        'Idempotency-Key must be 1 to 128 printable ASCII characters.',
      );
    }
    const hash = createHash('sha256').update(JSON.stringify(body)).digest();
    const now = this.clock.now();
    const taken = await this.database.query(
      `INSERT INTO idempotency_key AS k (owner, key, body_hash, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (owner, key) DO UPDATE SET body_hash = excluded.body_hash, created_at = excluded.created_at, status = NULL, answer = NULL
         WHERE k.created_at < $5 OR (k.status IS NULL AND k.created_at < $6)
       RETURNING owner`,
      [owner, key, hash, now, new Date(now.getTime() - LIFE_MS), new Date(now.getTime() - ABANDONED_AFTER_MS)],
    );
    if (taken.length > 0) return { held: { owner, key, takenAt: now } };
    const [row] = await this.database.query<{ body_hash: Buffer; status: number | null; answer: object | null }>(
      'SELECT body_hash, status, answer FROM idempotency_key WHERE owner = $1 AND key = $2',
      [owner, key],
    );
    if (row && !row.body_hash.equals(hash)) {
      throw new Problem(
        409,
        'idempotency.key.reused',
        'This Idempotency-Key was used within 24 h for a request with another body.',
      );
    }
    if (row?.answer) return { answer: row.answer };
    throw inProgress();
  }

  /** In the transaction that does the work, so that answer and effect are kept or lost together. */
  async remember(sql: Sql, { owner, key, takenAt }: HeldKey, status: number, answer: object): Promise<void> {
    const kept = await sql.query(
      `UPDATE idempotency_key SET status = $3, answer = $4::json
       WHERE owner = $1 AND key = $2 AND created_at = $5 AND status IS NULL RETURNING key`,
      [owner, key, status, JSON.stringify(answer), takenAt],
    );
    if (kept.length === 0) throw inProgress();
  }

  /** The request was refused: the key may be used again. */
  async release({ owner, key, takenAt }: HeldKey): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_key WHERE owner = $1 AND key = $2 AND created_at = $3 AND status IS NULL',
      [owner, key, takenAt],
    );
  }

  async forgetOld(): Promise<void> {
    await this.database.query('DELETE FROM idempotency_key WHERE created_at < $1', [
      new Date(this.clock.now().getTime() - LIFE_MS),
    ]);
  }
}

function inProgress(): Problem {
  return new Problem(
    409,
    'idempotency.in_progress',
    'The request with this Idempotency-Key still runs; ask again in a moment.',
    undefined,
    { 'Retry-After': '1' },
  );
}
