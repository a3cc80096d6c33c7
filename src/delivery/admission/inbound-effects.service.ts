import { Injectable } from '@nestjs/common';
import type { Sql } from '../../platform/database/database.js';
import { TENTHS } from './account-pace.js';
import { AsideRepository } from './aside.repository.js';

/** A customer wrote. */
export interface CameIn {
  readonly accountId: string;
  readonly threadId: string;
  readonly opensWindow: boolean;
}

/** What messages of customers mean for those that want to go out: they count in the throughput, and they open windows. */
@Injectable()
export class InboundEffects {
  constructor(private readonly aside: AsideRepository) {}

  /** Gives back the accounts to wake after the commit. */
  async apply(sql: Sql, messages: readonly CameIn[], now: Date): Promise<ReadonlySet<string>> {
    if (messages.length === 0) return new Set();
    await this.count(sql, messages, now);
    const opened = messages.filter(({ opensWindow }) => opensWindow).map(({ threadId }) => threadId);
    return this.aside.opened(sql, [...new Set(opened)], now);
  }

  private async count(sql: Sql, messages: readonly CameIn[], now: Date): Promise<void> {
    const counts = new Map<string, number>();
    for (const { accountId } of messages) counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
    const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    await sql.query(
      `INSERT INTO inbound_pace AS p (account_id, tenth, counts)
       SELECT account_id, $3, ARRAY[count] FROM unnest($1::uuid[], $2::int[]) AS c (account_id, count)
       ON CONFLICT (account_id) DO UPDATE SET
         counts = CASE
           WHEN p.tenth >= $3 THEN (p.counts[1] + excluded.counts[1]) || p.counts[2:]
           WHEN p.tenth > $3 - ${TENTHS} THEN (excluded.counts || array_fill(0, ARRAY[($3 - p.tenth - 1)::int]) || p.counts)[:${TENTHS}]
           ELSE excluded.counts
         END,
         tenth = greatest(p.tenth, $3)`,
      [rows.map(([accountId]) => accountId), rows.map(([, count]) => count), Math.floor(now.getTime() / 100)],
    );
  }
}
