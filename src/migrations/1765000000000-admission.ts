import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everything that decides when a message may go: lines per class, holds, paces, messaging tiers. */
export class Admission1765000000000 implements MigrationInterface {
  readonly name = 'Admission1765000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(MESSAGES);
    await queryRunner.query(LINES);
    await queryRunner.query(HOLDS);
    await queryRunner.query(PACES);
    await queryRunner.query(TIERS);
    await queryRunner.query(VACUUM);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be reverted: messages may be scheduled, held or counted.');
  }
}

const MESSAGES = `
ALTER TABLE message ADD COLUMN send_at timestamptz, ADD COLUMN deliver_within integer;

-- Messages that somebody wants to hear of when they were not delivered in time.
CREATE TABLE delivery_watch (
  message_id uuid PRIMARY KEY,
  due_at timestamptz NOT NULL
);
CREATE INDEX delivery_watch_due ON delivery_watch (due_at);
`;

const LINES = `
-- A line is a thread and a class (0 authentication, 1 reply, 2 utility, 3 marketing). state: scheduled (not in its line yet),
-- waiting (behind another of its line), ready (head of its line), later (head; comes back at available_at), held (head; comes
-- back when its cause is gone), admitted (a job carries it), sending (on the wire), doubt (the answer was lost).
-- kind: 0 free-form, 1 template, 2 native. opens: outside a window it would open one more person to the business.
-- window_until: free-form; when the window closes that it was taken in.
DROP INDEX outbound_ready;
DROP INDEX outbound_template;
DROP INDEX outbound_waiting;
DROP INDEX outbound_expiry;
ALTER TABLE outbound RENAME COLUMN line TO thread_id;
ALTER TABLE outbound ADD COLUMN rank smallint;
UPDATE outbound SET rank = CASE class WHEN 'authentication' THEN 0 WHEN 'reply' THEN 1 WHEN 'utility' THEN 2 ELSE 3 END;
ALTER TABLE outbound DROP COLUMN class;
ALTER TABLE outbound RENAME COLUMN rank TO class;
ALTER TABLE outbound ALTER COLUMN class SET NOT NULL,
  ADD COLUMN contact_id uuid,
  ADD COLUMN kind smallint NOT NULL DEFAULT 0,
  ADD COLUMN has_fallback boolean NOT NULL DEFAULT false,
  ADD COLUMN opens boolean NOT NULL DEFAULT false,
  ADD COLUMN has_place boolean NOT NULL DEFAULT false,
  ADD COLUMN window_until timestamptz;
UPDATE outbound o SET contact_id = t.contact_id FROM thread t WHERE t.id = o.thread_id;
UPDATE outbound o SET kind = CASE json_extract_path_text(CASE o.part WHEN 'fallback' THEN m.fallback ELSE m.content END, 'type')
    WHEN 'template' THEN 1 WHEN 'native' THEN 2 ELSE 0 END, has_fallback = m.fallback IS NOT NULL
  FROM message m WHERE m.id = o.message_id;
UPDATE outbound SET state = 'held' WHERE blocked AND state = 'ready';
UPDATE outbound SET state = 'later' WHERE state = 'ready' AND available_at > now();
ALTER TABLE outbound DROP COLUMN blocked, ALTER COLUMN contact_id SET NOT NULL, ALTER COLUMN kind DROP DEFAULT,
  ALTER COLUMN has_fallback DROP DEFAULT, ALTER COLUMN opens DROP DEFAULT, ALTER COLUMN has_place DROP DEFAULT;

CREATE INDEX outbound_ready ON outbound (account_id, class, opens, seq) WHERE state = 'ready';
CREATE INDEX outbound_closing ON outbound (account_id, window_until) WHERE state = 'ready' AND window_until IS NOT NULL;
CREATE INDEX outbound_later ON outbound (account_id, available_at) WHERE state = 'later';
CREATE INDEX outbound_held ON outbound (account_id, held_reason, class, seq) WHERE state = 'held';
CREATE INDEX outbound_scheduled ON outbound (available_at) WHERE state = 'scheduled';
CREATE INDEX outbound_template ON outbound (template_id, state) WHERE template_id IS NOT NULL AND state IN ('ready', 'held');
CREATE INDEX outbound_thread ON outbound (thread_id, class, seq);
CREATE INDEX outbound_expiry ON outbound (expires_at) WHERE state IN ('scheduled', 'waiting', 'ready', 'later', 'held');

DROP TABLE head;
-- The lock of a line, and the name of its first open message. Only who deletes or moves a head promotes.
CREATE TABLE head (
  thread_id uuid NOT NULL,
  class smallint NOT NULL,
  message_id uuid NOT NULL,
  PRIMARY KEY (thread_id, class)
);
INSERT INTO head (thread_id, class, message_id)
SELECT DISTINCT ON (thread_id, class) thread_id, class, message_id FROM outbound
ORDER BY thread_id, class, state = 'waiting', seq;
UPDATE outbound o SET state = 'ready' FROM head h WHERE h.message_id = o.message_id AND o.state = 'waiting';
`;

