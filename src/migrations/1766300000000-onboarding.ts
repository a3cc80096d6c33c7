import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Setups that are at the network's consent screen. */
export class Onboarding1766300000000 implements MigrationInterface {
  readonly name = 'Onboarding1766300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- hash: SHA-256 of the state, which is good once: coming back takes the row away.
      CREATE TABLE onboarding_state (
        hash bytea PRIMARY KEY,
        gateway_id uuid NOT NULL,
        channel text NOT NULL,
        started_by text NOT NULL,
        origin text NOT NULL,
        expires_at timestamptz NOT NULL
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE onboarding_state');
  }
}
