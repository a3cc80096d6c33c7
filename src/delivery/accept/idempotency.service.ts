import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Refusable } from './refusable.js';

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

/** A key that is taken and answered in one transaction. */
export interface Claim extends HeldKey {
  readonly hash: Buffer;
  /** made by us, so that nobody can ask for its answer but we */
  readonly isInternal: boolean;
}

/** What the first request with the key was answered. */
export interface Remembered {
  readonly answer: object;
}

interface KeyRow {
  readonly owner: string;
  readonly key: string;
  readonly body_hash: Buffer;
  readonly answer: object | null;
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
  async begin(owner: string, key: string, body: unknown): Promise<{ held: HeldKey } | Remembered> {
    requireWellFormed(key);
    const takenAt = this.clock.now();
    const claim: Claim = { owner, key, hash: hashOf(body), takenAt, isInternal: false };
    const [state] = await this.claimAll(this.database, [claim]);
    if (state === undefined || state === 'new') return { held: { owner, key, takenAt } };
    if (state instanceof Problem) throw state;
    if ('answer' in state) return state;
    throw inProgress();
  }

  /** A key for {@link claimAll}. @throws Problem 400 for a malformed one */
  claim(owner: string, key: string, body: unknown): Claim {
    requireWellFormed(key);
    return { owner, key, hash: hashOf(body), takenAt: this.clock.now(), isInternal: false };
  }

  /** A key for a part of a request that has one itself; no caller can name it, since theirs have no line breaks. */
  partOf({ owner, key }: HeldKey, part: number, body: unknown): Claim {
    return { owner, key: `${key}\n${part}`, hash: hashOf(body), takenAt: this.clock.now(), isInternal: true };
  }

  /**
   * Takes those keys that are free: `new`. Else what became of the request that has the key, or the claim of this very call
   * that is the same. What carries no key is new.
   */
  async claimAll(
    sql: Sql,
    claims: readonly (Claim | undefined)[],
  ): Promise<readonly Refusable<'new' | Remembered | { readonly sameAs: number }>[]> {
    const first = new Map<string, number>();
    claims.forEach((claim, index) => {
      if (claim && !first.has(nameOf(claim))) first.set(nameOf(claim), index);
    });
    const taken = await this.insert(
      sql,
      claims.filter((claim, index): claim is Claim => claim !== undefined && first.get(nameOf(claim)) === index),
    );
    const others = claims.filter((claim): claim is Claim => claim !== undefined && !taken.has(nameOf(claim)));
    const known = await this.find(sql, others);
    return claims.map((claim, index) => {
      if (!claim) return 'new';
      if (!taken.has(nameOf(claim))) return judge(claim, known.get(nameOf(claim))) ?? inProgress();
      const sameAs = first.get(nameOf(claim)) ?? index;
      if (sameAs === index) return 'new';
      return claims[sameAs]?.hash.equals(claim.hash) ? { sameAs } : reused();
    });
  }

  /** What was answered under these keys already, without taking any. */
  async recallAll(claims: readonly (Claim | undefined)[]): Promise<readonly (Refusable<Remembered> | undefined)[]> {
    const known = await this.find(
      this.database,
      claims.filter((claim) => claim !== undefined),
    );
    return claims.map((claim) => {
      const row = claim && known.get(nameOf(claim));
      return claim && row?.answer ? judge(claim, row) : undefined;
    });
  }

  /** In the transaction that does the work, so that answer and effect are kept or lost together. */
  async rememberAll(sql: Sql, answers: readonly { key: HeldKey; answer: object }[]): Promise<void> {
    if (answers.length === 0) return;
    const kept = await sql.query(
      `UPDATE idempotency_key k SET status = 202, answer = a.answer::json
       FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[]) AS a (owner, key, taken_at, answer)
       WHERE k.owner = a.owner AND k.key = a.key AND k.created_at = a.taken_at AND k.status IS NULL RETURNING k.key`,
      [
        answers.map(({ key }) => key.owner),
        answers.map(({ key }) => key.key),
        answers.map(({ key }) => key.takenAt),
        answers.map(({ answer }) => JSON.stringify(answer)),
      ],
    );
    // Where several share a transaction, it is halved until the one whose key was taken over stands alone.
    if (kept.length < answers.length) throw inProgress();
  }

