import { Injectable } from '@nestjs/common';
import type { Price } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';

/** A message that was delivered, or read, for the first time. */
export interface Arrival {
  readonly messageId: string;
  readonly accountId: string;
  readonly at: Date;
  /** digits */
  readonly phone?: string;
  readonly userId?: string;
  readonly price?: Price;
}

/** Hands what arrived from the receipts to whoever counts it, in one narrow insert and outside of what makes receipts slow. */
@Injectable()
export class ArrivalRepository {
  async add(sql: Sql, arrivals: readonly Arrival[]): Promise<void> {
    if (arrivals.length === 0) return;
    await sql.query(
      `INSERT INTO arrival (message_id, account_id, at, phone, user_id, price)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::json[])
       ON CONFLICT (message_id) DO NOTHING`,
      [
        arrivals.map(({ messageId }) => messageId),
        arrivals.map(({ accountId }) => accountId),
        arrivals.map(({ at }) => at),
        arrivals.map(({ phone }) => phone ?? null),
        arrivals.map(({ userId }) => userId ?? null),
        arrivals.map(({ price }) => (price ? JSON.stringify(price) : null)),
      ],
    );
  }

  /** Takes some; they are gone with the transaction, and nobody else gets them meanwhile. */
  async take(sql: Sql, limit: number): Promise<readonly Arrival[]> {
    const rows = await sql.query<{
      message_id: string;
      account_id: string;
      at: Date;
      phone: string | null;
      user_id: string | null;
      price: Price | null;
    }>(
      `DELETE FROM arrival WHERE message_id IN (SELECT message_id FROM arrival LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING message_id, account_id, at, phone, user_id, price`,
      [limit],
    );
    return rows.map((row) => ({
      messageId: row.message_id,
      accountId: row.account_id,
      at: row.at,
      ...(row.phone !== null && { phone: row.phone }),
      ...(row.user_id !== null && { userId: row.user_id }),
      ...(row.price && { price: row.price }),
    }));
  }
}
