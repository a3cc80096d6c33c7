import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Patchbay notices about itself and its gateways, and what it needs to notice it cheaply. */
export class Watching1765300000000 implements MigrationInterface {
  readonly name = 'Watching1765300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(WARNINGS);
    await queryRunner.query(PULSE);
    await queryRunner.query(HELD);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX outbound_held_since;
      DROP TABLE account_pulse;
      DROP TABLE gateway_warning;
      ALTER TABLE gateway DROP COLUMN credentials_expire_at;
    `);
  }
}

const WARNINGS = `
-- subject: whom of the gateway it is about, an account's address; '' is the gateway itself. level: what has to change for the
-- same warning to be worth another word. until: it ends by itself.
CREATE TABLE gateway_warning (
  gateway_id uuid NOT NULL,
  code text NOT NULL,
  subject text NOT NULL,
  level text NOT NULL,
  detail text NOT NULL,
  raised_at timestamptz NOT NULL,
  until timestamptz,
  PRIMARY KEY (gateway_id, code, subject)
);

ALTER TABLE gateway ADD COLUMN credentials_expire_at timestamptz;
`;

const PULSE = `
-- unreceipted: accepted since the last receipt, the first of them at unreceipted_since.
CREATE TABLE account_pulse (
  account_id uuid PRIMARY KEY,
  accepted_at timestamptz,
  receipt_at timestamptz,
  unreceipted integer NOT NULL,
  unreceipted_since timestamptz
);
`;

const HELD = `
CREATE INDEX outbound_held_since ON outbound (held_reason, changed_at) WHERE held_reason IS NOT NULL;
`;
