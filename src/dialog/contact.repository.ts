import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import { ConsentHooks } from './consent/consent-hooks.js';
import { mergeContacts } from './merge-contacts.js';
import { type IdentityKey, type Person, keyText, lookupKeys, userKey, usernameKey } from './person.js';

interface Known {
  readonly contactId: string;
  readonly name: string | null;
}

/** One way to reach a contact. */
export interface IdentityRow {
  /** who it is now, where contacts were joined */
  readonly contactId: string;
  readonly kind: string;
  readonly value: string;
}

export function identitiesKey({ contactId, channel }: { contactId: string; channel: string }): string {
  return `${contactId}:${channel}`;
}

/** Held shared by who relies on contacts staying who they are, exclusively by who joins or splits them. */
const CONTACTS_LOCK = 7_240_612;

/**
 * Who is who. A contact has identities, each unique in its scope, and is never keyed on the phone: phones change hands.
 * Finding is one statement for a whole batch; what changes identities is rare and runs alone.
 */
@Injectable()
export class ContactRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly consents: ConsentHooks,
  ) {}

  /** Those for whom {@link ensure} would change something. */
  async unsettled(persons: readonly Person[]): Promise<readonly Person[]> {
    return (await this.look(persons)).open;
  }

  /** Makes sure that every person has a contact that carries all their identities. */
  async ensure(persons: readonly Person[]): Promise<void> {
    const { open, known } = await this.look(persons);
    const strangers = strangersAmong(open, known);
    const welcomed = new Set((await this.welcome(strangers)) ? strangers : []);
    const left = open.filter((person) => !welcomed.has(person));
    if (left.length === 0) return;
    const woken = await this.database.transaction(async (sql) => {
      await this.alone(sql);
      const reconsidered = new Set<string>();
      for (const person of left) await this.settle(sql, person, reconsidered);
      return this.consents.onChange(sql, [...reconsidered], this.clock.now());
    });
    this.consents.wake(woken);
  }

  /** The same for people of whom {@link peekAll} has just found nothing: most of a campaign, for whom that saves a look. */
  async meet(persons: readonly Person[]): Promise<void> {
    const strangers = strangersAmong(persons, new Map());
    if (strangers.length < persons.length || !(await this.welcome(strangers))) await this.ensure(persons);
  }

  /**
   * Contacts for people of whom nobody knows anything: whoever relies on who is who is not disturbed, so that a campaign to new
   * people and all else go on beside each other. False, and nothing is done, when somebody else wrote one of them down meanwhile.
   */
  private async welcome(strangers: readonly Person[]): Promise<boolean> {
    if (strangers.length === 0) return true;
    const now = this.clock.now();
    const rows = strangers.map((person) => ({ id: newId(now), person }));
    const identities = rows.flatMap(({ id, person }) => allKeys(person).map((key) => ({ contactId: id, key })));
    // In one order everywhere, so that two who write the same people wait for each other only once.
    const sorted = identities.toSorted((a, b) => (keyText(a.key) < keyText(b.key) ? -1 : 1));
    const overtaken = new Error('somebody else met one of them');
    try {
      await this.database.transaction(async (sql) => {
        await sql.query('SELECT pg_advisory_xact_lock_shared($1)', [CONTACTS_LOCK]);
        await sql.query(
          `INSERT INTO contact (id, name, created_at, updated_at)
           SELECT id, name, $3, $3 FROM unnest($1::uuid[], $2::text[]) AS c (id, name)`,
          [rows.map(({ id }) => id), rows.map(({ person }) => person.name ?? null), now],
        );
        const written = await sql.query(`${NAME} DO NOTHING RETURNING 1`, nameValues(sorted, now));
        if (written.length < sorted.length) throw overtaken;
      });
    } catch (error) {
      if (error === overtaken) return false;
      throw error;
    }
    return true;
  }

  private async look(
    persons: readonly Person[],
  ): Promise<{ readonly open: readonly Person[]; readonly known: ReadonlyMap<string, Known> }> {
    if (persons.length === 0) return { open: [], known: new Map() };
    const known = await this.find(this.database, persons);
    return { open: persons.filter((person) => !isSettled(person, known)), known };
  }

  /**
   * Contact ids of persons that {@link ensure} has seen, by {@link keyText} of any of their keys. Within a transaction nobody
   * joins or splits these contacts until it ends.
   */
  async locate(sql: Sql, persons: readonly Person[]): Promise<ReadonlyMap<string, string>> {
    await sql.query('SELECT pg_advisory_xact_lock_shared($1)', [CONTACTS_LOCK]);
    const found = await this.find(sql, persons);
    return new Map([...found].map(([key, { contactId }]) => [key, contactId]));
  }

  /** Until the transaction ends, nobody else relies on who is who. Comes before anything that relies on it in the transaction. */
  async alone(sql: Sql): Promise<void> {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [CONTACTS_LOCK]);
  }

  /** Contact ids of those persons that have a contact, by {@link keyText} of any of their keys; a glance, without a lock. */
  async peekAll(persons: readonly Person[]): Promise<ReadonlyMap<string, string>> {
    if (persons.length === 0) return new Map();
    const found = await this.find(this.database, persons);
    return new Map([...found].map(([key, { contactId }]) => [key, contactId]));
  }

  /** How contacts can be reached on a channel, by {@link identitiesKey}, the newest identity first. Joined ones are followed. */
  async identities(
    sql: Sql,
    wanted: readonly { contactId: string; channel: string }[],
  ): Promise<ReadonlyMap<string, readonly IdentityRow[]>> {
    const distinct = [...new Map(wanted.map((one) => [identitiesKey(one), one])).values()];
    const rows = await sql.query<{ asked: string; channel: string; id: string; kind: string; value: string }>(
      `SELECT k.contact_id AS asked, k.channel, i.contact_id AS id, i.kind, i.value
       FROM unnest($1::uuid[], $2::text[]) AS k (contact_id, channel)
       JOIN contact c ON c.id = k.contact_id
       JOIN contact_identity i ON i.contact_id = COALESCE(c.merged_into, c.id)
       WHERE i.replaced_at IS NULL AND (i.scope = k.channel OR i.scope LIKE k.channel || ':%') ORDER BY i.created_at DESC`,
      [distinct.map(({ contactId }) => contactId), distinct.map(({ channel }) => channel)],
    );
    const found = new Map<string, IdentityRow[]>();
    for (const { asked, channel, id, kind, value } of rows) {
      const key = identitiesKey({ contactId: asked, channel });
      const list = found.get(key) ?? [];
      list.push({ contactId: id, kind, value });
      found.set(key, list);
    }
    return found;
  }

  private async find(sql: Sql, persons: readonly Person[]): Promise<Map<string, Known>> {
    const keys = persons.flatMap(allKeys);
    const rows = await sql.query<IdentityKey & { contact_id: string; name: string | null }>(
      `SELECT i.kind, i.scope, i.value, i.contact_id, c.name
       FROM unnest($1::text[], $2::text[], $3::text[]) AS k (kind, scope, value)
       JOIN contact_identity i ON i.kind = k.kind AND i.scope = k.scope AND i.value = k.value AND i.replaced_at IS NULL
       JOIN contact c ON c.id = i.contact_id`,
      [keys.map(({ kind }) => kind), keys.map(({ scope }) => scope), keys.map(({ value }) => value)],
    );
    return new Map(rows.map((row) => [keyText(row), { contactId: row.contact_id, name: row.name }]));
  }

  /**
   * One person whose identities are only partly known, or belong to several contacts. Runs under the exclusive lock.
   *
   * @param reconsidered gets the contacts for whom another consent stands after a merge
   */
  private async settle(sql: Sql, person: Person, reconsidered: Set<string>): Promise<void> {
    const known = await this.find(sql, [person]);
    const byUser = person.userId ? known.get(keyText(userKey(person.scope, person.userId)))?.contactId : undefined;
    const phones = lookupKeys(person).filter(({ kind }) => kind === 'phone');
    const byPhone = phones.map((key) => known.get(keyText(key))?.contactId).find((id) => id !== undefined);
    const contactId = await this.choose(sql, person, byUser, byPhone, phones, reconsidered);
    const missing = lookupKeys(person).filter((key) => known.get(keyText(key))?.contactId !== contactId);
    if (person.username && known.get(keyText(usernameKey(person.scope, person.username)))?.contactId !== contactId) {
      const key = usernameKey(person.scope, person.username);
      await this.release(sql, [key]);
      await this.releaseUsername(sql, contactId, key.scope);
      missing.push(key);
    }
    await this.name(
      sql,
      missing.map((key) => ({ contactId, key })),
    );
    const user = missing.find(({ kind }) => kind === 'user');
    if (user) await this.replaceOutdated(sql, contactId, user);
    if (person.name) {
      await sql.query('UPDATE contact SET name = $2, updated_at = $3 WHERE id = $1 AND name IS DISTINCT FROM $2', [
        contactId,
        person.name,
        this.clock.now(),
      ]);
    }
  }

  private async choose(
    sql: Sql,
    person: Person,
    byUser: string | undefined,
    byPhone: string | undefined,
    phones: readonly IdentityKey[],
    reconsidered: Set<string>,
  ): Promise<string> {
    if (!byUser && !byPhone) return this.create(sql, person);
    if (byUser === byPhone || !byPhone) return byUser ?? this.create(sql, person);
    if (!person.userId) return byPhone;
    if (!(await this.hasOtherUser(sql, byPhone, person))) {
      if (byUser && (await mergeContacts(sql, byPhone, byUser, this.clock.now()))) reconsidered.add(byUser);
      return byUser ?? byPhone;
    }
    // The phone was recycled: it names somebody else now. Nothing but the phone moves.
    await this.release(sql, phones);
    return byUser ?? this.create(sql, person);
  }

  private async hasOtherUser(sql: Sql, contactId: string, person: Person): Promise<boolean> {
    const { scope, value } = userKey(person.scope, person.userId ?? '');
    const rows = await sql.query(
      `SELECT 1 FROM contact_identity WHERE contact_id = $1 AND kind = 'user' AND scope = $2 AND value <> $3
         AND replaced_at IS NULL AND NOT outdated`,
      [contactId, scope, value],
    );
    return rows.length > 0;
  }

  private async create(sql: Sql, person: Person): Promise<string> {
    const now = this.clock.now();
    const id = newId(now);
    await sql.query('INSERT INTO contact (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)', [
      id,
      person.name ?? null,
      now,
    ]);
    return id;
  }

  /** The identities no longer name whom they named; the rows stay as history. */
  private async release(sql: Sql, keys: readonly IdentityKey[]): Promise<void> {
    await sql.query(
      `UPDATE contact_identity i SET replaced_at = $4
       FROM unnest($1::text[], $2::text[], $3::text[]) AS k (kind, scope, value)
       WHERE i.replaced_at IS NULL AND i.kind = k.kind AND i.scope = k.scope AND i.value = k.value`,
      [keys.map(({ kind }) => kind), keys.map(({ scope }) => scope), keys.map(({ value }) => value), this.clock.now()],
    );
  }

  /** Another id has come in the place of those that the network had called into question. */
  private async replaceOutdated(sql: Sql, contactId: string, { scope, value }: IdentityKey): Promise<void> {
    await sql.query(
      `UPDATE contact_identity SET replaced_at = $4
       WHERE contact_id = $1 AND kind = 'user' AND scope = $2 AND value <> $3 AND replaced_at IS NULL AND outdated`,
      [contactId, scope, value, this.clock.now()],
    );
  }

  private async releaseUsername(sql: Sql, contactId: string, scope: string): Promise<void> {
    await sql.query(
      `UPDATE contact_identity SET replaced_at = $3
       WHERE replaced_at IS NULL AND kind = 'username' AND contact_id = $1 AND scope = $2`,
      [contactId, scope, this.clock.now()],
    );
  }

  private async name(sql: Sql, identities: readonly { contactId: string; key: IdentityKey }[]): Promise<void> {
    if (identities.length === 0) return;
    const values = nameValues(identities, this.clock.now());
    await sql.query(`${NAME} DO UPDATE SET contact_id = excluded.contact_id`, values);
  }
}

