import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of messages: what customers send, what goes out, and what of it the networks hold for us. */
export class Media1766100000000 implements MigrationInterface {
  readonly name = 'Media1766100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(FILES);
    await queryRunner.query(UPLOADS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE media_upload;
      DROP TABLE media_file;
    `);
  }
}

const FILES = `
-- The bytes are kept elsewhere, by their sha256 (hex). gateway_id null: any gateway may send it. told_sha256: what the network
-- says that it is. next_at: when it is tried, or when whoever tries counts as dead; null: nothing is left to do.
-- until: by then the network has forgotten it.
CREATE TABLE media_file (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  gateway_id uuid,
  account_id uuid,
  message_id uuid,
  provider_id text,
  provider_url text,
  url_until timestamptz,
  mime_type text,
  filename text,
  told_sha256 text,
  state text NOT NULL,
  sha256 text,
  size integer,
  attempts integer NOT NULL,
  next_at timestamptz,
  until timestamptz,
  error json
);

CREATE INDEX media_file_due ON media_file (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX media_file_sha256 ON media_file (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX media_file_used ON media_file (used_at);
`;

const UPLOADS = `
-- A file at the network, by the account that sends it: made once, used until the network forgets it.
CREATE TABLE media_upload (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL,
  account_id uuid NOT NULL,
  sha256 text NOT NULL,
  mime_type text NOT NULL,
  filename text,
  size integer NOT NULL,
  state text NOT NULL,
  provider_id text,
  settled_at timestamptz,
  expires_at timestamptz,
  attempts integer NOT NULL,
  next_at timestamptz,
  error json
);

CREATE UNIQUE INDEX media_upload_file ON media_upload (account_id, sha256);
CREATE INDEX media_upload_due ON media_upload (next_at) WHERE next_at IS NOT NULL;
`;
