import { Injectable } from '@nestjs/common';
import type { Sql } from '../../platform/database/database.js';
import { HeadsRepository } from './heads.repository.js';

/** A customer wrote. */
export interface CameIn {
  readonly accountId: string;
  readonly threadId: string;
  readonly opensWindow: boolean;
}

/** What messages of customers mean for those that want to go out: they count in the throughput, and they open windows. */
@Injectable()
export class InboundEffects {
  constructor(private readonly heads: HeadsRepository) {}

  /** Gives back the accounts to wake after the commit. */
  async apply(sql: Sql, messages: readonly CameIn[], now: Date): Promise<ReadonlySet<string>> {
    if (messages.length === 0) return new Set();
    await this.count(sql, messages, now);
    const opened = messages.filter(({ opensWindow }) => opensWindow).map(({ threadId }) => threadId);
    return this.heads.opened(sql, [...new Set(opened)], now);
  }

  private async count(sql: Sql, messages: readonly CameIn[], now: Date): Promise<void> {
    const counts = new Map<string, number>();
    for (const { accountId } of messages) counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
    const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    await sql.query(
      `INSERT INTO inbound_pace AS p (account_id, second, count, before)
       SELECT account_id, $3, count, 0 FROM unnest($1::uuid[], $2::int[]) AS c (account_id, count)
       ON CONFLICT (account_id) DO UPDATE SET
         before = CASE p.second WHEN $3 THEN p.before WHEN $3 - 1 THEN p.count ELSE 0 END,
         count = CASE p.second WHEN $3 THEN p.count ELSE 0 END + excluded.count,
         second = $3`,
      [rows.map(([accountId]) => accountId), rows.map(([, count]) => count), Math.floor(now.getTime() / 1_000)],
    );
  }
}
