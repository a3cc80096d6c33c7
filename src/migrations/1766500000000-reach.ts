import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a person can be written to at all, whether a conversation has several people in it, and files that travelled. */
export class Reach1766500000000 implements MigrationInterface {
  readonly name = 'Reach1766500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- The person blocked or left the account (is_lost), or not; when the network last said so, or the person last wrote.
      ALTER TABLE thread ADD COLUMN is_lost boolean NOT NULL DEFAULT false, ADD COLUMN reach_at timestamptz;

      -- The other side is several people: networks let less through to them.
      ALTER TABLE thread ADD COLUMN is_group boolean NOT NULL DEFAULT false;

      -- What the file was sent as, where it travelled with its message and the network's id of it is good for that alone.
      ALTER TABLE media_upload ADD COLUMN kind text NOT NULL DEFAULT '';
      DROP INDEX media_upload_file;
      CREATE UNIQUE INDEX media_upload_file ON media_upload (account_id, sha256, kind);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM media_upload WHERE kind <> '';
      ALTER TABLE media_upload DROP COLUMN kind;
      CREATE UNIQUE INDEX media_upload_file ON media_upload (account_id, sha256);
      ALTER TABLE thread DROP COLUMN is_group, DROP COLUMN reach_at, DROP COLUMN is_lost;
    `);
  }
}