  async remember(key: HeldKey, answer: object): Promise<void> {
    await this.rememberAll(this.database, [{ key, answer }]);
  }

  /**
   * The request lives and goes on.
   *
   * @throws Problem 409 when it was held for dead and another one has its key
   */
  async keep({ owner, key, takenAt }: HeldKey): Promise<HeldKey> {
    const now = this.clock.now();
    const kept = await this.database.query(
      `UPDATE idempotency_key SET created_at = $4
       WHERE owner = $1 AND key = $2 AND created_at = $3 AND status IS NULL RETURNING key`,
      [owner, key, takenAt, now],
    );
    if (kept.length === 0) throw inProgress();
    return { owner, key, takenAt: now };
  }

  /** The request was refused: the key may be used again. */
  async release(held: HeldKey): Promise<void> {
    await this.drop(this.database, [held]);
  }

  async drop(sql: Sql, keys: readonly HeldKey[]): Promise<void> {
    if (keys.length === 0) return;
    await sql.query(
      `DELETE FROM idempotency_key k USING unnest($1::text[], $2::text[], $3::timestamptz[]) AS d (owner, key, taken_at)
       WHERE k.owner = d.owner AND k.key = d.key AND k.created_at = d.taken_at AND k.status IS NULL`,
      [keys.map(({ owner }) => owner), keys.map(({ key }) => key), keys.map(({ takenAt }) => takenAt)],
    );
  }

  async forgetOld(): Promise<void> {
    await this.database.query('DELETE FROM idempotency_key WHERE created_at < $1', [
      new Date(this.clock.now().getTime() - LIFE_MS),
    ]);
  }

  /** The names of those that are ours now. */
  private async insert(sql: Sql, claims: readonly Claim[]): Promise<ReadonlySet<string>> {
    if (claims.length === 0) return new Set();
    const now = this.clock.now();
    const rows = await sql.query<{ owner: string; key: string }>(
      `INSERT INTO idempotency_key AS k (owner, key, body_hash, created_at)
       SELECT owner, key, body_hash, created_at
       FROM unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[]) AS c (owner, key, body_hash, created_at)
       ORDER BY owner, key
       ON CONFLICT (owner, key) DO UPDATE SET body_hash = excluded.body_hash, created_at = excluded.created_at, status = NULL, answer = NULL
         WHERE k.created_at < $5 OR (k.status IS NULL AND k.created_at < $6)
       RETURNING owner, key`,
      [
        claims.map(({ owner }) => owner),
        claims.map(({ key }) => key),
        claims.map(({ hash }) => hash),
        claims.map(({ takenAt }) => takenAt),
        new Date(now.getTime() - LIFE_MS),
        new Date(now.getTime() - ABANDONED_AFTER_MS),
      ],
    );
    return new Set(rows.map(nameOf));
  }

  private async find(sql: Sql, claims: readonly Claim[]): Promise<ReadonlyMap<string, KeyRow>> {
    if (claims.length === 0) return new Map();
    const rows = await sql.query<KeyRow>(
      `SELECT k.owner, k.key, k.body_hash, k.answer FROM idempotency_key k
       JOIN (SELECT DISTINCT owner, key FROM unnest($1::text[], $2::text[]) AS n (owner, key)) AS n
         ON n.owner = k.owner AND n.key = k.key
       WHERE k.created_at >= $3`,
      [claims.map(({ owner }) => owner), claims.map(({ key }) => key), new Date(this.clock.now().getTime() - LIFE_MS)],
    );
    return new Map(rows.map((row) => [nameOf(row), row]));
  }
}

function judge(claim: Claim, row: KeyRow | undefined): Refusable<Remembered> | undefined {
  if (row && !row.body_hash.equals(claim.hash)) return reused();
  return row?.answer ? { answer: row.answer } : undefined;
}

function requireWellFormed(key: string): void {
  if (key.length <= 128 && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(key)) return;
  throw new Problem(400, 'idempotency.key.malformed', 'Idempotency-Key must be 1 to 128 printable ASCII characters.');
}

function hashOf(body: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(body)).digest();
}

function nameOf({ owner, key }: { readonly owner: string; readonly key: string }): string {
  return `${owner}\n${key}`;
}

function reused(): Problem {
  return new Problem(
    409,
    'idempotency.key.reused',
    'This Idempotency-Key was used within 24 h for a request with another body.',
  );
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
