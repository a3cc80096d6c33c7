import type { ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { StatementNames } from './prepared-statements.js';
import { type Row, type Spoken, run, speak, unlessSilent } from './statement.js';

/** Deadlock detected, serialization failure. */
const RETRYABLE_STATES = new Set(['40P01', '40001']);
const MAX_ATTEMPTS = 5;

const COMMIT = speak('COMMIT', '', []);
const ROLLBACK = speak('ROLLBACK', '', []);

/**
 * A statement that is prepared from its first use on. The others are when they turn out to recur often: of a statement that runs
 * hundreds of times a second, planning it costs as much as running it.
 */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** Something SQL can be said to: the pool, or one transaction. */
export interface Sql {
  query<Row = Record<string, unknown>>(sql: string | Prepared, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * The one door to PostgreSQL. Repositories speak SQL through it; the few statements that matter for speed are set-based and
 * written by hand, and TypeORM keeps the connection, the migrations and the entities that describe the tables.
 */
export class Database implements Sql {
  private readonly names = new StatementNames();

  /** @param silenceMs how long an answer is waited for; absent: for ever */
  constructor(
    readonly dataSource: DataSource,
    private readonly silenceMs?: number,
  ) {}

  async query<Row = Record<string, unknown>>(
    sql: string | Prepared,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    const spoken = this.speak(sql, parameters);
    return this.withClient(async (client) => {
      try {
        return (await this.run(client, spoken)) as Row[];
      } catch (error) {
        if (!isStale(error)) throw error;
        return (await this.run(client, spoken)) as Row[];
      }
    });
  }

  /**
   * Commits what `work` did, or rolls all of it back when it throws. Work that met a deadlock is done again: it must have no
   * effect but in the database.
   */
  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(work);
      } catch (error) {
        const isRetryable = RETRYABLE_STATES.has(sqlStateOf(error) ?? '') || isStale(error);
        if (attempt >= MAX_ATTEMPTS || !isRetryable) throw error;
      }
    }
  }

  /** Several readings of one and the same moment. */
  async snapshot<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.once(work, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  }

  /**
   * Runs `work` while a lock is held that only one connection of the whole installation can hold; it goes with its connection.
   * False when another one has it.
   */
  async withLock(namespace: number, name: string, work: () => Promise<void>): Promise<boolean> {
    return this.withClient(async (client) => {
      const [lock] = await this.run(
        client,
        this.speak('SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken', [namespace, name]),
      );
      if (!lock?.['taken']) return false;
      try {
        await work();
        return true;
      } finally {
        await this.run(client, this.speak('SELECT pg_advisory_unlock($1, hashtext($2))', [namespace, name]));
      }
    });
  }

  /** The transaction begins with its first statement, in the same write; one without statements never does. */
  private async once<T>(work: (sql: Sql) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    return this.withClient(async (client) => {
      let isBegun = false;
      const query = async <Row>(sql: string | Prepared, parameters: readonly unknown[] = []): Promise<Row[]> => {
        const spoken = this.speak(sql, parameters);
        const before = isBegun ? undefined : begin;
        isBegun = true;
        return (await this.run(client, spoken, before)) as Row[];
      };
      try {
        const result = await work({ query });
        if (isBegun) await this.run(client, COMMIT);
        return result;
      } catch (error) {
        // A broken connection cannot roll back, and need not: the server already did.
        if (isBegun) {
          await this.run(client, ROLLBACK).catch((rollbackError: unknown) => {
            Object.assign(error instanceof Error ? error : {}, { rollbackError });
          });
        }
        throw error;
      }
    });
  }

  private run(client: ClientBase, spoken: Spoken, before?: string): Promise<Row[]> {
    return unlessSilent(client, this.silenceMs, () => run(client, spoken, before));
  }

  private speak(sql: string | Prepared, parameters: readonly unknown[]): Spoken {
    if (typeof sql !== 'string') return speak(sql.text, sql.name, parameters);
    return speak(sql, parameters.length === 0 ? '' : this.names.nameOf(sql, performance.now()), parameters);
  }

  /** A connection of TypeORM's pool; what is said on it goes past TypeORM, which only looks after it. */
  private async withClient<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    const runner: QueryRunner = this.dataSource.createQueryRunner();
    try {
      return await work((await runner.connect()) as ClientBase);
    } finally {
      await runner.release();
    }
  }
}

/**
 * What was prepared is of no use any more, because another process changed a table, or somebody between us and PostgreSQL
 * changed the connection. It was not carried out, and is parsed again the next time.
 */
function isStale(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '26000' || (state === '0A000' && fieldOf(error, 'routine') === 'RevalidateCachedQuery');
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  // of a socket in the file system: it is gone with its server, or too many wait at it
  'ENOENT',
  'EAGAIN',
  // cancelled: it took too long
  '57014',
  // a transaction in which nothing was said for too long
  '25P03',
  '57P01',
  '57P02',
  '57P03',
]);

const CONNECTION_MESSAGES =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/i;

/**
 * True when the database could not be reached, went away, or has no room (classes 08, 53, 58: too many connections, disk full):
 * the statement may or may not have been carried out, and it is no fault of what was in it.
 */
export function isConnectionError(error: unknown): boolean {
  const code = fieldOf(error, 'code') ?? '';
  if (CONNECTION_CODES.has(code) || /^(08|53|58)[0-9A-Z]{3}$/.test(code)) return true;
  return CONNECTION_MESSAGES.test(fieldOf(error, 'message') ?? '');
}

/** SQLSTATE of a database error, e.g. `23505` for a unique violation. */
export function sqlStateOf(error: unknown): string | undefined {
  return fieldOf(error, 'code');
}

export function constraintOf(error: unknown): string | undefined {
  return fieldOf(error, 'constraint');
}

/** TypeORM wraps the driver's error; either may carry the field. No `instanceof`: errors may come from another realm. */
function fieldOf(error: unknown, name: 'code' | 'message' | 'constraint' | 'routine'): string | undefined {
  const holder = error as Record<string, unknown> | null | undefined;
  const own = holder?.[name] ?? (holder?.['driverError'] as Record<string, unknown> | undefined)?.[name];
  return typeof own === 'string' ? own : undefined;
}
