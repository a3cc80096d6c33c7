import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every change of an outbound message's state writes to each index that the row is in: what is under way is found by one of
 * them, and what never expires is in none for it.
 */
export class LeanOutbound1765700000000 implements MigrationInterface {
  readonly name = 'LeanOutbound1765700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX outbound_under_way;
      DROP INDEX outbound_flying;
      DROP INDEX outbound_expiry;
      CREATE INDEX outbound_under_way ON outbound (account_id, state) WHERE state IN ('admitted', 'sending', 'doubt');
      CREATE INDEX outbound_expiry ON outbound (expires_at)
        WHERE expires_at IS NOT NULL AND state IN ('scheduled', 'waiting', 'ready', 'later', 'held');
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX outbound_under_way;
      DROP INDEX outbound_expiry;
      CREATE INDEX outbound_under_way ON outbound (state, changed_at) WHERE state IN ('admitted', 'sending', 'doubt');
      CREATE INDEX outbound_flying ON outbound (account_id) WHERE state IN ('admitted', 'sending');
      CREATE INDEX outbound_expiry ON outbound (expires_at) WHERE state IN ('scheduled', 'waiting', 'ready', 'later', 'held');
    `);
  }
}