const NAME = `INSERT INTO contact_identity (id, contact_id, kind, scope, value, created_at)
  SELECT id, contact_id, kind, scope, value, $6
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[]) AS i (id, contact_id, kind, scope, value)
  ON CONFLICT (kind, scope, value) WHERE replaced_at IS NULL`;

function nameValues(identities: readonly { contactId: string; key: IdentityKey }[], now: Date): readonly unknown[] {
  return [
    identities.map(() => newId(now)),
    identities.map(({ contactId }) => contactId),
    identities.map(({ key }) => key.kind),
    identities.map(({ key }) => key.scope),
    identities.map(({ key }) => key.value),
    now,
  ];
}

function allKeys(person: Person): readonly IdentityKey[] {
  const keys = lookupKeys(person);
  return person.username ? [...keys, usernameKey(person.scope, person.username)] : keys;
}

/** Those of whom nothing is known, and who share nothing with one that came before them. */
function strangersAmong(persons: readonly Person[], known: ReadonlyMap<string, Known>): readonly Person[] {
  const seen = new Set<string>();
  return persons.filter((person) => {
    const keys = allKeys(person).map(keyText);
    const isStranger = keys.length > 0 && keys.every((key) => !known.has(key) && !seen.has(key));
    for (const key of keys) seen.add(key);
    return isStranger;
  });
}

/** True when every identity of the person names one and the same contact, and its name is up to date. */
function isSettled(person: Person, known: ReadonlyMap<string, Known>): boolean {
  const [first, ...others] = allKeys(person).map((key) => known.get(keyText(key)));
  if (!first || others.some((other) => other?.contactId !== first.contactId)) return false;
  return person.name === undefined || person.name === first.name;
}
