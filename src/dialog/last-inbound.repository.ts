import { Injectable } from '@nestjs/common';
import type { Sql } from '../platform/database/database.js';

/** The newest message that a person wrote on a thread. */
export interface LastInbound {
  readonly id: string;
  readonly providerId: string;
  readonly occurredAt: Date;
}

@Injectable()
export class LastInboundRepository {
  /** Notices of the network are nothing that a person could see to be read. */
  async of(sql: Sql, threadId: string): Promise<LastInbound | undefined> {
    const [row] = await sql.query<LastInbound>(
      `SELECT m.id, m.provider_id AS "providerId", m.occurred_at AS "occurredAt"
       FROM dialog d CROSS JOIN LATERAL (
         SELECT id, provider_id, occurred_at FROM message
         WHERE dialog_id = d.id AND direction = 'in' AND provider_id IS NOT NULL AND content ->> 'type' <> 'system'
         ORDER BY id DESC LIMIT 1
       ) AS m
       WHERE d.thread_id = $1 ORDER BY m.id DESC LIMIT 1`,
      [threadId],
    );
    return row;
  }
}
