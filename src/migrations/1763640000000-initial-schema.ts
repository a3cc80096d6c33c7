import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Everything issue-free installs start from. Bodies (events, messages) are partitioned by time; the unique keys that make
 * repeats harmless live in narrow tables beside them, since a partitioned table can only be unique together with its time.
 * Ids of messages, attempts and events are UUIDs of version 7: the time inside names the partition.
 */
export class InitialSchema1763640000000 implements MigrationInterface {
  readonly name = 'InitialSchema1763640000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(PLATFORM);
    await queryRunner.query(ACCESS_AND_GATEWAYS);
    await queryRunner.query(INBOX);
    await queryRunner.query(DIALOGS);
    await queryRunner.query(DELIVERY);
    await queryRunner.query(EVENTS);
    await queryRunner.query(VACUUM);
  }

  async down(): Promise<void> {
    throw new Error('The first migration cannot be reverted: drop the schema instead.');
  }
}

const PLATFORM = `
CREATE TABLE installation (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL
);
INSERT INTO installation VALUES (gen_random_uuid(), now());

-- One row per running process: claims of a process that no longer beats are taken back.
CREATE TABLE process (
  id uuid PRIMARY KEY,
  roles text[] NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);

-- Since when some process has been able to take provider callbacks without a gap.
CREATE TABLE callback_uptime (
  id smallint PRIMARY KEY,
  up_since timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);
INSERT INTO callback_uptime VALUES (1, now(), now());
`;

const ACCESS_AND_GATEWAYS = `
CREATE TABLE api_key (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  hash bytea NOT NULL,
  permissions text[] NOT NULL,
  gateways uuid[],
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  CONSTRAINT api_key_hash UNIQUE (hash)
);

-- deleted_at: history outlives a gateway, its secrets do not.
CREATE TABLE gateway (
  id uuid PRIMARY KEY,
  uri text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  enabled boolean NOT NULL,
  metadata jsonb NOT NULL,
  bot jsonb,
  app_key text,
  status text NOT NULL,
  status_reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz
);
CREATE UNIQUE INDEX gateway_uri ON gateway (uri) WHERE deleted_at IS NULL;
CREATE INDEX gateway_app_key ON gateway (app_key) WHERE deleted_at IS NULL;

CREATE TABLE account_group (
  id uuid PRIMARY KEY,
  gateway_id uuid NOT NULL,
  channel text NOT NULL,
  address text NOT NULL,
  name text NOT NULL,
  portfolio text,
  details jsonb NOT NULL,
  subscribed boolean NOT NULL,
  missing_since timestamptz,
  removed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT account_group_address UNIQUE (gateway_id, channel, address),
  CONSTRAINT account_group_gateway FOREIGN KEY (gateway_id) REFERENCES gateway (id)
);

CREATE TABLE account (
  id uuid PRIMARY KEY,
  gateway_id uuid NOT NULL,
  group_id uuid NOT NULL,
  channel text NOT NULL,
  address text NOT NULL,
  name text NOT NULL,
  phone text,
  details jsonb NOT NULL,
  active boolean NOT NULL,
  enabled boolean NOT NULL,
  bot jsonb,
  connected_since timestamptz,
  held_until timestamptz,
  held_reason text,
  missing_since timestamptz,
  removed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT account_address UNIQUE (gateway_id, channel, address),
  CONSTRAINT account_group_id FOREIGN KEY (group_id) REFERENCES account_group (id)
);
-- A sender is active in one gateway at a time.
CREATE UNIQUE INDEX account_active ON account (channel, address) WHERE active;

CREATE TABLE ticket (
  hash bytea PRIMARY KEY,
  gateway_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- status is empty while the first request still runs.
CREATE TABLE idempotency_key (
  owner text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  status smallint,
  answer json,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_key_created ON idempotency_key (created_at);
`;

