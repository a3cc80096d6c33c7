import { Injectable } from '@nestjs/common';
import type { Held } from '../dialog/message-status.js';
import type { Sql } from '../platform/database/database.js';

/** Whether an account may send at all just now. */
@Injectable()
export class AccountStanding {
  /** What keeps the account from sending, or undefined. Read from the database: the answer must not be a second old. */
  async obstacle(sql: Sql, accountId: string, _now: Date): Promise<Held | undefined> {
    const [row] = await sql.query<{
      enabled: boolean;
      active: boolean;
      gateway_enabled: boolean;
      gateway_status: string;
      status_reason: string | null;
      deleted_at: Date | null;
    }>(
      `SELECT a.enabled, a.active, g.enabled AS gateway_enabled, g.status AS gateway_status,
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
    return undefined;
  }

  async hold(sql: Sql, accountId: string, reason: string, until: Date): Promise<void> {
    await sql.query('SELECT $1::uuid, $2::timestamptz, $3::text', [accountId, until, reason]);
  }
}
