import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who answers a conversation, who somebody is after a change of number, and what networks tell of accounts. */
export class Conversations1766000000000 implements MigrationInterface {
  readonly name = 'Conversations1766000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- us: ours; handover, standby: another responder's, as the network said or as its traffic shows. Since when, by its clock.
      ALTER TABLE thread ADD COLUMN responder text, ADD COLUMN responder_at timestamptz;

      -- The bot is told of no message until then, because somebody else answers.
      ALTER TABLE dialog ADD COLUMN bot_paused_until timestamptz, ADD COLUMN bot_paused_by text;

      -- The network said that it may have been replaced, but not by what: the next one that comes in its place does.
      ALTER TABLE contact_identity ADD COLUMN outdated boolean NOT NULL DEFAULT false;

      -- What else came with a message: forwarded, product, standby, by.
      ALTER TABLE message ADD COLUMN context json;

      -- The last news of each kind, {at, value}: setup overwrites details, and leaves these.
      ALTER TABLE account ADD COLUMN news jsonb NOT NULL DEFAULT '{}';
      ALTER TABLE account_group ADD COLUMN news jsonb NOT NULL DEFAULT '{}';
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE account_group DROP COLUMN news;
      ALTER TABLE account DROP COLUMN news;
      ALTER TABLE message DROP COLUMN context;
      ALTER TABLE contact_identity DROP COLUMN outdated;
      ALTER TABLE dialog DROP COLUMN bot_paused_until, DROP COLUMN bot_paused_by;
      ALTER TABLE thread DROP COLUMN responder, DROP COLUMN responder_at;
    `);
  }
}