const INBOX = `
CREATE SEQUENCE provider_event_id_seq AS bigint CACHE 1;
CREATE TABLE provider_event (
  id bigint NOT NULL DEFAULT nextval('provider_event_id_seq'),
  received_at timestamptz NOT NULL,
  scope text NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (id, received_at)
) PARTITION BY RANGE (received_at);
CREATE TABLE provider_event_default PARTITION OF provider_event DEFAULT;

-- What is not processed yet; scope is a gateway's id, or a shared callback such as meta/<app id>.
-- One index, since every webhook pays for each.
CREATE TABLE inbox_pending (
  scope text NOT NULL,
  event_id bigint NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (scope, event_id)
);

CREATE TABLE unhandled_event (
  id uuid PRIMARY KEY,
  gateway_id uuid,
  scope text NOT NULL,
  event_id bigint NOT NULL,
  received_at timestamptz NOT NULL,
  code text NOT NULL,
  detail text NOT NULL,
  path text NOT NULL,
  raw json,
  hash bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT unhandled_event_hash UNIQUE (hash)
);
CREATE INDEX unhandled_event_created ON unhandled_event (created_at);
`;

const DIALOGS = `
CREATE TABLE contact (
  id uuid PRIMARY KEY,
  name text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  merged_into uuid
);

-- kind: phone, user or username. replaced_at: it named this contact once and no longer does.
CREATE TABLE contact_identity (
  id uuid PRIMARY KEY,
  contact_id uuid NOT NULL,
  kind text NOT NULL,
  scope text NOT NULL,
  value text NOT NULL,
  created_at timestamptz NOT NULL,
  replaced_at timestamptz,
  CONSTRAINT contact_identity_contact FOREIGN KEY (contact_id) REFERENCES contact (id)
);
CREATE UNIQUE INDEX contact_identity_current ON contact_identity (kind, scope, value) WHERE replaced_at IS NULL;
CREATE INDEX contact_identity_by_contact ON contact_identity (contact_id);

-- One account's conversation with one contact, for good. A dialog is one session on it; order and window belong here.
CREATE TABLE thread (
  id uuid PRIMARY KEY,
  gateway_id uuid NOT NULL,
  account_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  last_inbound_at timestamptz,
  created_at timestamptz NOT NULL,
  CONSTRAINT thread_parties UNIQUE (account_id, contact_id)
);
CREATE INDEX thread_contact ON thread (contact_id);

CREATE TABLE dialog (
  id uuid PRIMARY KEY,
  thread_id uuid NOT NULL,
  gateway_id uuid NOT NULL,
  account_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  channel text NOT NULL,
  variables jsonb NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  alias_of uuid
);
CREATE UNIQUE INDEX dialog_open ON dialog (thread_id) WHERE closed_at IS NULL;
CREATE INDEX dialog_gateway ON dialog (gateway_id, id);
CREATE INDEX dialog_thread ON dialog (thread_id);

CREATE SEQUENCE message_seq AS bigint CACHE 1;
CREATE TABLE message (
  id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  seq bigint NOT NULL DEFAULT nextval('message_seq'),
  direction text NOT NULL,
  gateway_id uuid NOT NULL,
  account_id uuid NOT NULL,
  channel text NOT NULL,
  thread_id uuid NOT NULL,
  dialog_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  origin text NOT NULL,
  class text,
  status text NOT NULL,
  part text NOT NULL,
  content json NOT NULL,
  fallback json,
  recipient json,
  metadata json,
  notes json,
  reply_to uuid,
  reply_to_provider text,
  referral json,
  provider_id text,
  error json,
  held json,
  price json,
  occurred_at timestamptz NOT NULL,
  expires_at timestamptz,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE message_default PARTITION OF message DEFAULT;
CREATE INDEX message_dialog ON message (dialog_id, id);
CREATE INDEX message_gateway ON message (gateway_id, id);

-- Provider message id → message, as long as the message lives; one row is one effect.
CREATE TABLE message_ref (
  account_id uuid NOT NULL,
  provider_id text NOT NULL,
  message_id uuid NOT NULL,
  PRIMARY KEY (account_id, provider_id)
);

-- key: what makes a repeat a repeat, e.g. delivered| or held#3.
CREATE TABLE message_timeline (
  message_id uuid NOT NULL,
  message_created_at timestamptz NOT NULL,
  key text NOT NULL,
  status text NOT NULL,
  at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  detail json,
  PRIMARY KEY (message_id, key, message_created_at)
) PARTITION BY RANGE (message_created_at);
CREATE TABLE message_timeline_default PARTITION OF message_timeline DEFAULT;
`;

