import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts are read anew between two setups, have credentials of their own, and a PIN where they were registered here. */
export class AccountCare1766200000000 implements MigrationInterface {
  readonly name = 'AccountCare1766200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- {"encrypted"}; null: the gateway's. credential_expires_at: where the network says so.
      ALTER TABLE account ADD COLUMN credential jsonb, ADD COLUMN credential_expires_at timestamptz, ADD COLUMN pin jsonb
    `);
    await queryRunner.query(`
      -- When a group's accounts were read, and when they are to be read next. running_until: a lease, for one reading at a time.
      CREATE TABLE account_sync (
        group_id uuid PRIMARY KEY,
        due_at timestamptz NOT NULL,
        tried_at timestamptz,
        running_until timestamptz,
        read_at timestamptz,
        failures integer NOT NULL,
        error text,
        CONSTRAINT account_sync_group FOREIGN KEY (group_id) REFERENCES account_group (id)
      );
      CREATE INDEX account_sync_due ON account_sync (due_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE account_sync;
      ALTER TABLE account DROP COLUMN credential, DROP COLUMN credential_expires_at, DROP COLUMN pin;
    `);
  }
}
