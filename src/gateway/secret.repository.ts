import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** A column that holds secrets, of one row. */
export interface SecretHolder {
  readonly table: 'gateway' | 'account' | 'webhook';
  readonly column: 'metadata' | 'bot' | 'secret' | 'credential' | 'pin';
  readonly id: string;
  readonly value: unknown;
}

@Injectable()
export class SecretRepository {
  constructor(private readonly database: Database) {}

  async holders(): Promise<SecretHolder[]> {
    return this.database.query(
      `SELECT 'gateway' AS table, 'metadata' AS column, id, metadata AS value FROM gateway WHERE deleted_at IS NULL
       UNION ALL SELECT 'gateway', 'bot', id, bot FROM gateway WHERE bot IS NOT NULL
       UNION ALL SELECT 'account', 'bot', id, bot FROM account WHERE bot IS NOT NULL
       UNION ALL SELECT 'account', 'credential', id, credential FROM account WHERE credential IS NOT NULL
       UNION ALL SELECT 'account', 'pin', id, pin FROM account WHERE pin IS NOT NULL
       UNION ALL SELECT 'webhook', 'secret', id, secret FROM webhook`,
    );
  }

  /** False when the value was changed meanwhile: whoever did that wrote it under the current key. */
  async replace({ table, column, id, value }: SecretHolder, renewed: unknown): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE ${table} SET ${column} = $2 WHERE id = $1 AND ${column} = $3::jsonb RETURNING id`,
      [id, JSON.stringify(renewed), JSON.stringify(value)],
    );
    return rows.length > 0;
  }
}
