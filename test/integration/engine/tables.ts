import type { Database } from '../../../src/platform/database/database.js';
import { newId } from '../../../src/platform/ids/ids.js';
import { CHANNEL } from './channel.js';
import type { Engine } from './engine.js';

export const WINDOW_MS = 24 * 60 * 60_000;
export const GROUP = 'waba';
export const PORTFOLIO = `${CHANNEL}:business`;
export const PEOPLE = 8;
/** Slow enough that a few messages meet the pace; the other one nearly as Meta has it. */
export const ACCOUNTS = [
  { address: 'slow', throughput: 4 },
  { address: 'fast', throughput: 20 },
] as const;

export interface Ids {
  readonly gatewayId: string;
  readonly accounts: readonly string[];
  readonly people: readonly { readonly contactId: string; readonly phone: string }[];
}

const KEPT = ['migration', 'installation', 'callback_uptime', 'process'];

/** An empty database with a gateway, two numbers of one business, and people whom it has never met. */
export async function furnish(engine: Engine, limit: number, seeded: number): Promise<Ids> {
  const { database, clock } = engine;
  const now = clock.now();
  const tables = await database.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class
     WHERE relnamespace = 'patchbay'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> ALL($1)`,
    [KEPT],
  );
  await database.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`);
  await database.query(`UPDATE callback_uptime SET up_since = $1, seen_at = $1`, [new Date(now.getTime() - WINDOW_MS)]);
  const [gatewayId, groupId] = [newId(), newId()];
  await database.query(
    `INSERT INTO gateway (id, uri, name, type, enabled, metadata, status, created_at, updated_at)
     VALUES ($1, 'acme', 'Acme', 'engine', true, '{}', 'ok', $2, $2)`,
    [gatewayId, now],
  );
  await database.query(
    `INSERT INTO account_group (id, gateway_id, channel, address, name, portfolio, details, subscribed, created_at, updated_at)
     VALUES ($1, $2, $3, $4, 'Acme', 'business', '{}', true, $5, $5)`,
    [groupId, gatewayId, CHANNEL, GROUP, now],
  );
  const accounts = ACCOUNTS.map(() => newId());
  await database.query(
    `INSERT INTO account (id, gateway_id, group_id, channel, address, name, details, active, enabled, created_at, updated_at)
     SELECT id, $1, $2, $3, address, address, jsonb_build_object('throughput', throughput), true, true, $4, $4
     FROM unnest($5::uuid[], $6::text[], $7::int[]) AS a (id, address, throughput)`,
    [
      gatewayId,
      groupId,
      CHANNEL,
      now,
      accounts,
      ACCOUNTS.map(({ address }) => address),
      ACCOUNTS.map((a) => a.throughput),
    ],
  );
  await database.query(
    `INSERT INTO portfolio (id, channel, messaging_limit, unlimited, used, used_authentication, used_utility, known_since)
     VALUES ($1, $2, $3, false, $4, 0, 0, $5)`,
    [PORTFOLIO, CHANNEL, limit, seeded, now],
  );
  if (seeded > 0)
    await database.query(
      `INSERT INTO tier_seed (id, portfolio_id, opened, opened_at, lapses_at) VALUES ($1, $2, $3, $4, $5)`,
      [newId(), PORTFOLIO, seeded, now, new Date(now.getTime() + WINDOW_MS)],
    );
  await engine.directory.refresh('*');
  const people = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const phone = `1650555${1000 + index}`;
    const person = { scope: { channel: CHANNEL, realm: 'business' }, phone };
    await engine.contacts.ensure([person]);
    const [contactId = ''] = (await engine.contacts.peekAll([person])).values();
    people.push({ contactId, phone });
  }
  return { gatewayId, accounts, people };
}

