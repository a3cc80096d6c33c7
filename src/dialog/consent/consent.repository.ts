import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';
import {
  type ConsentChange,
  type ConsentEntry,
  type ConsentStanding,
  type ConsentState,
  type ConsentTopic,
  secondOf,
} from './consent.js';

export interface ConsentRecord extends ConsentEntry {
  readonly id: string;
  readonly topic: ConsentTopic;
}

interface Row {
  contact_id: string;
  topic: ConsentTopic;
  state: ConsentState;
  at: Date;
  how: string;
  what: string | null;
  message_id: string | null;
  recorded_at: Date;
}

/** What makes a record the same record. */
type Identifying = Omit<ConsentChange, 'what' | 'messageId'> & { readonly messageId?: string | null };

const NOBODY: ReadonlySet<string> = new Set();

/** What contacts said they want to get: what stands, and all that was ever recorded. */
@Injectable()
export class ConsentRepository {
  constructor(private readonly database: Database) {}

  /**
   * What stands for these contacts; who never said anything is not in the answer.
   *
   * @param lock nobody can change it until the transaction ends. For messages that are about to be held by it: a change that
   * lifts it then waits, and finds them.
   */
  async standings(
    sql: Sql,
    contactIds: readonly string[],
    { lock = false }: { lock?: boolean } = {},
  ): Promise<ReadonlyMap<string, ConsentStanding>> {
    const standings = new Map<string, Partial<Record<ConsentTopic, ConsentEntry>>>();
    if (contactIds.length === 0) return standings;
    if (lock) await sql.query('SELECT id FROM contact WHERE id = ANY($1) ORDER BY id FOR SHARE', [contactIds]);
    const rows = await sql.query<Row>(
      `SELECT contact_id, topic, state, at, how, what, message_id, recorded_at FROM consent WHERE contact_id = ANY($1)`,
      [contactIds],
    );
    for (const row of rows) {
      const standing = standings.get(row.contact_id) ?? {};
      standing[row.topic] = entryOf(row);
      standings.set(row.contact_id, standing);
    }
    return standings;
  }

  /**
   * Writes down what was said, many at once. What is older than what stands goes to the history alone; what was recorded before
   * changes nothing.
   *
   * @returns the contacts for whom something else stands now, by the ids that go on (a contact may have been merged)
   */
  async record(sql: Sql, changes: readonly ConsentChange[], now: Date): Promise<ReadonlySet<string>> {
    if (changes.length === 0) return NOBODY;
    const current = await this.lock(
      sql,
      changes.map(({ contactId }) => contactId),
    );
    const known = changes.flatMap((change) => {
      const contactId = current.get(change.contactId);
      return contactId === undefined ? [] : [{ ...change, contactId }];
    });
    return this.settle(sql, newestOf(await this.append(sql, known, now), now), now);
  }

  /** Newest first. */
  async history(contactId: string, before: string | null, limit: number): Promise<readonly ConsentRecord[]> {
    const rows = await this.database.query<Row & { id: string }>(
      `SELECT id, contact_id, topic, state, at, how, what, NULLIF(source, '') AS message_id, recorded_at FROM consent_history
       WHERE contact_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [contactId, before, limit],
    );
    return rows.map((row) => ({ ...entryOf(row), id: row.id, topic: row.topic }));
  }

  /** Contact id as given → the one that goes on, all of them locked against merges and other records. */
  private async lock(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const lock = 'SELECT id, merged_into FROM contact WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE';
    const rows = await sql.query<{ id: string; merged_into: string | null }>(lock, [ids]);
    const targets = rows.flatMap(({ merged_into: into }) => (into === null ? [] : [into]));
    if (targets.length > 0) await sql.query(lock, [targets]);
    return new Map(rows.map(({ id, merged_into: into }) => [id, into ?? id]));
  }

  private async append(sql: Sql, changes: readonly ConsentChange[], now: Date): Promise<readonly ConsentChange[]> {
    const rows = await sql.query<Identifying>(
      `INSERT INTO consent_history (id, contact_id, topic, state, at, how, what, source, recorded_at)
       SELECT id, contact_id, topic, state, at, how, what, COALESCE(message_id::text, ''), $9
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::uuid[])
         AS c (id, contact_id, topic, state, at, how, what, message_id)
       ON CONFLICT (contact_id, topic, at, state, how, source) DO NOTHING
       RETURNING contact_id AS "contactId", topic, state, at, how, NULLIF(source, '') AS "messageId"`,
      [changes.map(() => newId(now)), ...columnsOf(changes), now],
    );
    const fresh = new Set(rows.map(keyOf));
    return changes.filter((change) => fresh.has(keyOf(change)));
  }

  private async settle(sql: Sql, changes: readonly ConsentChange[], now: Date): Promise<ReadonlySet<string>> {
    if (changes.length === 0) return NOBODY;
    const rows = await sql.query<{ contact_id: string }>(
      `INSERT INTO consent (contact_id, topic, state, at, how, what, message_id, recorded_at)
       SELECT contact_id, topic, state, at, how, what, message_id, $8
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::uuid[])
         AS c (contact_id, topic, state, at, how, what, message_id)
       ON CONFLICT (contact_id, topic) DO UPDATE SET state = excluded.state, at = excluded.at, how = excluded.how,
         what = excluded.what, message_id = excluded.message_id, recorded_at = excluded.recorded_at
       WHERE date_trunc('second', excluded.at) >= date_trunc('second', consent.at)
       RETURNING contact_id`,
      [...columnsOf(changes), now],
    );
    return new Set(rows.map(({ contact_id }) => contact_id));
  }
}

function columnsOf(changes: readonly ConsentChange[]): readonly unknown[] {
  return [
    changes.map(({ contactId }) => contactId),
    changes.map(({ topic }) => topic),
    changes.map(({ state }) => state),
    changes.map(({ at }) => at),
    changes.map(({ how }) => how),
    changes.map(({ what }) => what ?? null),
    changes.map(({ messageId }) => messageId ?? null),
  ];
}

/** One per contact and topic, since a statement can write a row but once. A clock that is ahead cannot outrun later words. */
function newestOf(changes: readonly ConsentChange[], now: Date): readonly ConsentChange[] {
  const newest = new Map<string, ConsentChange>();
  for (const change of changes) {
    const key = `${change.contactId} ${change.topic}`;
    const clamped = { ...change, at: change.at > now ? now : change.at };
    const before = newest.get(key);
    if (!before || secondOf(clamped.at) >= secondOf(before.at)) newest.set(key, clamped);
  }
  return [...newest.values()];
}

function keyOf({ contactId, topic, at, state, how, messageId }: Identifying): string {
  return [contactId, topic, at.getTime(), state, how, messageId ?? ''].join('\u001f');
}

function entryOf(row: Row): ConsentEntry {
  const { state, at, how, what } = row;
  return { state, at, how, what, messageId: row.message_id, recordedAt: row.recorded_at };
}
