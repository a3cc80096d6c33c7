import { Injectable } from '@nestjs/common';
import type { Held } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';

/** Whether an account may send at all just now. */
@Injectable()
export class AccountStanding {
  /** What keeps the account from sending, or undefined. Read from the database: the answer must not be a second old. */
  async obstacle(sql: Sql, accountId: string, now: Date): Promise<Held | undefined> {
    const [row] = await sql.query<{
      enabled: boolean;
      active: boolean;
      held_until: Date | null;
      held_reason: string | null;
      gateway_enabled: boolean;
      gateway_status: string;
      status_reason: string | null;
      deleted_at: Date | null;
    }>(
      `SELECT a.enabled, a.active, a.held_until, a.held_reason, g.enabled AS gateway_enabled, g.status AS gateway_status,
         g.status_reason, g.deleted_at
       FROM account a JOIN gateway g ON g.id = a.gateway_id WHERE a.id = $1`,
      [accountId],
    );
    if (!row || row.deleted_at) return { reason: 'gateway', detail: 'The gateway was deleted.' };
    if (row.gateway_status === 'parked') {
      return {
        reason: 'gateway',
        detail: `The gateway is parked: ${row.status_reason ?? 'no reason on record'}. It resumes when that is mended.`,
      };
    }
    if (!row.gateway_enabled)
      return { reason: 'gateway', detail: 'The gateway is disabled. It resumes when it is enabled.' };
    if (!row.active)
      return { reason: 'account', detail: 'The number is not active here. It resumes when it is subscribed again.' };
    if (!row.enabled) return { reason: 'account', detail: 'The account is disabled. It resumes when it is enabled.' };
    if (row.held_until && row.held_until > now) {
      return {
        reason: 'account',
        detail: row.held_reason ?? 'The network restricts this account.',
        until: row.held_until.toISOString(),
      };
    }
    return undefined;
  }

  async hold(sql: Sql, accountId: string, reason: string, until: Date): Promise<void> {
    await sql.query('UPDATE account SET held_until = $2, held_reason = $3 WHERE id = $1', [accountId, until, reason]);
  }
}
