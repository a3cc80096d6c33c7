import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a network has reviewed, and messages that wait for a paused one. */
export class Templates1764000000000 implements MigrationInterface {
  readonly name = 'Templates1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TEMPLATES);
    await queryRunner.query(HELD_BY_TEMPLATE);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be reverted: messages may be held by their templates.');
  }
}

const TEMPLATES = `
-- Templates belong to a group. standing: usable, paused or unusable, what the channel makes of the network's status.
-- told_*: the newest news that was applied, by the network's clock. noted_at: when we last applied any, by ours.
CREATE TABLE template (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  provider_id text,
  category text NOT NULL,
  status text NOT NULL,
  standing text NOT NULL,
  quality text,
  reason text,
  paused_until timestamptz,
  parameters json NOT NULL,
  components json NOT NULL,
  told_at timestamptz,
  told_key text,
  noted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT template_name UNIQUE (group_id, name, language),
  CONSTRAINT template_group FOREIGN KEY (group_id) REFERENCES account_group (id)
);
CREATE INDEX template_paused ON template (group_id) WHERE standing = 'paused';

-- When a group's list was read, and is to be read next. running_until: a reading that lasts longer has died.
CREATE TABLE template_sync (
  group_id uuid PRIMARY KEY,
  due_at timestamptz NOT NULL,
  tried_at timestamptz,
  running_until timestamptz,
  synced_at timestamptz,
  listed integer NOT NULL,
  failures integer NOT NULL,
  error text,
  CONSTRAINT template_sync_group FOREIGN KEY (group_id) REFERENCES account_group (id)
);
CREATE INDEX template_sync_due ON template_sync (due_at);
`;

const HELD_BY_TEMPLATE = `
-- blocked: a head whose template is paused. It is out of the index that admission reads, so that a paused campaign costs nothing.
ALTER TABLE outbound ADD COLUMN template_id uuid, ADD COLUMN blocked boolean NOT NULL DEFAULT false;
ALTER TABLE outbound ALTER COLUMN blocked DROP DEFAULT;
DROP INDEX outbound_ready;
CREATE INDEX outbound_ready ON outbound (account_id, available_at, seq) WHERE state = 'ready' AND NOT blocked;
CREATE INDEX outbound_template ON outbound (template_id, blocked) WHERE state = 'ready' AND template_id IS NOT NULL;
`;
