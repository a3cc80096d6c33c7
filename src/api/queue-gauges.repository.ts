import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

export interface QueueGauge {
  readonly queue: string;
  readonly depth: number;
  readonly age: number;
}

const AGE_OF = (since: string): string => `coalesce(extract(epoch FROM now() - min(${since})), 0)::float8 AS age`;

/** How much waits where, and for how long the oldest has waited. One statement per queue, so that each uses its own index. */
const STATEMENTS = [
  `SELECT 'inbox' AS queue, count(*)::int AS depth, ${AGE_OF('received_at')} FROM inbox_pending`,
  `SELECT 'events_' || state AS queue, count(*)::int AS depth, ${AGE_OF('created_at')} FROM event_delivery GROUP BY state`,
  `SELECT 'outbound_' || state AS queue, count(*)::int AS depth, ${AGE_OF('changed_at')} FROM outbound GROUP BY state`,
  `SELECT 'unhandled' AS queue, count(*)::int AS depth, ${AGE_OF('created_at')} FROM unhandled_event`,
];

@Injectable()
export class QueueGaugesRepository {
  constructor(private readonly database: Database) {}

  async read(): Promise<QueueGauge[]> {
    const gauges = await Promise.all(STATEMENTS.map((statement) => this.database.query<QueueGauge>(statement)));
    return gauges.flat();
  }
}
