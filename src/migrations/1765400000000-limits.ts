import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How new an account's details are, and how many people a business has opened by day. */
export class Limits1765400000000 implements MigrationInterface {
  readonly name = 'Limits1765400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- By the network's clock: what it told before that is late, and changes nothing.
      ALTER TABLE account ADD COLUMN told_at timestamptz;

      -- People opened outside of windows by day (UTC): the way to the next tier is counted over 7 and 30 days.
      CREATE TABLE portfolio_day (
        portfolio_id text NOT NULL,
        day date NOT NULL,
        opened integer NOT NULL,
        PRIMARY KEY (portfolio_id, day)
      );
      CREATE INDEX portfolio_day_day ON portfolio_day (day);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE portfolio_day; ALTER TABLE account DROP COLUMN told_at');
  }
}
