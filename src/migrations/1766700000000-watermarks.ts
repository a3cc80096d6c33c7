import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Networks that tell up to when messages were delivered or read, and people whose names are asked for. */
export class Watermarks1766700000000 implements MigrationInterface {
  readonly name = 'Watermarks1766700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- By the network's clock: everything that was sent to the person until then was delivered, or read.
      ALTER TABLE thread ADD COLUMN delivered_up_to timestamptz, ADD COLUMN read_up_to timestamptz;

      -- When the network was last asked who this is.
      ALTER TABLE contact ADD COLUMN profile_asked_at timestamptz;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE contact DROP COLUMN profile_asked_at;
      ALTER TABLE thread DROP COLUMN read_up_to, DROP COLUMN delivered_up_to;
    `);
  }
}
