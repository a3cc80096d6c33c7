import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { Rate } from './parse-rate-card.js';

export interface StoredRate extends Rate {
  readonly id: string;
}

@Injectable()
export class RateRepository {
  constructor(private readonly database: Database) {}

  /** A price for the same country, category, currency and day takes the place of the one before. */
  async put(rates: readonly Rate[], now: Date): Promise<void> {
    if (rates.length === 0) return;
    const rows = rates.map((rate) => ({ ...rate, id: newId(now) }));
    await this.database.query(
      `INSERT INTO rate (id, market, country, currency, category, price, valid_from)
       SELECT id, market, country, currency, category, price, "validFrom" FROM json_to_recordset($1::json)
         AS r (id uuid, market text, country text, currency text, category text, price numeric, "validFrom" date)
       ON CONFLICT ON CONSTRAINT rate_entry DO UPDATE SET market = excluded.market, price = excluded.price`,
      [JSON.stringify(rows)],
    );
  }

  page(limit: number, before: string | undefined): Promise<StoredRate[]> {
    return this.database.query(
      `SELECT id, market, country, currency, category, price, to_char(valid_from, 'YYYY-MM-DD') AS "validFrom"
       FROM rate WHERE ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $1`,
      [limit, before ?? null],
    );
  }
}
