import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../../platform/database/database.js';
import { type ClassRank, classOfRank } from '../message-class.js';

/** Which messages; what is undefined does not matter. */
export interface BulkFilter {
  /** null: every gateway */
  readonly gatewayIds: readonly string[] | null;
  readonly accountIds?: readonly string[];
  readonly class?: ClassRank;
  readonly dialogId?: string;
  /** digits */
  readonly phone?: string;
  readonly template?: string;
  readonly since?: Date;
  readonly until?: Date;
}

const OPEN = `o.state NOT IN ('sending', 'doubt')`;

/** Finds messages by what they have in common, some at a time. */
@Injectable()
export class BulkRepository {
  constructor(private readonly database: Database) {}

  /** Messages that have not left, the oldest first. */
  async open(filter: BulkFilter, limit: number): Promise<readonly string[]> {
    const { where, parameters } = conditionsOf(filter, 'o.class', (rank) => rank);
    const rows = await this.database.query<{ id: string }>(
      `SELECT m.id FROM outbound o JOIN message m ON m.id = o.message_id
       WHERE ${[OPEN, ...where].join(' AND ')} ORDER BY o.seq LIMIT ${limit}`,
      parameters,
    );
    return rows.map(({ id }) => id);
  }

  async countOpen(filter: BulkFilter): Promise<number> {
    const { where, parameters } = conditionsOf(filter, 'o.class', (rank) => rank);
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM outbound o JOIN message m ON m.id = o.message_id WHERE ${[OPEN, ...where].join(' AND ')}`,
      parameters,
    );
    return row?.count ?? 0;
  }

  /** Failed messages that there is still an account for, in the order of their ids. `code` is ours or the network's. */
  async failed(
    sql: Sql,
    filter: BulkFilter,
    { code, after, limit }: { code: string; after: string | null; limit: number },
  ): Promise<readonly string[]> {
    const { where, parameters } = conditionsOf(filter, 'm.class', classOfRank);
    if (after !== null) {
      parameters.push(after);
      where.push(`m.id > $${parameters.length}`);
    }
    parameters.push(code);
    const rows = await sql.query<{ id: string }>(
      `SELECT m.id FROM message m
       WHERE m.direction = 'out' AND m.status = 'failed'
         AND (m.error->>'code' = $${parameters.length} OR m.error->'provider'->>'code' = $${parameters.length})
         AND EXISTS (SELECT FROM account a JOIN gateway g ON g.id = a.gateway_id WHERE a.id = m.account_id AND g.deleted_at IS NULL)
         ${where.map((condition) => `AND ${condition}`).join(' ')} ORDER BY m.id LIMIT ${limit}`,
      parameters,
    );
    return rows.map(({ id }) => id);
  }
}

function conditionsOf(filter: BulkFilter, classColumn: string, classValue: (rank: ClassRank) => unknown) {
  const where: string[] = [];
  const parameters: unknown[] = [];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    parameters.push(value);
    where.push(condition.replaceAll('?', `$${parameters.length}`));
  };
  add('m.gateway_id = ANY(?)', filter.gatewayIds);
  add('m.account_id = ANY(?)', filter.accountIds);
  add(`${classColumn} = ?`, filter.class === undefined ? undefined : classValue(filter.class));
  add('m.dialog_id = ?', filter.dialogId);
  add(
    `m.contact_id IN (SELECT contact_id FROM contact_identity WHERE kind = 'phone' AND value = ? AND replaced_at IS NULL)`,
    filter.phone,
  );
  add(`CASE m.part WHEN 'fallback' THEN m.fallback ELSE m.content END->>'name' = ?`, filter.template);
  add('m.created_at >= ?', filter.since);
  add('m.created_at < ?', filter.until);
  return { where, parameters };
}
