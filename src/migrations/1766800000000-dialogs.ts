import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dialogs that operators take over and that end by themselves; the log of events that streams are read from. */
export class Dialogs1766800000000 implements MigrationInterface {
  readonly name = 'Dialogs1766800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- The operator who took it over, until then or until it is released; how it ended; when to look whether it has become idle.
      ALTER TABLE dialog
        ADD COLUMN assigned_to text, ADD COLUMN assigned_at timestamptz, ADD COLUMN assigned_until timestamptz,
        ADD COLUMN close_reason text, ADD COLUMN idle_check_at timestamptz;
      CREATE INDEX dialog_idle ON dialog (idle_check_at) WHERE closed_at IS NULL AND idle_check_at IS NOT NULL;
      CREATE INDEX dialog_unwatched ON dialog (gateway_id) WHERE closed_at IS NULL AND idle_check_at IS NULL;

      -- What streams want: a filter that somebody opened a stream with, kept as long as events are kept after it was last used.
      -- since: what was logged for it is whole behind that position.
      CREATE TABLE stream_interest (
        id text PRIMARY KEY,
        gateways uuid[],
        types text[] NOT NULL,
        since bigint NOT NULL,
        seen_at timestamptz NOT NULL
      );

      -- Events for streams, as they are written, in the transactions that make them true.
      CREATE SEQUENCE stream_pending_seq AS bigint CACHE 1;
      CREATE TABLE stream_pending (
        seq bigint PRIMARY KEY DEFAULT nextval('stream_pending_seq'),
        event_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        gateway_id uuid NOT NULL,
        type text NOT NULL
      );

      -- The same with their positions, which are given one transaction at a time: a later commit has a later position.
      CREATE TABLE stream_event (
        position bigint PRIMARY KEY,
        event_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        gateway_id uuid NOT NULL,
        type text NOT NULL
      );

      -- One row: the last position that was given, and the last one of what is no longer kept.
      CREATE TABLE stream_head (
        id boolean PRIMARY KEY,
        position bigint NOT NULL,
        purged bigint NOT NULL
      );
      INSERT INTO stream_head VALUES (true, 0, 0);

      ALTER TABLE stream_pending SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
      ALTER TABLE stream_head SET (fillfactor = 50);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE stream_head;
      DROP TABLE stream_event;
      DROP TABLE stream_pending;
      DROP SEQUENCE stream_pending_seq;
      DROP TABLE stream_interest;
      DROP INDEX dialog_unwatched;
      DROP INDEX dialog_idle;
      ALTER TABLE dialog DROP COLUMN idle_check_at, DROP COLUMN close_reason,
        DROP COLUMN assigned_until, DROP COLUMN assigned_at, DROP COLUMN assigned_to;
    `);
  }
}
