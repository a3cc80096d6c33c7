import type { Socket } from 'node:net';
import type { ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';

/** Deadlock detected, serialization failure. */
const RETRYABLE_STATES = new Set(['40P01', '40001']);
const MAX_ATTEMPTS = 5;

/**
 * A statement that PostgreSQL parses and plans once per connection. For the few that run hundreds of times a second: planning
 * them costs as much as running them. It must name its columns: a `*` breaks in a process that runs on while another one
 * migrates.
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
  constructor(readonly dataSource: DataSource) {}

  async query<Row = Record<string, unknown>>(
    sql: string | Prepared,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.withRunner((runner) => run<Row>(runner, sql, parameters));
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
        if (attempt >= MAX_ATTEMPTS || !RETRYABLE_STATES.has(sqlStateOf(error) ?? '')) throw error;
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
    return this.withRunner(async (runner) => {
      const [lock] = await run<{ taken: boolean }>(runner, 'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken', [
        namespace,
        name,
      ]);
      if (!lock?.taken) return false;
      try {
        await work();
        return true;
      } finally {
        await run(runner, 'SELECT pg_advisory_unlock($1, hashtext($2))', [namespace, name]);
      }
    });
  }

  private async once<T>(work: (sql: Sql) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    return this.withRunner(async (runner) => {
      await run(runner, begin, []);
      try {
        const result = await work({ query: (sql, parameters = []) => run(runner, sql, parameters) });
        await run(runner, 'COMMIT', []);
        return result;
      } catch (error) {
        // A broken connection cannot roll back, and need not: the server already did.
        await runner.query('ROLLBACK').catch((rollbackError: unknown) => {
          Object.assign(error instanceof Error ? error : {}, { rollbackError });
        });
        throw error;
      }
    });
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }
}

async function run<Row>(runner: QueryRunner, sql: string | Prepared, parameters: readonly unknown[]): Promise<Row[]> {
  try {
    return await ask<Row>(runner, sql, parameters);
  } catch (error) {
    if (SILENCE.test(fieldOf(error, 'message') ?? '')) await hangUp(runner);
    throw error;
  }
}

/** The driver gives up waiting, but its connection still does: nothing else must be said on it, not even ROLLBACK. */
async function hangUp(runner: QueryRunner): Promise<void> {
  const { connection } = (await runner.connect()) as { connection: { stream: Socket } };
  connection.stream.destroy();
}

async function ask<Row>(runner: QueryRunner, sql: string | Prepared, parameters: readonly unknown[]): Promise<Row[]> {
  if (typeof sql !== 'string') {
    // TypeORM has no way to say this; its runner hands out the driver's own connection.
    const connection = (await runner.connect()) as Pick<ClientBase, 'query'>;
    const { rows } = await connection.query({ ...sql, values: [...parameters] });
    return rows as Row[];
  }
  const result = await runner.query(sql, parameters as unknown[], true);
  return (result.records ?? []) as Row[];
}

/** What the driver says when it has waited for an answer for too long. */
const SILENCE = /^Query read timeout$/;

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  // cancelled: it took too long
  '57014',
  '57P01',
  '57P02',
  '57P03',
]);

const CONNECTION_MESSAGES =
  /Connection terminated|Query read timeout|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/i;

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
function fieldOf(error: unknown, name: 'code' | 'message' | 'constraint'): string | undefined {
  const holder = error as Record<string, unknown> | null | undefined;
  const own = holder?.[name] ?? (holder?.['driverError'] as Record<string, unknown> | undefined)?.[name];
  return typeof own === 'string' ? own : undefined;
}