const DELIVERY = `
-- Open outbound messages only; a row leaves when its message is accepted or has finally failed.
-- state: waiting (behind another of its line), ready (head of its line), admitted (a job carries it),
-- sending (claimed, on the wire), doubt (the answer was lost).
CREATE TABLE outbound (
  message_id uuid PRIMARY KEY,
  line uuid NOT NULL,
  seq bigint NOT NULL,
  gateway_id uuid NOT NULL,
  account_id uuid NOT NULL,
  class text NOT NULL,
  state text NOT NULL,
  part text NOT NULL,
  attempt smallint NOT NULL,
  attempt_id uuid,
  available_at timestamptz NOT NULL,
  expires_at timestamptz,
  held_reason text,
  claimed_by uuid,
  changed_at timestamptz NOT NULL,
  doubt_since timestamptz
);
CREATE INDEX outbound_ready ON outbound (account_id, available_at, seq) WHERE state = 'ready';
CREATE INDEX outbound_waiting ON outbound (line, seq) WHERE state = 'waiting';
CREATE INDEX outbound_under_way ON outbound (state, changed_at) WHERE state IN ('admitted', 'sending', 'doubt');
CREATE INDEX outbound_flying ON outbound (account_id) WHERE state IN ('admitted', 'sending');
CREATE INDEX outbound_expiry ON outbound (expires_at) WHERE expires_at IS NOT NULL;

-- The lock of a line, and the name of its first open message. Only who deletes or moves a head promotes.
CREATE TABLE head (
  line uuid PRIMARY KEY,
  message_id uuid NOT NULL
);

CREATE TABLE attempt (
  id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  message_id uuid NOT NULL,
  part text NOT NULL,
  status text NOT NULL,
  provider_id text,
  error json,
  settled_at timestamptz,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE attempt_default PARTITION OF attempt DEFAULT;
CREATE INDEX attempt_message ON attempt (message_id);

-- Receipts that came before our own record of the message they speak of.
CREATE TABLE unmatched_receipt (
  account_id uuid NOT NULL,
  provider_id text NOT NULL,
  key text NOT NULL,
  receipt json NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, provider_id, key)
);
CREATE INDEX unmatched_receipt_recorded ON unmatched_receipt (recorded_at);
`;

const EVENTS = `
-- The outbox of events for bots: written in the transaction that makes them true.
CREATE TABLE event (
  id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  type text NOT NULL,
  gateway_id uuid NOT NULL,
  line uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE event_default PARTITION OF event DEFAULT;

-- state: lined (in order behind its neighbours), detached (two minutes of trying: goes on alone), parked.
CREATE SEQUENCE event_delivery_seq AS bigint CACHE 1;
CREATE TABLE event_delivery (
  event_id uuid NOT NULL,
  subscriber text NOT NULL,
  gateway_id uuid NOT NULL,
  line uuid NOT NULL,
  session uuid NOT NULL,
  seq bigint NOT NULL DEFAULT nextval('event_delivery_seq'),
  occurred_at timestamptz NOT NULL,
  type text NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL,
  first_tried_at timestamptz,
  next_at timestamptz NOT NULL,
  claimed_by uuid,
  last_error text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (event_id, subscriber)
);
CREATE INDEX event_delivery_lined ON event_delivery (line, subscriber, session, occurred_at, seq) WHERE state = 'lined';
CREATE INDEX event_delivery_detached ON event_delivery (next_at) WHERE state = 'detached';
CREATE INDEX event_delivery_parked ON event_delivery (created_at) WHERE state = 'parked';

-- One row per line that has events waiting: its lock, and when it wants to be looked at.
CREATE TABLE event_line (
  line uuid NOT NULL,
  subscriber text NOT NULL,
  gateway_id uuid NOT NULL,
  next_at timestamptz NOT NULL,
  claimed_by uuid,
  PRIMARY KEY (line, subscriber)
);
CREATE INDEX event_line_due ON event_line (next_at) WHERE claimed_by IS NULL;
CREATE INDEX event_line_claimed ON event_line (claimed_by) WHERE claimed_by IS NOT NULL;
`;

/**
 * Tables whose rows come and go within moments: what is dead in them outnumbers what is alive within a second, and everybody
 * reads past it. By default a fifth of a table may be dead, and vacuum rests between pages.
 */
const QUEUE_LIKE = ['inbox_pending', 'event_delivery', 'event_line', 'outbound', 'head'];

const VACUUM = QUEUE_LIKE.map(
  (table) => `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000)`,
).join(';\n');
