import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import type { Config } from '../../platform/config/config.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { CONFIG } from '../../platform/platform.tokens.js';
import { STREAM_CHANGES } from '../../platform/outbox/outbox.js';

/** What a stream is wanted for. */
export interface StreamFilter {
  /** ids, each once; null: all gateways, also later ones */
  readonly gateways: readonly string[] | null;
  /** names, or `*` for all */
  readonly types: readonly string[];
}

const DAY_MS = 24 * 60 * 60_000;

/** The filters that streams were opened with, and still stand: for as long as events are kept after they were last used. */
@Injectable()
export class StreamInterestRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'retentionEventsDays'>,
  ) {}

  standing(): Promise<readonly StreamFilter[]> {
    return this.database.query('SELECT gateways, types FROM stream_interest WHERE seen_at > $1', [this.oldest()]);
  }

  /** Whether everything that the filter wants was logged behind this position. */
  async covers({ gateways, types }: StreamFilter, position: number): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM stream_interest WHERE seen_at > $1 AND since <= $2 AND (types @> ARRAY['*'] OR types @> $3::text[])
         AND (gateways IS NULL OR ($4::uuid[] IS NOT NULL AND gateways @> $4::uuid[])) LIMIT 1`,
      [this.oldest(), position, types, gateways],
    );
    return rows.length > 0;
  }

  /**
   * From its commit on, what the filter wants is logged. True when that is news. It stands from a position of its own on: whoever
   * was at an earlier one may have missed what nobody wanted by then, also when that left no trace in the log.
   */
  async note(filter: StreamFilter): Promise<boolean> {
    const now = this.clock.now();
    return this.database.transaction(async (sql) => {
      const known = await sql.query(
        'UPDATE stream_interest SET seen_at = $2 WHERE id = $1 AND seen_at > $3 RETURNING id',
        [idOf(filter), now, this.oldest()],
      );
      if (known.length > 0) return false;
      await sql.query(
        `WITH begun AS (UPDATE stream_head SET position = position + 1 RETURNING position)
         INSERT INTO stream_interest (id, gateways, types, since, seen_at)
         SELECT $1, $2::uuid[], $3::text[], position, $4 FROM begun
         ON CONFLICT (id) DO UPDATE SET since = excluded.since, seen_at = excluded.seen_at`,
        [idOf(filter), filter.gateways, filter.types, now],
      );
      await notifyChanged(sql);
      return true;
    });
  }

  private oldest(): Date {
    return new Date(this.clock.now().getTime() - this.config.retentionEventsDays * DAY_MS);
  }
}

function idOf({ gateways, types }: StreamFilter): string {
  const sorted = [...new Set(types)].toSorted().join(',');
  return `${sorted}|${gateways === null ? '*' : [...new Set(gateways)].toSorted().join(',')}`;
}

async function notifyChanged(sql: Sql): Promise<void> {
  await sql.query('SELECT pg_notify($1, $2)', [STREAM_CHANGES, '*']);
}
