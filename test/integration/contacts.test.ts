import { beforeEach, describe, expect, it } from '@jest/globals';
import { ConsentHooks } from '../../src/dialog/consent/consent-hooks.js';
import { ContactRepository } from '../../src/dialog/contact.repository.js';
import { type Person, keyText, lookupKeys } from '../../src/dialog/person.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/database/database.js';
import { openTestDatabase } from '../support/database.js';

const SCOPE = { channel: 'whatsapp', realm: 'p1' };
const person = (phone: number, more: Partial<Person> = {}): Person => ({
  scope: SCOPE,
  phone: `1650${phone}`,
  ...more,
});

describe('people who are new', () => {
  let database: Database;
  let contacts: ContactRepository;

  beforeEach(async () => {
    database = await openTestDatabase({ poolSize: 10 });
    contacts = new ContactRepository(database, new ManualClock(), new ConsentHooks());
  });

  async function found(persons: readonly Person[]): Promise<readonly (string | undefined)[]> {
    const located = await database.transaction((sql) => contacts.locate(sql, persons));
    return persons.map((one) => located.get(keyText(lookupKeys(one)[0] as never)));
  }

  async function count(): Promise<number> {
    const [row] = await database.query<{ n: number }>('SELECT count(*)::int AS n FROM contact');
    return row?.n ?? NaN;
  }

  it('are one contact each, however many meet them at once and in whatever order', async () => {
    const people = Array.from({ length: 60 }, (_, index) => person(5_550_000 + index));
    const parts = Array.from({ length: 8 }, (_, index) => {
      const part = people.slice(index * 5, index * 5 + 25);
      return index % 2 ? part.toReversed() : part;
    });
    await Promise.all(parts.map((part) => contacts.ensure(part)));
    expect(new Set(await found(people)).size).toBe(60);
    expect(await count()).toBe(60);
  });

  it('do not wait for somebody who relies on who is who, nor they for them', async () => {
    const [ann, bob] = [person(5_550_001), person(5_550_002)];
    await contacts.ensure([ann]);
    await database.transaction(async (sql) => {
      await contacts.locate(sql, [ann]);
      await contacts.ensure([bob]);
      expect(await contacts.unsettled([ann, bob])).toEqual([]);
    });
  });

  it('who share a name with somebody are settled one after the other: nobody is left without', async () => {
    const twins = [person(5_550_003, { username: 'twin' }), person(5_550_004, { username: 'twin' })];
    await contacts.ensure(twins);
    const [first, second] = await found(twins);
    expect(first).not.toBe(second);
    expect((await contacts.unsettled(twins)).map(({ phone }) => phone)).toEqual([twins[0]?.phone]);
    await contacts.ensure([person(5_550_005, { username: 'twin', userId: 'US.5' })]);
    expect(await count()).toBe(3);
  });

  it('are left to whoever was first, without a contact that nobody names', async () => {
    const ann = person(5_550_006, { userId: 'US.6' });
    await Promise.all([contacts.ensure([ann]), contacts.ensure([person(5_550_006)]), contacts.ensure([ann])]);
    const nameless = await database.query(
      'SELECT 1 FROM contact c WHERE merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM contact_identity i WHERE i.contact_id = c.id)',
    );
    expect(nameless).toEqual([]);
    expect(await contacts.unsettled([ann])).toEqual([]);
  });
});
