import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import { storable } from '../gateway/storable.js';
import { Database, type Sql } from '../platform/database/database.js';

/** What is added to one row of the daily table. */
export interface DailyUse {
  readonly accountId: string;
  readonly day: string;
  readonly category: string;
  readonly type: string;
  readonly charged: boolean;
  readonly country: string;
  readonly rateCategory: string;
  readonly messages: number;
}

/** Where an account belongs, for counting. */
export interface CountedAccount {
  readonly id: string;
  readonly gatewayId: string;
  readonly channel: string;
  readonly groupDetails: JsonObject;
}

export const USAGE_PARTS = ['account', 'category', 'type', 'country', 'day'] as const;
export type UsagePart = (typeof USAGE_PARTS)[number];

export interface UsageFilter {
  /** null: all */
  readonly gateways: readonly string[] | null;
  /** days, both included */
  readonly from: string;
  readonly to: string;
}

export type UsageRow = Partial<Record<UsagePart, string>> & {
  readonly messages: string;
  readonly charged: string;
  /** charged ones for which the rate card has no price */
  readonly unpriced: string;
  readonly cost: string | null;
};

export interface MonthlyUse {
  readonly accountId: string;
  readonly address: string;
  readonly month: string;
  readonly messages: string;
}

const COLUMN: Readonly<Record<UsagePart, string>> = {
  account: 'a.address',
  category: 'u.category',
  type: 'u.type',
  country: 'u.country',
  day: `to_char(u.day, 'YYYY-MM-DD')`,
};

/** What a day's messages cost each: the country's own price before that of every other country, the newest one of that day. */
const PRICE = `LEFT JOIN LATERAL (
    SELECT r.price FROM rate r
    WHERE r.country IN (u.country, '*') AND r.category = u.rate_category AND r.currency = $4 AND r.valid_from <= u.day
    ORDER BY r.country = '*', r.valid_from DESC LIMIT 1
  ) p ON u.charged`;

@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  accounts(sql: Sql, ids: readonly string[]): Promise<CountedAccount[]> {
    return sql.query(
      `SELECT a.id, a.gateway_id AS "gatewayId", a.channel, g.details AS "groupDetails"
       FROM account a JOIN account_group g ON g.id = a.group_id WHERE a.id = ANY($1)`,
      [ids],
    );
  }

  /** Adds to the daily table; the rows are distinct. Sorted, so that two processes never wait for each other. */
  async add(sql: Sql, rows: readonly DailyUse[]): Promise<void> {
    if (rows.length === 0) return;
    await sql.query(
      `INSERT INTO usage_day (account_id, day, category, type, charged, country, rate_category, messages)
       SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::bigint[])
         AS d (account_id, day, category, type, charged, country, rate_category, messages)
       ORDER BY 1, 2, 3, 4, 5, 6
       ON CONFLICT ON CONSTRAINT usage_day_pkey DO UPDATE SET messages = usage_day.messages + excluded.messages`,
      [
        rows.map(({ accountId }) => accountId),
        rows.map(({ day }) => day),
        rows.map(({ category }) => storable(category)),
        rows.map(({ type }) => storable(type)),
        rows.map(({ charged }) => charged),
        rows.map(({ country }) => country),
        rows.map(({ rateCategory }) => storable(rateCategory)),
        rows.map(({ messages }) => messages),
      ],
    );
  }

  report({ gateways, from, to }: UsageFilter, parts: readonly UsagePart[], currency: string): Promise<UsageRow[]> {
    const columns = parts.map((part) => `${COLUMN[part]} AS "${part}"`);
    const places = parts.map((_, at) => at + 1).join(', ');
    return this.database.query(
      `SELECT ${columns.map((column) => `${column}, `).join('')} coalesce(sum(u.messages), 0) AS messages,
         coalesce(sum(u.messages) FILTER (WHERE u.charged), 0) AS charged,
         coalesce(sum(u.messages) FILTER (WHERE u.charged AND p.price IS NULL), 0) AS unpriced, sum(u.messages * p.price) AS cost
       FROM usage_day u JOIN account a ON a.id = u.account_id ${PRICE}
       WHERE u.day BETWEEN $1 AND $2 AND ($3::uuid[] IS NULL OR a.gateway_id = ANY($3))
       ${places && `GROUP BY ${places} ORDER BY ${places}`}`,
      [from, to, gateways, currency],
    );
  }

  /** Messages of one category and type, by account and month, of the months that the days touch. */
  monthly(
    { gateways, from, to }: UsageFilter,
    { channel, category, type, since }: { channel: string; category: string; type: string; since: string },
  ): Promise<MonthlyUse[]> {
    return this.database.query(
      `SELECT a.id AS "accountId", a.address, to_char(u.day, 'YYYY-MM') AS month, sum(u.messages) AS messages
       FROM usage_day u JOIN account a ON a.id = u.account_id
       WHERE u.day >= greatest(date_trunc('month', $1::date), $7::date)
         AND u.day < date_trunc('month', $2::date) + interval '1 month'
         AND ($3::uuid[] IS NULL OR a.gateway_id = ANY($3)) AND a.channel = $4 AND u.category = $5 AND u.type = $6
       GROUP BY 1, 2, 3 ORDER BY 2, 3, 1`,
      [from, to, gateways, channel, category, type, `${since}-01`],
    );
  }

  ofAccounts(ids: readonly string[]): Promise<CountedAccount[]> {
    return this.accounts(this.database, ids);
  }
}
