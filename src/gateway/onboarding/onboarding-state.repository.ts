import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';

export interface OnboardingStateRow {
  readonly channel: string;
  readonly started_by: string;
  readonly origin: string;
  readonly expires_at: Date;
}

@Injectable()
export class OnboardingStateRepository {
  constructor(private readonly database: Database) {}

  async insert(hash: Buffer, gatewayId: string, row: OnboardingStateRow, now: Date): Promise<void> {
    await this.database.query('DELETE FROM onboarding_state WHERE expires_at < $1', [now]);
    await this.database.query(
      `INSERT INTO onboarding_state (hash, gateway_id, channel, started_by, origin, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [hash, gatewayId, row.channel, row.started_by, row.origin, row.expires_at],
    );
  }

  /** The row for exactly one of all who bring the state; it is gone then. */
  async take(hash: Buffer, gatewayId: string): Promise<OnboardingStateRow | undefined> {
    const [row] = await this.database.query<OnboardingStateRow>(
      `DELETE FROM onboarding_state WHERE hash = $1 AND gateway_id = $2
       RETURNING channel, started_by, origin, expires_at`,
      [hash, gatewayId],
    );
    return row;
  }
}
