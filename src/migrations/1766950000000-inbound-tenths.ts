import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What comes in is counted by tenths of seconds: whole seconds told up to twice as much as had come in during the last one. */
export class InboundTenths1766950000000 implements MigrationInterface {
  readonly name = 'InboundTenths1766950000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM inbound_pace;
      ALTER TABLE inbound_pace DROP COLUMN second, DROP COLUMN count, DROP COLUMN before,
        ADD COLUMN tenth bigint NOT NULL, ADD COLUMN counts integer[] NOT NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM inbound_pace;
      ALTER TABLE inbound_pace DROP COLUMN tenth, DROP COLUMN counts,
        ADD COLUMN second bigint NOT NULL, ADD COLUMN count integer NOT NULL, ADD COLUMN before integer NOT NULL;
    `);
  }
}
