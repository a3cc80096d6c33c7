import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people said they want to get, and do not. */
export class Consent1765200000000 implements MigrationInterface {
  readonly name = 'Consent1765200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(CONSENT);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be reverted: opt-outs would be forgotten.');
  }
}

const CONSENT = `
-- topic: all or marketing. state: in or out. how: api, import, keyword, network, bot, or words. What stands per topic.
CREATE TABLE consent (
  contact_id uuid NOT NULL,
  topic text NOT NULL,
  state text NOT NULL,
  at timestamptz NOT NULL,
  how text NOT NULL,
  what text,
  message_id uuid,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (contact_id, topic),
  CONSTRAINT consent_contact FOREIGN KEY (contact_id) REFERENCES contact (id)
);

-- All that was ever recorded; the unique key makes a repeat harmless. source: the message in which it was said, or empty.
CREATE TABLE consent_history (
  id uuid PRIMARY KEY,
  contact_id uuid NOT NULL,
  topic text NOT NULL,
  state text NOT NULL,
  at timestamptz NOT NULL,
  how text NOT NULL,
  what text,
  source text NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT consent_history_once UNIQUE (contact_id, topic, at, state, how, source),
  CONSTRAINT consent_history_contact FOREIGN KEY (contact_id) REFERENCES contact (id)
);
`;
