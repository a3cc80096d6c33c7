import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** Something about a gateway that a person should look at. The detail is a sentence for them, without secrets. */
export interface Warning {
  readonly gatewayId: string;
  /** stable, e.g. `receipts.missing` */
  readonly code: string;
  /** whom of the gateway it is about, e.g. an account's address; absent: the gateway itself */
  readonly subject?: string;
  /** the same warning with another level is worth another word */
  readonly level?: string;
  readonly detail: string;
  /** it ends by itself; absent: when it is cleared */
  readonly until?: Date;
}

export type WarningKey = Pick<Warning, 'gatewayId' | 'code' | 'subject'>;

@Injectable()
export class WarningsRepository {
  constructor(private readonly database: Database) {}

  /** True for one caller alone when it is new, has another level, or had ended. */
  async raise(warning: Warning, now: Date): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO gateway_warning AS w (gateway_id, code, subject, level, detail, raised_at, until)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (gateway_id, code, subject) DO UPDATE
         SET level = excluded.level, detail = excluded.detail, raised_at = excluded.raised_at, until = excluded.until
         WHERE w.level <> excluded.level OR w.until <= $6
       RETURNING 1`,
      [
        warning.gatewayId,
        warning.code,
        warning.subject ?? '',
        warning.level ?? '',
        warning.detail,
        now,
        warning.until ?? null,
      ],
    );
    return rows.length > 0;
  }

  /** True for one caller alone, when there was such a warning. */
  async clear({ gatewayId, code, subject }: WarningKey): Promise<boolean> {
    const rows = await this.database.query(
      'DELETE FROM gateway_warning WHERE gateway_id = $1 AND code = $2 AND subject = $3 RETURNING 1',
      [gatewayId, code, subject ?? ''],
    );
    return rows.length > 0;
  }

  /** Those in force, oldest first; of all gateways, or of some. */
  async active(now: Date, gatewayIds: readonly string[] | null = null): Promise<readonly Required<WarningRow>[]> {
    return this.database.query(
      `SELECT w.gateway_id, w.code, w.subject, w.detail FROM gateway_warning w
       WHERE (w.until IS NULL OR w.until > $1) AND ($2::uuid[] IS NULL OR w.gateway_id = ANY ($2)) ORDER BY w.raised_at`,
      [now, gatewayIds],
    );
  }

  /** Those whose time is over, and those of gateways that were deleted. */
  async forgetOld(now: Date): Promise<void> {
    await this.database.query(
      `DELETE FROM gateway_warning w WHERE w.until <= $1
         OR NOT EXISTS (SELECT 1 FROM gateway g WHERE g.id = w.gateway_id AND g.deleted_at IS NULL)`,
      [now],
    );
  }
}

export interface WarningRow {
  readonly gateway_id: string;
  readonly code: string;
  readonly subject: string;
  readonly detail: string;
}
