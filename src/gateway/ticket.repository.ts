import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

@Injectable()
export class TicketRepository {
  constructor(private readonly database: Database) {}

  async insert(hash: Buffer, gatewayId: string, expiresAt: Date, now: Date): Promise<void> {
    await this.database.query('DELETE FROM ticket WHERE expires_at < $1', [now]);
    await this.database.query('INSERT INTO ticket (hash, gateway_id, expires_at) VALUES ($1, $2, $3)', [
      hash,
      gatewayId,
      expiresAt,
    ]);
  }

  /** True for exactly one of all who present the ticket in time. */
  async use(hash: Buffer, gatewayId: string, now: Date): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE ticket SET used_at = $3
       WHERE hash = $1 AND gateway_id = $2 AND used_at IS NULL AND expires_at > $3 RETURNING gateway_id`,
      [hash, gatewayId, now],
    );
    return rows.length > 0;
  }
}