const HOLDS = `
-- What the network holds of an account, by class and for what. until is empty where only a change ends it.
CREATE TABLE class_hold (
  account_id uuid NOT NULL,
  class smallint NOT NULL,
  code text NOT NULL,
  detail text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz,
  PRIMARY KEY (account_id, class, code)
);
INSERT INTO class_hold (account_id, class, code, detail, since, until)
SELECT a.id, c, 'account.held', coalesce(a.held_reason, 'The network restricts this account.'), now(), a.held_until
FROM account a, generate_series(0, 3) AS c WHERE a.held_until > now();
ALTER TABLE account DROP COLUMN held_until, DROP COLUMN held_reason;

-- What a person must be spared for a while; class -1: every class.
CREATE TABLE thread_hold (
  thread_id uuid NOT NULL,
  class smallint NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (thread_id, class)
);
CREATE INDEX thread_hold_until ON thread_hold (until);

-- The stop switch. Empty columns mean all: all gateways, all accounts, all classes.
CREATE TABLE pause (
  id uuid PRIMARY KEY,
  gateway_id uuid,
  account_id uuid,
  class smallint,
  reason text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz
);
`;

const PACES = `
-- tat: when, in milliseconds of Unix time, the account's next message is due if it keeps its pace. turn: slots given so far.
-- factor: what a refusal for speed has left of the pace.
CREATE TABLE account_pace (
  account_id uuid PRIMARY KEY,
  tat double precision NOT NULL,
  turn bigint NOT NULL,
  factor real NOT NULL,
  lowered_at timestamptz
);

-- Messages that came in, of this second and the one before.
CREATE TABLE inbound_pace (
  account_id uuid PRIMARY KEY,
  second bigint NOT NULL,
  count integer NOT NULL,
  before integer NOT NULL
);

-- The same for one person, in milliseconds too. burst: when the burst began that is being repaid. strikes: refusals in a row.
CREATE TABLE pair_pace (
  thread_id uuid PRIMARY KEY,
  tat double precision NOT NULL,
  burst double precision NOT NULL,
  strikes smallint NOT NULL
);
`;

const TIERS = `
-- What shares one messaging limit. id: channel and the network's id of the business, or of the group where that is unknown.
-- messaging_limit: people in 24 h; empty where unlimited is true or nobody has told. used: places taken, of those by class.
CREATE TABLE portfolio (
  id text PRIMARY KEY,
  channel text NOT NULL,
  tier text,
  messaging_limit integer,
  unlimited boolean NOT NULL,
  told_at timestamptz,
  source text,
  used integer NOT NULL,
  used_authentication integer NOT NULL,
  used_utility integer NOT NULL,
  known_since timestamptz NOT NULL,
  seeded_at timestamptz
);

-- People that the business opened outside of windows. A place is taken at admission (by message_ids, while these are open),
-- counts from delivered, and ends a day after the last acceptance: lapses_at is empty until then.
CREATE TABLE tier_place (
  portfolio_id text NOT NULL,
  contact_id uuid NOT NULL,
  class smallint NOT NULL,
  message_ids uuid[] NOT NULL,
  counted boolean NOT NULL,
  opened_at timestamptz NOT NULL,
  lapses_at timestamptz,
  PRIMARY KEY (portfolio_id, contact_id)
);
CREATE INDEX tier_place_lapse ON tier_place (lapses_at) WHERE lapses_at IS NOT NULL;
CREATE INDEX tier_place_contact ON tier_place (contact_id);

-- What another system had opened before we were here.
CREATE TABLE tier_seed (
  id uuid PRIMARY KEY,
  portfolio_id text NOT NULL,
  opened integer NOT NULL,
  opened_at timestamptz NOT NULL,
  lapses_at timestamptz NOT NULL
);
CREATE INDEX tier_seed_lapse ON tier_seed (lapses_at);

-- is_foreign: told of a message that another system sent on the same account, and not counted yet.
ALTER TABLE unmatched_receipt ADD COLUMN is_foreign boolean NOT NULL DEFAULT false;
ALTER TABLE unmatched_receipt ALTER COLUMN is_foreign DROP DEFAULT;
CREATE INDEX unmatched_receipt_foreign ON unmatched_receipt (recorded_at) WHERE is_foreign;
`;

const VACUUM = ['head', 'account_pace', 'inbound_pace', 'pair_pace', 'delivery_watch', 'portfolio']
  .map(
    (table) => `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000)`,
  )
  .join(';\n');
