import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A message's timeline lies in its own row: one write per receipt instead of two, and none of them into an index. Its format is
 * that of `timeline.ts`: per entry a line feed, the key, a tab, and status, time and detail.
 */
export class Timeline1765600000000 implements MigrationInterface {
  readonly name = 'Timeline1765600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE message ADD COLUMN timeline text NOT NULL DEFAULT '';
      UPDATE message m SET timeline = t.lines FROM (
        SELECT message_id, message_created_at, string_agg(line, '' ORDER BY recorded_at, at) AS lines FROM (
          SELECT message_id, message_created_at, recorded_at, at, ${lineOf('key', 'status', 'at', 'detail')} AS line
          FROM message_timeline
          UNION ALL
          SELECT a.message_id, m.created_at, coalesce(a.settled_at, a.created_at), coalesce(a.settled_at, a.created_at),
            ${lineOf(`'accepted#' || a.id`, `'accepted'`, 'coalesce(a.settled_at, a.created_at)', `json_build_object('attempt', a.id, 'providerId', a.provider_id)`)}
          FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.provider_id IS NOT NULL
        ) AS l GROUP BY message_id, message_created_at
      ) AS t
      WHERE m.id = t.message_id AND m.created_at = t.message_created_at;
      DROP TABLE message_timeline;
      ALTER TABLE attempt DROP COLUMN provider_id;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE attempt ADD COLUMN provider_id text;
      CREATE TABLE message_timeline (
        message_id uuid NOT NULL,
        message_created_at timestamptz NOT NULL,
        key text NOT NULL,
        status text NOT NULL,
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        detail json,
        PRIMARY KEY (message_id, key, message_created_at)
      ) PARTITION BY RANGE (message_created_at);
      CREATE TABLE message_timeline_default PARTITION OF message_timeline DEFAULT;
      INSERT INTO message_timeline (message_id, message_created_at, key, status, at, recorded_at, detail)
      SELECT id, created_at, key, entry->>'status', at, at, entry->'detail' FROM (
        SELECT m.id, m.created_at, split_part(line, chr(9), 1)::json #>> '{}' AS key, e.entry,
          to_timestamp((e.entry->>'at')::float8 / 1000) AS at
        FROM message m, unnest(string_to_array(substr(m.timeline, 2), chr(10))) AS line,
          LATERAL (SELECT split_part(line, chr(9), 2)::json AS entry) AS e
        WHERE m.timeline <> ''
      ) AS l;
      UPDATE attempt a SET provider_id = t.detail->>'providerId' FROM message_timeline t
      WHERE t.message_id = a.message_id AND t.key = 'accepted#' || a.id;
      DELETE FROM message_timeline WHERE status = 'accepted';
      ALTER TABLE message DROP COLUMN timeline;
    `);
  }
}

function lineOf(key: string, status: string, at: string, detail: string): string {
  return `chr(10) || to_json(${key})::text || chr(9) || json_strip_nulls(json_build_object('status', ${status},
    'at', round(extract(epoch FROM ${at}) * 1000)::bigint, 'detail', ${detail}))::text`;
}
