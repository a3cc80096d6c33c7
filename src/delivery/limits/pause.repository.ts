import { Injectable } from '@nestjs/common';
import type { Sql } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';
import type { ClassRank } from '../message-class.js';

/** What a pause stops; null means all of them. A pause of an account names its gateway as well. */
export interface PauseScope {
  readonly gatewayId: string | null;
  readonly accountId: string | null;
  readonly class: ClassRank | null;
}

export interface Pause extends PauseScope {
  readonly id: string;
  readonly reason: string;
  readonly since: Date;
  /** null: until somebody resumes */
  readonly until: Date | null;
}

const COLUMNS = 'id, gateway_id AS "gatewayId", account_id AS "accountId", class, reason, since, until';

/** The stop switch. */
@Injectable()
export class PauseRepository {
  /** What stops messages of this account, the widest first. */
  inForce(sql: Sql, gatewayId: string, accountId: string, now: Date): Promise<Pause[]> {
    return sql.query(
      `SELECT ${COLUMNS} FROM pause
       WHERE (until IS NULL OR until > $3) AND (gateway_id IS NULL OR gateway_id = $1) AND (account_id IS NULL OR account_id = $2)
       ORDER BY class NULLS FIRST, until DESC NULLS FIRST, id`,
      [gatewayId, accountId, now],
    );
  }

  /** All of them, the widest first. */
  all(sql: Sql, now: Date): Promise<Pause[]> {
    return sql.query(
      `SELECT ${COLUMNS} FROM pause WHERE until IS NULL OR until > $1
       ORDER BY class NULLS FIRST, until DESC NULLS FIRST, id`,
      [now],
    );
  }

  /** In place of an earlier pause of exactly the same. */
  async put(sql: Sql, pause: PauseScope & Pick<Pause, 'reason' | 'until'>, now: Date): Promise<void> {
    const { gatewayId, accountId, class: rank, reason, until } = pause;
    await sql.query(
      `DELETE FROM pause WHERE gateway_id IS NOT DISTINCT FROM $1::uuid AND account_id IS NOT DISTINCT FROM $2::uuid
         AND class IS NOT DISTINCT FROM $3::smallint`,
      [gatewayId, accountId, rank],
    );
    await sql.query(
      'INSERT INTO pause (id, gateway_id, account_id, class, reason, since, until) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [newId(now), gatewayId, accountId, rank, reason, now, until],
    );
  }

  /** Ends every pause within the scope. */
  async end(sql: Sql, { gatewayId, accountId, class: rank }: PauseScope): Promise<void> {
    await sql.query(
      `DELETE FROM pause WHERE ($1::uuid IS NULL OR gateway_id = $1) AND ($2::uuid IS NULL OR account_id = $2)
         AND ($3::smallint IS NULL OR class = $3)`,
      [gatewayId, accountId, rank],
    );
  }
}
