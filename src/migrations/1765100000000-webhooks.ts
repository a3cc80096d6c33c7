import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Any application beside the one bot, told the same events. */
export class Webhooks1765100000000 implements MigrationInterface {
  readonly name = 'Webhooks1765100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(WEBHOOK);
    await queryRunner.query(CLAIMS);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be reverted: events may be waiting for webhooks.');
  }
}

const WEBHOOK = `
-- secret: {"encrypted": "..."}. gateways: null means all. disabled_reason: why it is no longer called (it answered 410).
CREATE TABLE webhook (
  id uuid PRIMARY KEY,
  url text NOT NULL,
  secret jsonb NOT NULL,
  events text[] NOT NULL,
  gateways uuid[],
  disabled_reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
`;

const CLAIMS = `
-- What is due is claimed per subscriber, so that one that is slow never fills the hands of a worker: each finds its own at
-- once, however much waits for another.
DROP INDEX event_line_due;
CREATE INDEX event_line_due ON event_line (subscriber, next_at) WHERE claimed_by IS NULL;
DROP INDEX event_delivery_detached;
CREATE INDEX event_delivery_detached ON event_delivery (subscriber, next_at) WHERE state = 'detached';
-- Finds what waits for a webhook that is deleted; bots do not pay for it.
CREATE INDEX event_delivery_webhook ON event_delivery (subscriber) WHERE subscriber <> 'bot';
`;