/** When a sweeper will find something to do. */
export async function nextDue(database: Database, woken: readonly string[]): Promise<number | undefined> {
  const [row] = await database.query<{ at: Date | null }>(
    `SELECT LEAST(
       (SELECT min(available_at) FROM outbound WHERE state = 'later' AND account_id <> ALL($1)),
       (SELECT min(available_at) FROM outbound WHERE state = 'scheduled'),
       (SELECT min(changed_at) FROM outbound WHERE state = 'ready' AND account_id <> ALL($1)),
       (SELECT min(expires_at) FROM outbound WHERE state IN ('scheduled', 'waiting', 'ready', 'later', 'held')),
       (SELECT min(changed_at) + interval '5001 ms' FROM outbound WHERE state = 'admitted'),
       (SELECT min(doubt_since + CASE class WHEN 0 THEN interval '30 s' ELSE interval '120 s' END) FROM outbound WHERE state = 'doubt'),
       (SELECT min(until) FROM class_hold),
       (SELECT min(until) FROM pause),
       (SELECT min(lapses_at) FROM tier_place p WHERE NOT EXISTS (SELECT FROM outbound o WHERE o.message_id = ANY (p.message_ids) AND o.has_place)),
       (SELECT min(lapses_at) FROM tier_seed)
     ) AS at`,
    [woken],
  );
  return row?.at?.getTime();
}

/** Where the ledger's counters and its places tell different stories, and places that nothing speaks for. */
export async function ledgerFaults(database: Database): Promise<readonly string[]> {
  const [counts] = await database.query<Record<string, number>>(
    `SELECT used, used_authentication, used_utility,
       (SELECT count(*)::int FROM tier_place) + (SELECT coalesce(sum(opened), 0)::int FROM tier_seed) AS recount,
       (SELECT count(*)::int FROM tier_place WHERE class = 0) AS recount_authentication,
       (SELECT count(*)::int FROM tier_place WHERE class IN (1, 2)) AS recount_utility FROM portfolio WHERE id = $1`,
    [PORTFOLIO],
  );
  const faults: string[] = [];
  for (const name of ['used', 'used_authentication', 'used_utility']) {
    const again = counts?.[name.replace('used', 'recount')];
    if (counts?.[name] !== again) faults.push(`ledger: ${name} is ${counts?.[name]}, recounted ${again}`);
  }
  const idle = await database.query<{ contact_id: string; message_ids: string[] }>(
    `SELECT contact_id, message_ids FROM tier_place p WHERE lapses_at IS NULL
       AND NOT EXISTS (SELECT FROM outbound o WHERE o.message_id = ANY (p.message_ids) AND o.has_place)`,
  );
  for (const { contact_id, message_ids } of idle)
    faults.push(`ledger: the place of ${contact_id} has no reason (${message_ids.join()})`);
  const needless = await database.query<{ message_id: string }>(
    `SELECT message_id FROM outbound o JOIN tier_place p USING (contact_id)
     WHERE o.state = 'held' AND o.held_reason = 'tier' AND p.message_ids <> '{}'`,
  );
  for (const { message_id } of needless) faults.push(`ledger: ${message_id} waits for a place that its person has`);
  return faults;
}

/** Lines without a head, heads without a message, and messages in a state that nothing moves. */
export async function lineFaults(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ what: string; id: string }>(
    `SELECT 'a head without its message' AS what, h.message_id AS id FROM head h
       WHERE NOT EXISTS (SELECT FROM outbound o WHERE o.message_id = h.message_id AND o.state NOT IN ('waiting', 'scheduled'))
     UNION ALL SELECT 'waits behind nobody', o.message_id FROM outbound o WHERE o.state = 'waiting'
       AND NOT EXISTS (SELECT FROM head h WHERE h.thread_id = o.thread_id AND h.class = o.class)
     UNION ALL SELECT 'is no head and ' || o.state, o.message_id FROM outbound o WHERE o.state NOT IN ('waiting', 'scheduled')
       AND NOT EXISTS (SELECT FROM head h WHERE h.message_id = o.message_id)
     UNION ALL SELECT 'is held for no reason', o.message_id FROM outbound o WHERE o.state = 'held' AND o.held_reason IS NULL`,
  );
  return rows.map(({ what, id }) => `line: ${id} ${what}`);
}

/** What is still open when everything is over and cannot say why: only a person's own word keeps a message for ever. */
export async function leftovers(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ message_id: string; state: string; held_reason: string | null }>(
    `SELECT o.message_id, o.state, o.held_reason FROM outbound o JOIN head h ON h.message_id = o.message_id
     WHERE NOT (o.state = 'held' AND o.held_reason = 'consent' AND o.expires_at IS NULL)`,
  );
  return rows.map(({ message_id, state, held_reason }) => `end: ${message_id} is still ${state} (${held_reason})`);
}
